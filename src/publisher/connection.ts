/**
 * MQTT.js for one connection, from connect to close. The owner's loop makes the next one: the client never reconnects by itself,
 * keeps no queue and replays nothing, because what is sent again after a disconnect is for the outbox to say.
 */
import { Socket } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { UserError } from '../lib/errors.ts';
import { safeDecode } from '../lib/safe-decode.ts';
import { registerUrl } from '../lib/secrets.ts';
import { awayError } from './away.ts';

const KEEPALIVE_S = 10;
const CONNECT_TIMEOUT_MS = 5000;
const END_GRACE_MS = 500;
/** A session that the broker ends sooner is no restart of the broker. */
const SHORT_SESSION_MS = 10_000;
const SHORT_SESSIONS_OF_A_KICK = 3;

export interface BrokerAddress {
  /** as it may be shown */
  readonly shownUrl: string;
  readonly options: Pick<IClientOptions, 'protocol' | 'hostname' | 'port' | 'path' | 'username' | 'password'>;
}

/** Splits the URL of a broker and registers its password as a secret. */
export function brokerAddress(url: string): BrokerAddress {
  const shownUrl = registerUrl(url);
  const parsed = parseUrl(url);
  const isWebSocket = parsed.protocol.startsWith('ws');
  return {
    shownUrl,
    options: {
      protocol: parsed.protocol.slice(0, -1) as 'mqtt' | 'mqtts' | 'ws' | 'wss',
      // A socket takes an IPv6 address without the brackets that a URL needs.
      hostname: isWebSocket ? parsed.hostname : parsed.hostname.replace(/^\[|\]$/g, ''),
      ...(parsed.port !== '' && { port: Number(parsed.port) }),
      ...(isWebSocket && { path: parsed.pathname + parsed.search }),
      ...(parsed.username !== '' && { username: safeDecode(parsed.username) }),
      ...(parsed.password !== '' && { password: safeDecode(parsed.password) }),
    },
  };
}

interface Outgoing {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** An accepted connection. Publishing never waits; `onAcked` is called once the broker has answered, or not at all. */
export interface Session {
  publish(message: Outgoing, onAcked?: () => void): void;
}

export interface ConnectionOptions {
  readonly address: BrokerAddress;
  readonly clientId: string;
  readonly will: { readonly topic: string; readonly payload: string };
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  readonly onSession: (session: Session) => void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  #shortSessions = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Connects and stays. Returns after an abort, with a DISCONNECT so that no will is sent; throws why the connection ended. */
  async runOnce(): Promise<void> {
    const { signal, nowMs, onSession } = this.#options;
    const client = mqtt.connect(this.#clientOptions());
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    let cause: unknown;
    let connectedNowMs: number | undefined;
    client.on('error', (error) => {
      cause ??= error;
    });
    client.once('connect', () => {
      connectedNowMs = nowMs();
      onSession({ publish: (message, onAcked) => publish(client, message, onAcked) });
    });
    await untilClosed(client, signal);
    if (signal.aborted) return;
    const wasShort = connectedNowMs !== undefined && nowMs() - connectedNowMs < SHORT_SESSION_MS;
    this.#shortSessions = wasShort ? this.#shortSessions + 1 : 0;
    const isKicked = this.#shortSessions >= SHORT_SESSIONS_OF_A_KICK;
    throw awayError({ cause, wasConnected: connectedNowMs !== undefined, isKicked });
  }

  #clientOptions(): IClientOptions {
    const { address, clientId, will } = this.#options;
    return {
      ...address.options,
      clientId,
      clean: true,
      protocolVersion: 4,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      queueQoSZero: false,
      rejectUnauthorized: true,
      messageIdProvider: new mqtt.UniqueMessageIdProvider(),
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
      // Its debug output holds the CONNECT packet with the password.
      log: () => undefined,
    };
  }
}

function publish(client: MqttClient, { topic, payload, qos, retain }: Outgoing, onAcked?: () => void): void {
  client.publish(topic, payload, { qos, retain }, (error) => {
    if (!error) onAcked?.();
  });
}

async function untilClosed(client: MqttClient, signal: AbortSignal): Promise<void> {
  let graceTimer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    graceTimer = setTimeout(() => client.stream.destroy(), END_GRACE_MS);
    // MQTT.js would wait for what is unacknowledged before it says DISCONNECT, and without that the broker sends the will.
    for (const messageId of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(messageId));
    client.end(!client.connected);
  };
  await new Promise<void>((resolve) => {
    client.once('close', resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  signal.removeEventListener('abort', onAbort);
  clearTimeout(graceTimer);
  client.end(true);
}

function parseUrl(url: string): URL {
  let cause: unknown;
  try {
    const parsed = new URL(url);
    if (parsed.hostname !== '') return parsed;
  } catch (error) {
    cause = error;
  }
  // A password with an unencoded / is one reason to end here: all that may be one is hidden.
  throw new UserError(`Expected the address of an MQTT broker but received ${url.replace(/\/\/.*@/, '//***@')}`, {
    hint: 'write it like mqtt://user:password@host:1883, with special characters of the password URL-encoded',
    cause,
  });
}
