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
import { isCut } from './away.ts';
import { type BrokerAddress, brokerAddress, Connection } from './connection.ts';
import { EchoWatch } from './echo-watch.ts';
import { Refusals } from './refusals.ts';
import type { Session, Sized } from './session.ts';
import { StateBoard } from './state-board.ts';
import { StateTopics } from './state-topics.ts';
import { Wire } from './wire.ts';

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
  readonly #wire: Wire;
  readonly #refusals: Refusals;
  readonly #echoes: EchoWatch;
  /** what is left out has been said */
  readonly #saidLeftOut = new Set<string>();
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
    const asOwner = { ...address, speaksOnly311: true, options: { ...address.options, ...embedded.owner } };
    return new Publisher(options, asOwner, embedded);
  }

  private constructor(options: PublisherOptions, address: BrokerAddress, embedded?: EmbeddedBroker) {
    const { clock, mqtt, log } = options;
    this.#options = options;
    this.#address = address;
    this.#embedded = embedded;
    this.#situation = { state: 'away', reason: 'not connected yet', sinceMs: clock.atMs() };
    this.#refusals = new Refusals({ log, baseTopic: mqtt.baseTopic });
    this.#echoes = new EchoWatch({
      clock,
      onHeard: (topic) => this.#refusals.taken(topic),
      onUnheard: (topic) => this.#refusals.unheard(topic),
    });
    this.#wire = new Wire({
      topics: this.#topics,
      onTaken: (topic, version) => {
        if (version === 5) this.#refusals.taken(topic);
      },
      onRefused: (topic, reasonCode) => this.#refusals.refused(topic, reasonCode),
      onLeftOut: (message, maxBytes) => this.#leftOut(message, maxBytes),
      onProgress: () => this.#progress.ring(),
    });
    this.board = new StateBoard({
      baseTopic: mqtt.baseTopic,
      topics: this.#topics,
      onChange: () => this.#wire.pump(),
      say: (topic, payload) => this.#wire.say(topic, payload),
      clock,
    });
    this.#running = this.#keepConnected();
  }

  get broker(): BrokerHealth {
    const { waiting = 0, dropped = 0 } = this.#delivery ?? {};
    const refusals = this.#refusals.sentences;
    return { ...this.#situation, url: this.#address.shownUrl, waitingAlerts: waiting, droppedAlerts: dropped, refusals };
  }

  attached(delivery: Delivery): void {
    this.#delivery = delivery;
    if (this.#session) delivery.ready();
  }

  /** False while the broker is away. */
  offer(alert: Alert, acknowledge: () => void, refuse: () => void): boolean {
    const session = this.#session;
    if (!session) return false;
    const topic = `${this.#options.mqtt.baseTopic}/${alert.camera}/alert`;
    // Nobody else publishes below the base topic of the embedded broker, and it refuses nothing.
    if (!this.#embedded) this.#echoes.watch(session, topic, `"epoch":"${alert.epoch}"`);
    const onAcked = (): void => {
      acknowledge();
      this.#echoes.acked(topic);
    };
    const message = { topic, payload: JSON.stringify(alert), qos: 1, retain: false } as const;
    this.#wire.sendAlert({ message, onAcked, onRefused: refuse });
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
      bigInFlight: () => this.#wire.bigInFlight,
      onEnd: (ending) => this.#wire.close(isCut(ending)),
    });
    await runForever(() => connection.runOnce(), { ...BACKOFF, clock, signal, onRetry: (error) => this.#onAway(error) });
  }

  /** Alerts first: state may be what a broker closes the connection for. */
  #onSession(session: Session): void {
    const { waitingAlerts, droppedAlerts } = this.broker;
    const fields = { url: this.#address.shownUrl, waitingAlerts, droppedAlerts: droppedAlerts - this.#droppedBefore };
    this.#droppedBefore = droppedAlerts;
    this.#session = session;
    this.#situation = { state: 'connected', sinceMs: this.#options.clock.atMs() };
    this.#options.log.info(fields, 'connected to the MQTT broker');
    this.#wire.open(session);
    this.#delivery?.ready();
    this.#wire.pump();
  }

  /** One line per change: retries for the same reason are silent. */
  #onAway({ message, hint }: RetryableError): void {
    this.#session = undefined;
    this.#delivery?.lost();
    this.#refusals.disconnected();
    this.#echoes.disconnected();
    this.#progress.ring();
    const { state, reason } = this.#situation;
    if (state === 'away' && reason === message) return;
    this.#situation = { state: 'away', reason: message, sinceMs: this.#options.clock.atMs() };
    this.#options.log.warn({ url: this.#address.shownUrl, hint }, `${message}; alerts wait`);
  }

  /** Said once per topic and size; what it said before stays retained. */
  #leftOut({ topic, bytes }: Sized, maxBytes: number): void {
    const key = `${topic} ${maxBytes}`;
    if (this.#saidLeftOut.has(key)) return;
    this.#saidLeftOut.add(key);
    const hint = `raise the largest packet that the broker takes (mosquitto: max_packet_size) above ${bytes} bytes`;
    const sentence = `${topic} of ${bytes} bytes is left out: the MQTT broker takes at most ${maxBytes} bytes`;
    this.#options.log.warn({ hint }, sentence);
  }

  async #close(): Promise<void> {
    const waiting = (): number => this.#delivery?.waiting ?? 0;
    const refused = (): number => (this.#session ? (this.#delivery?.refused ?? 0) : 0);
    this.board.emptyCameras();
    await this.#until(() => waiting() === refused() && this.#isSettled, DELIVER_WITHIN_MS);
    this.board.stopped();
    await this.#until(() => this.#isSettled, STOPPED_WITHIN_MS);
    if (waiting() > 0) this.#options.log.warn({ lostAlerts: waiting() }, 'stopped before all MQTT alerts were delivered');
    this.#stop.abort();
    await this.#running;
    this.#session = undefined;
    this.#echoes.disconnected();
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
