/**
 * MQTT.js for one connection, from connect to close: MQTT 5, and 3.1.1 at once where the broker refuses that. The owner's loop makes the next one: the client never reconnects by itself,
 * keeps no queue and replays nothing, because what is sent again after a disconnect is for the outbox to say.
 */
import { Socket } from 'node:net';
import mqtt, { type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import { UserError } from '../lib/errors.ts';
import { safeDecode } from '../lib/safe-decode.ts';
import { registerUrl } from '../lib/secrets.ts';
import { awayError, type Ending, mayRefuseVersion } from './away.ts';
import type { MqttVersion, Session, Sized } from './session.ts';

const KEEPALIVE_S = 10;
const CONNECT_TIMEOUT_MS = 5000;
const END_GRACE_MS = 500;
/** A session that the broker ends sooner is no restart of the broker. */
const SHORT_SESSION_MS = 10_000;
const SHORT_SESSIONS_OF_A_KICK = 3;
const MAX_IN_FLIGHT = 65_535;

export interface BrokerAddress {
  /** as it may be shown */
  readonly shownUrl: string;
  /** known before anything was asked */
  readonly speaksOnly311?: boolean;
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

export interface ConnectionOptions {
  readonly address: BrokerAddress;
  readonly clientId: string;
  readonly will: { readonly topic: string; readonly payload: string };
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  readonly onSession: (session: Session) => void;
  /** what is big and unanswered now */
  readonly bigInFlight: () => Sized | undefined;
  /** also after an abort, and where it was never accepted */
  readonly onEnd: (ending: Ending) => void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  #shortSessions = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Connects and stays. Returns after an abort, with a DISCONNECT so that no will is sent; throws why the connection ended. */
  async runOnce(): Promise<void> {
    const { address, signal } = this.#options;
    const versions: readonly MqttVersion[] = address.speaksOnly311 === true ? [4] : [5, 4];
    for (const version of versions) {
      const ending = await this.#session(version);
      if (version === 5 && mayRefuseVersion(ending) && !signal.aborted) continue;
      this.#options.onEnd(ending);
      if (signal.aborted) return;
      throw awayError(ending);
    }
  }

  async #session(version: MqttVersion): Promise<Ending> {
    const { signal, nowMs, onSession, bigInFlight } = this.#options;
    const client = mqtt.connect(this.#clientOptions(version));
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    let cause: unknown;
    let connectedNowMs: number | undefined;
    client.on('error', (error) => {
      cause ??= error;
    });
    client.on('disconnect', ({ reasonCode }) => {
      cause ??= Object.assign(new Error(`DISCONNECT with reason code ${reasonCode}`), { code: reasonCode });
    });
    client.once('connect', (connack) => {
      connectedNowMs = nowMs();
      onSession(sessionOf(client, version, connack));
    });
    await untilClosed(client, signal);
    const suspect = bigInFlight();
    const wasShort = connectedNowMs !== undefined && nowMs() - connectedNowMs < SHORT_SESSION_MS;
    this.#shortSessions = wasShort && !suspect ? this.#shortSessions + 1 : 0;
    const isKicked = this.#shortSessions >= SHORT_SESSIONS_OF_A_KICK;
    return { cause, wasConnected: connectedNowMs !== undefined, isKicked, ...(suspect && { suspect }) };
  }

  #clientOptions(version: MqttVersion): IClientOptions {
    const { address, clientId, will } = this.#options;
    return {
      ...address.options,
      clientId,
      clean: true,
      protocolVersion: version,
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

function sessionOf(client: MqttClient, version: MqttVersion, { properties }: IConnackPacket): Session {
  return {
    version,
    maxPacketBytes: properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    maxInFlight: properties?.receiveMaximum ?? MAX_IN_FLIGHT,
    publish: ({ topic, payload, qos, retain }, onAnswer) => {
      client.publish(topic, payload, { qos, retain }, (error) => {
        if (!error) onAnswer?.();
        else if (isRefusal(error)) onAnswer?.(error.code);
      });
    },
    listen: (topic, isLast) => {
      client.on('message', function onMessage(on: string, payload: Buffer) {
        if (on !== topic || !isLast(payload)) return;
        client.off('message', onMessage);
        client.unsubscribe(topic);
      });
      // Who may not listen hears nothing, which is what is then said.
      client.subscribe(topic, { qos: 1 }, () => undefined);
    },
  };
}

/** The code of a PUBACK; other errors have none, or that of the socket. */
function isRefusal(error: Error): error is Error & { readonly code: number } {
  return 'code' in error && typeof error.code === 'number';
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
