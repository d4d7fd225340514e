/**
 * Alerts and state → MQTT. Nobody ever waits for the broker: alerts are taken while it is connected and offered again after it was
 * away, state topics keep the latest value, and one loop keeps one connection. Every connect begins with `online` and all state; the
 * will is `offline`, a clean end says `stopped` after the last alert was acknowledged.
 */
import { randomBytes } from 'node:crypto';
import type { MqttConfig } from '../config/config.ts';
import { runForever } from '../lib/backoff.ts';
import { Bell } from '../lib/bell.ts';
import { type Clock, pause } from '../lib/clock.ts';
import type { RetryableError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { Alert, Delivery } from '../messages/alert.ts';
import type { BrokerHealth } from '../messages/health.ts';
import { EmbeddedBroker } from './broker.ts';
import { type BrokerAddress, brokerAddress, Connection, type Session } from './connection.ts';
import { StateBoard } from './state-board.ts';
import { StateTopics } from './state-topics.ts';

const BACKOFF = { minMs: 250, maxMs: 5000, healthyAfterMs: 10_000 };
const DELIVER_WITHIN_MS = 2000;
const STOPPED_WITHIN_MS = 1000;

export interface PublisherOptions {
  readonly node: string;
  /** not `off`: then there is no publisher */
  readonly mqtt: MqttConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** the embedded broker takes the next free port where mqtt.port is taken */
  readonly fallbackPort?: boolean;
}

type Situation = Pick<BrokerHealth, 'state' | 'reason' | 'sinceMs'>;

/** An outlet of alerts by its shape. */
export class Publisher implements AsyncDisposable {
  readonly name = 'MQTT';
  readonly board: StateBoard;
  readonly #options: PublisherOptions;
  readonly #address: BrokerAddress;
  readonly #embedded: EmbeddedBroker | undefined;
  readonly #topics = new StateTopics();
  readonly #stop = new AbortController();
  #delivery: Delivery | undefined;
  #session: Session | undefined;
  #situation: Situation;
  #droppedBefore = 0;
  readonly #running: Promise<void>;
  /** rings when something has arrived, or there is nobody to tell any more */
  readonly #progress = new Bell();
  #closing: Promise<void> | undefined;

  /** Starts the embedded broker where one is asked for (a UserError where its port is taken); never waits for another one. */
  static async open(options: PublisherOptions): Promise<Publisher> {
    const { mqtt, log, fallbackPort = false } = options;
    if (mqtt.url !== 'embedded') return new Publisher(options, brokerAddress(mqtt.url));
    const embedded = await EmbeddedBroker.open({ baseTopic: mqtt.baseTopic, port: mqtt.port, fallbackPort, log });
    const address = brokerAddress(embedded.url);
    return new Publisher(options, { ...address, options: { ...address.options, ...embedded.owner } }, embedded);
  }

  private constructor(options: PublisherOptions, address: BrokerAddress, embedded?: EmbeddedBroker) {
    const { clock, mqtt } = options;
    this.#options = options;
    this.#address = address;
    this.#embedded = embedded;
    this.#situation = { state: 'away', reason: 'not connected yet', sinceMs: clock.atMs() };
    this.board = new StateBoard({
      baseTopic: mqtt.baseTopic,
      topics: this.#topics,
      onChange: () => this.#sendStates(),
      say: (topic, payload) => this.#session?.publish({ topic, payload, qos: 0, retain: false }),
      clock,
    });
    this.#running = this.#keepConnected();
  }

  get broker(): BrokerHealth {
    const { waiting = 0, dropped = 0 } = this.#delivery ?? {};
    return { ...this.#situation, url: this.#address.shownUrl, waitingAlerts: waiting, droppedAlerts: dropped };
  }

  attached(delivery: Delivery): void {
    this.#delivery = delivery;
    if (this.#session) delivery.ready();
  }

  /** False while the broker is away. */
  offer(alert: Alert, acknowledge: () => void): boolean {
    const session = this.#session;
    if (!session) return false;
    const topic = `${this.#options.mqtt.baseTopic}/${alert.camera}/alert`;
    session.publish({ topic, payload: JSON.stringify(alert), qos: 1, retain: false }, this.#whenAcked(session, acknowledge));
    return true;
  }

  /** Waits up to 2 s for alerts to arrive, says `stopped`, disconnects, ends the embedded broker. May be called often. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #keepConnected(): Promise<void> {
    const { clock, node, mqtt } = this.#options;
    const { signal } = this.#stop;
    const connection = new Connection({
      address: this.#address,
      clientId: `lookout-${node}-${randomBytes(4).toString('hex')}`,
      will: { topic: `${mqtt.baseTopic}/status`, payload: 'offline' },
      signal,
      nowMs: () => clock.nowMs(),
      onSession: (session) => this.#onSession(session),
    });
    await runForever(() => connection.runOnce(), { ...BACKOFF, clock, signal, onRetry: (error) => this.#onAway(error) });
  }

  /** State first, so that a consumer who reads an alert finds the state behind it. */
  #onSession(session: Session): void {
    const { waitingAlerts, droppedAlerts } = this.broker;
    const fields = { url: this.#address.shownUrl, waitingAlerts, droppedAlerts: droppedAlerts - this.#droppedBefore };
    this.#droppedBefore = droppedAlerts;
    this.#session = session;
    this.#situation = { state: 'connected', sinceMs: this.#options.clock.atMs() };
    this.#options.log.info(fields, 'connected to the MQTT broker');
    this.#sendStates();
    this.#delivery?.ready();
  }

  /** One line per change: retries for the same reason are silent. */
  #onAway({ message, hint }: RetryableError): void {
    this.#session = undefined;
    this.#delivery?.lost();
    this.#topics.disconnected();
    this.#progress.ring();
    const { state, reason } = this.#situation;
    if (state === 'away' && reason === message) return;
    this.#situation = { state: 'away', reason: message, sinceMs: this.#options.clock.atMs() };
    this.#options.log.warn({ url: this.#address.shownUrl, hint }, `${message}; alerts wait`);
  }

  #sendStates(): void {
    const session = this.#session;
    if (!session) return;
    for (let state = this.#topics.next(); state; state = this.#topics.next()) {
      const { topic } = state;
      const onAcked = this.#whenAcked(session, () => this.#topics.acked(topic));
      session.publish({ ...state, qos: 1, retain: true }, onAcked);
    }
  }

  /** What a session that is over still says is void. */
  #whenAcked(session: Session, mark: () => void): () => void {
    return () => {
      if (this.#session !== session) return;
      mark();
      this.#sendStates();
      this.#progress.ring();
    };
  }

  async #close(): Promise<void> {
    const waiting = (): number => this.#delivery?.waiting ?? 0;
    this.board.emptyCameras();
    await this.#until(() => waiting() === 0 && this.#isSettled, DELIVER_WITHIN_MS);
    this.board.stopped();
    await this.#until(() => this.#isSettled, STOPPED_WITHIN_MS);
    if (waiting() > 0) this.#options.log.warn({ lostAlerts: waiting() }, 'stopped before all MQTT alerts were delivered');
    this.#stop.abort();
    await this.#running;
    this.#session = undefined;
    await this.#embedded?.close();
  }

  /** All state has arrived, or there is nobody to tell. */
  get #isSettled(): boolean {
    return this.#session === undefined || this.#topics.isSettled;
  }

  async #until(isDone: () => boolean, withinMs: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([this.#progress.until(isDone, over.signal), pause(this.#options.clock, withinMs, over.signal)]);
    over.abort();
  }
}
