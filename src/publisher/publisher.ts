/**
 * Alerts and state → MQTT. Nobody ever waits for the broker: alerts go through a bounded outbox, state topics keep the latest
 * value, and one loop keeps one connection. Every connect begins with `online` and all state; the will is `offline`, a clean end
 * says `stopped` after the last alert was acknowledged.
 */
import { randomBytes } from 'node:crypto';
import type { MqttConfig } from '../config/config.ts';
import { runForever } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { RetryableError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { Alert, AlertDraft } from '../messages/alert.ts';
import type { CameraStats, CameraStatus, PersonCount } from '../messages/camera.ts';
import type { BrokerHealth, StorageState } from '../messages/health.ts';
import { EmbeddedBroker } from './broker.ts';
import { type BrokerAddress, brokerAddress, Connection, type Session } from './connection.ts';
import { Outbox } from './outbox.ts';
import { StateTopics } from './state-topics.ts';

const MAX_ALERTS = 1000;
const MAX_IN_FLIGHT = 100;
const BACKOFF = { minMs: 250, maxMs: 5000, healthyAfterMs: 10_000 };
const DELIVER_WITHIN_MS = 2000;
const STOPPED_WITHIN_MS = 1000;

export interface PublisherOptions {
  readonly node: string;
  readonly mqtt: MqttConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** the embedded broker takes the next free port where mqtt.port is taken */
  readonly fallbackPort?: boolean;
  /** alerts kept while the broker is away; default 1000 */
  readonly maxAlerts?: number;
}

type Situation = Pick<BrokerHealth, 'state' | 'reason' | 'sinceMs'>;

export class Publisher implements AsyncDisposable {
  readonly #options: PublisherOptions;
  readonly #address: BrokerAddress | undefined;
  readonly #embedded: EmbeddedBroker | undefined;
  readonly #epoch = randomBytes(8).toString('hex');
  readonly #outbox: Outbox;
  readonly #states = new StateTopics();
  /** people so far, per camera */
  readonly #totals = new Map<string, number>();
  readonly #stop = new AbortController();
  #seq = 0;
  #session: Session | undefined;
  #situation: Situation;
  #droppedBefore = 0;
  #running: Promise<void> = Promise.resolve();
  #onProgress: () => void = () => undefined;
  #closing: Promise<void> | undefined;

  /** Starts the embedded broker where one is asked for (a UserError where its port is taken); never waits for another one. */
  static async open(options: PublisherOptions): Promise<Publisher> {
    const { mqtt, log, fallbackPort = false } = options;
    if (mqtt.url === 'off') return new Publisher(options);
    if (mqtt.url !== 'embedded') return new Publisher(options, brokerAddress(mqtt.url));
    const embedded = await EmbeddedBroker.open({ baseTopic: mqtt.baseTopic, port: mqtt.port, fallbackPort, log });
    const address = brokerAddress(embedded.url);
    return new Publisher(options, { ...address, options: { ...address.options, ...embedded.owner } }, embedded);
  }

  private constructor(options: PublisherOptions, address?: BrokerAddress, embedded?: EmbeddedBroker) {
    this.#options = options;
    this.#address = address;
    this.#embedded = embedded;
    this.#outbox = new Outbox({ maxAlerts: options.maxAlerts ?? MAX_ALERTS, maxInFlight: MAX_IN_FLIGHT });
    this.#situation = { state: 'off', sinceMs: options.clock.atMs() };
    if (!address) return;
    this.#situation = { ...this.#situation, state: 'away', reason: 'not connected yet' };
    this.#states.set(this.#topic('status'), 'online');
    this.#running = this.#keepConnected(address);
  }

  get broker(): BrokerHealth {
    return {
      ...this.#situation,
      url: this.#address?.shownUrl ?? 'off',
      waitingAlerts: this.#outbox.size,
      droppedAlerts: this.#outbox.dropped,
    };
  }

  /** Numbers and stamps an alert and sends it when the broker can take it; returns it as it will be read. */
  publish(draft: AlertDraft): Alert {
    this.#seq += 1;
    const { node } = this.#options;
    const alert: Alert = { v: 1, node, epoch: this.#epoch, seq: this.#seq, at: this.#nowIso(), ...draft };
    if (this.#isOver) return alert;
    const wasDropping = this.#outbox.dropped > this.#droppedBefore;
    if (this.#outbox.add(alert) && !wasDropping) {
      this.#options.log.warn({ waitingAlerts: this.#outbox.size }, 'too many MQTT alerts wait, the oldest are dropped');
    }
    this.#pump();
    return alert;
  }

  add(camera: string): void {
    this.setCameraStatus(camera, { state: 'offline', reason: 'starting', since: this.#nowIso() });
    this.setPersonCount(camera, { count: 0, total: 0 });
  }

  forget(camera: string): void {
    this.#totals.delete(camera);
  }

  setCameraStatus(camera: string, status: CameraStatus): void {
    this.#setState(this.#topic(camera, 'status'), JSON.stringify(status));
  }

  setPersonCount(camera: string, { count, total }: PersonCount): void {
    this.#totals.set(camera, total);
    this.#setState(this.#topic(camera, 'person'), JSON.stringify({ count, total }));
  }

  setSnapshot(camera: string, jpeg: Uint8Array): void {
    this.#setState(this.#topic(camera, 'person', 'snapshot'), Buffer.from(jpeg));
  }

  setStats(camera: string, stats: CameraStats): void {
    this.#setState(this.#topic(camera, 'stats'), JSON.stringify(stats));
  }

  /** How much room there is for clips, for all cameras. */
  setStorage({ state, usedBytes, freeBytes }: StorageState): void {
    this.#setState(this.#topic('node', 'storage'), JSON.stringify({ state, usedBytes, freeBytes }));
  }

  /** Said once and to those who listen now: while the broker is away it is not said. */
  personLeft(camera: string, durationMs: number): void {
    const payload = JSON.stringify({ duration: Math.round(durationMs / 100) / 10 });
    this.#session?.publish({ topic: this.#topic(camera, 'person', 'duration'), payload, qos: 0, retain: false });
  }

  /** Waits up to 2 s for alerts to arrive, says `stopped`, disconnects, ends the embedded broker. May be called often. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #isOver(): boolean {
    return this.#address === undefined || this.#stop.signal.aborted;
  }

  async #keepConnected(address: BrokerAddress): Promise<void> {
    const { clock, node } = this.#options;
    const { signal } = this.#stop;
    const connection = new Connection({
      address,
      clientId: `lookout-${node}-${randomBytes(4).toString('hex')}`,
      will: { topic: this.#topic('status'), payload: 'offline' },
      signal,
      nowMs: () => clock.nowMs(),
      onSession: (session) => this.#onSession(session),
    });
    await runForever(() => connection.runOnce(), { ...BACKOFF, clock, signal, onRetry: (error) => this.#onAway(error) });
  }

  #onSession(session: Session): void {
    const dropped = this.#outbox.dropped - this.#droppedBefore;
    this.#droppedBefore = this.#outbox.dropped;
    this.#session = session;
    this.#situation = { state: 'connected', sinceMs: this.#options.clock.atMs() };
    const fields = { url: this.#address?.shownUrl, waitingAlerts: this.#outbox.size, droppedAlerts: dropped };
    this.#options.log.info(fields, 'connected to the MQTT broker');
    this.#pump();
  }

  /** One line per change: retries for the same reason are silent. */
  #onAway({ message, hint }: RetryableError): void {
    this.#session = undefined;
    this.#outbox.disconnected();
    this.#states.disconnected();
    const { state, reason } = this.#situation;
    if (state === 'away' && reason === message) return;
    this.#situation = { state: 'away', reason: message, sinceMs: this.#options.clock.atMs() };
    this.#options.log.warn({ url: this.#address?.shownUrl, hint }, `${message}; alerts wait`);
  }

  #setState(topic: string, payload: string | Buffer): void {
    if (this.#isOver) return;
    this.#states.set(topic, payload);
    this.#pump();
  }

  /** Sends what may be sent now: state first, so that a consumer who reads an alert finds the state behind it. */
  #pump(): void {
    const session = this.#session;
    if (!session) return;
    const acked = (mark: () => void) => (): void => {
      if (this.#session !== session) return;
      mark();
      this.#pump();
      this.#onProgress();
    };
    for (let state = this.#states.next(); state; state = this.#states.next()) {
      const { topic } = state;
      session.publish(
        { ...state, qos: 1, retain: true },
        acked(() => this.#states.acked(topic)),
      );
    }
    for (let alert = this.#outbox.next(); alert; alert = this.#outbox.next()) {
      const { seq, camera } = alert;
      const message = { topic: this.#topic(camera, 'alert'), payload: JSON.stringify(alert), qos: 1, retain: false } as const;
      session.publish(
        message,
        acked(() => this.#outbox.acked(seq)),
      );
    }
  }

  async #close(): Promise<void> {
    this.#emptyCameras();
    await this.#until(() => this.#outbox.size === 0 && this.#isSettled, DELIVER_WITHIN_MS);
    this.#setState(this.#topic('status'), 'stopped');
    await this.#until(() => this.#isSettled, STOPPED_WITHIN_MS);
    if (this.#outbox.size > 0) {
      this.#options.log.warn({ lostAlerts: this.#outbox.size }, 'stopped before all MQTT alerts were delivered');
    }
    this.#stop.abort();
    await this.#running;
    this.#session = undefined;
    await this.#embedded?.close();
  }

  /** Retained state must not go on saying that somebody is there. */
  #emptyCameras(): void {
    const since = this.#nowIso();
    for (const camera of this.#totals.keys()) {
      this.setPersonCount(camera, { count: 0, total: this.#totals.get(camera) ?? 0 });
      this.setCameraStatus(camera, { state: 'offline', reason: 'stopped', since });
    }
  }

  /** All state has arrived, or there is nobody to tell. */
  get #isSettled(): boolean {
    return this.#session === undefined || this.#states.isSettled;
  }

  async #until(isDone: () => boolean, withinMs: number): Promise<void> {
    if (isDone()) return;
    const waited = new AbortController();
    this.#onProgress = () => {
      if (isDone()) waited.abort();
    };
    await this.#options.clock.sleep(withinMs, waited.signal).catch((cause: unknown) => {
      if (!waited.signal.aborted) throw cause;
    });
    this.#onProgress = () => undefined;
  }

  #topic(...levels: string[]): string {
    return [this.#options.mqtt.baseTopic, ...levels].join('/');
  }

  #nowIso(): string {
    return new Date(this.#options.clock.atMs()).toISOString();
  }
}
