/** What the publisher's tests share: a subscriber, a log that can be read, drafts, and waiting for something to become true. */
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import pino from 'pino';
import { configSchema, type MqttConfig } from '../../src/config/config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type Logger, silentLogger } from '../../src/lib/log.ts';
import type { Alert, AlertDraft } from '../../src/messages/alert.ts';
import { AlertLog } from '../../src/alerts/alert-log.ts';
import { Publisher, type PublisherOptions } from '../../src/publisher/publisher.ts';

export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

/** Hears everything under `lookout/`, stays through restarts of the broker. */
export class Subscriber implements AsyncDisposable {
  readonly heard: Heard[] = [];
  /** how often the broker has accepted the subscription */
  subscriptions = 0;
  readonly #client: MqttClient;

  static async open(url: string): Promise<Subscriber> {
    const client = mqtt.connect(url, { reconnectPeriod: 50, connectTimeout: 2000, reconnectOnConnackError: true });
    const subscriber = new Subscriber(client);
    await client.subscribeAsync('lookout/#', { qos: 1 });
    return subscriber;
  }

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('packetreceive', ({ cmd }) => {
      if (cmd === 'suback') this.subscriptions += 1;
    });
    client.on('message', (topic, payload, { retain }) => {
      this.heard.push({ topic, payload, text: payload.toString(), retain });
    });
  }

  get alerts(): Alert[] {
    return this.heard.filter(({ topic }) => topic.endsWith('/alert')).map(({ text }) => JSON.parse(text) as Alert);
  }

  /** Stops reading from the socket. */
  freeze(): void {
    this.#client.stream.unpipe();
    this.#client.stream.pause();
  }

  say(topic: string, payload: Buffer): void {
    this.#client.publish(topic, payload, { qos: 1 });
  }

  texts(topic: string): string[] {
    return this.heard.filter((message) => message.topic === topic).map(({ text }) => text);
  }

  retained(): Map<string, string> {
    return new Map(this.heard.filter(({ retain }) => retain).map(({ topic, text }) => [topic, text]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }
}

export interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A logger and the lines that were written to it. */
export function readableLog(level = 'info'): { readonly log: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line);
      done();
    },
  });
  return { log: pino({ level }, stream), lines };
}

export function mqttConfig(settings: Partial<MqttConfig>): MqttConfig {
  return { ...configSchema.parse({ cameras: [{ input: 'x' }] }).mqtt, ...settings };
}

export function optionsFor(url: string, more: Partial<PublisherOptions> = {}): PublisherOptions {
  const mqttSettings = mqttConfig({ url, port: 0 });
  return { node: 'test', mqtt: mqttSettings, clock: systemClock, log: silentLogger, ...more };
}

export interface Connected extends AsyncDisposable {
  readonly publisher: Publisher;
  readonly alerts: AlertLog;
}

/** A publisher of one camera, and the alerts that it is an outlet of. */
export async function openPublisher(
  url: string,
  { maxAlerts, ...more }: Partial<PublisherOptions> & { maxAlerts?: number } = {},
): Promise<Connected> {
  const options = optionsFor(url, more);
  const publisher = await Publisher.open(options);
  const alerts = new AlertLog({ node: options.node, log: options.log, ...(maxAlerts !== undefined && { maxAlerts }) });
  alerts.attach(publisher);
  publisher.board.add('front');
  return { publisher, alerts, [Symbol.asyncDispose]: async () => await publisher.close() };
}

export function draft(id: string, type: AlertDraft['type'] = 'start'): AlertDraft {
  return {
    type,
    id,
    camera: 'front',
    label: 'person',
    at: '2026-11-20T10:00:00.500Z',
    startedAt: '2026-11-20T10:00:00.000Z',
    score: 0.8,
    count: 1,
    people: 1,
    box: { x: 0.1, y: 0.2, w: 0.1, h: 0.4 },
    zones: [],
    urls: { page: `/#/events/${id}`, playlist: `/events/${id}/index.m3u8` },
    latencyMs: { frameToDetect: 20, detectToConfirm: 400, confirmToPublish: 1 },
  };
}

/** Polls, so that a test waits for what it wants and not for a time. */
export async function until(isTrue: () => boolean, withinMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > deadlineMs) throw new Error(`Expected ${String(isTrue)} within ${withinMs} ms`);
    await delay(5);
  }
}

export function seqs(alerts: readonly Alert[]): number[] {
  return alerts.map(({ seq }) => seq);
}
