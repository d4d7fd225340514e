/**
 * What goes over a session, and in which order: alerts, then small state, and what is big last and alone among the state. Never more
 * unanswered than the broker takes at once (MQTT 5, Receive Maximum), never a packet that it is known to refuse.
 *
 * MQTT 5 says how large a packet may be (CONNACK, Maximum Packet Size). Under 3.1.1 a broker just closes the connection: what is big
 * and unanswered at two ends in a row is taken for the cause, and nothing of its size is sent until an end has another cause.
 */
import type { MqttVersion, Outgoing, Session, Sized } from './session.ts';
import type { StateTopics } from './state-topics.ts';

/** No broker refuses less: alerts have about 1 kB. */
const BIG_BYTES = 4096;
const ENDS_OF_A_CAUSE = 2;
const PACKET_TOO_LARGE = 149;

export interface Parcel {
  readonly message: Outgoing;
  readonly onAcked: () => void;
  /** the broker answered, with a reason code of MQTT 5 (2.4) */
  readonly onRefused: (reasonCode: number) => void;
}

export interface WireOptions {
  readonly topics: StateTopics;
  readonly onRefused: (topic: string, reasonCode: number) => void;
  /** acknowledged; only MQTT 5 means by it that nobody refused */
  readonly onTaken: (topic: string, version: MqttVersion) => void;
  /** left out: the broker takes at most so many bytes */
  readonly onLeftOut: (message: Sized, maxBytes: number) => void;
  /** an answer has come, or there is none to wait for */
  readonly onProgress: () => void;
}

export class Wire {
  readonly #options: WireOptions;
  #session: Session | undefined;
  /** taken but not yet sent; at most as many as the cursor has on the wire */
  #alerts: Parcel[] = [];
  #inFlight = new Set<Sized>();
  #suspect: (Sized & { readonly ends: number }) | undefined;
  /** learned from ends of connections */
  #learnedMaxBytes = Number.POSITIVE_INFINITY;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** What is big and has not been answered. */
  get bigInFlight(): Sized | undefined {
    return [...this.#inFlight].find(({ bytes }) => bytes > BIG_BYTES);
  }

  open(session: Session): void {
    this.#session = session;
    // What was taken after the end of the last one is offered again.
    this.#alerts = [];
  }

  /** The connection has ended; `isCut`: the broker closed it without a word, or because a packet was too large. */
  close(isCut: boolean): void {
    this.#learn(isCut ? this.bigInFlight : undefined);
    this.#session = undefined;
    this.#alerts = [];
    this.#inFlight = new Set();
    this.#options.topics.disconnected();
  }

  sendAlert(parcel: Parcel): void {
    this.#alerts.push(parcel);
    this.pump();
  }

  /** Not answered and not repeated; nothing where nobody is connected. */
  say(topic: string, payload: string): void {
    this.#session?.publish({ topic, payload, qos: 0, retain: false });
  }

  pump(): void {
    for (let session = this.#sessionWithRoom; session; session = this.#sessionWithRoom) {
      const parcel = this.#alerts.shift() ?? this.#nextState();
      if (!parcel) return;
      this.#send(session, parcel);
    }
  }

  get #sessionWithRoom(): Session | undefined {
    const session = this.#session;
    return session && this.#inFlight.size < session.maxInFlight ? session : undefined;
  }

  #nextState(): Parcel | undefined {
    const { topics, onLeftOut } = this.#options;
    for (;;) {
      const state = topics.next(this.#inFlight.size === 0 ? Number.POSITIVE_INFINITY : BIG_BYTES);
      if (!state) return undefined;
      const onAcked = (): void => topics.acked(state.topic);
      const message = { ...state, qos: 1, retain: true } as const;
      const bytes = packetBytes(message);
      if (bytes <= this.#maxBytes) return { message, onAcked, onRefused: onAcked };
      onAcked();
      onLeftOut({ topic: state.topic, bytes }, this.#maxBytes);
    }
  }

  #send(session: Session, { message, onAcked, onRefused }: Parcel): void {
    const { topic } = message;
    const sized = { topic, bytes: packetBytes(message) };
    if (sized.bytes > this.#maxBytes) {
      onRefused(PACKET_TOO_LARGE);
      this.#options.onRefused(topic, PACKET_TOO_LARGE);
      return;
    }
    this.#inFlight.add(sized);
    session.publish(message, (reasonCode) => {
      // What a session that is over still says is void.
      if (this.#session !== session) return;
      this.#inFlight.delete(sized);
      if (reasonCode === undefined) {
        onAcked();
        this.#options.onTaken(topic, session.version);
      } else {
        onRefused(reasonCode);
        this.#options.onRefused(topic, reasonCode);
      }
      this.pump();
      this.#options.onProgress();
    });
  }

  get #maxBytes(): number {
    return Math.min(this.#session?.maxPacketBytes ?? Number.POSITIVE_INFINITY, this.#learnedMaxBytes);
  }

  #learn(big: Sized | undefined): void {
    if (!big) {
      this.#suspect = undefined;
      this.#learnedMaxBytes = Number.POSITIVE_INFINITY;
      return;
    }
    const ends = this.#suspect?.topic === big.topic ? this.#suspect.ends + 1 : 1;
    this.#suspect = { ...big, ends };
    if (ends >= ENDS_OF_A_CAUSE) this.#learnedMaxBytes = big.bytes - 1;
  }
}

/** Of a PUBLISH with QoS 1: fixed header with the length in 7 bits a byte, topic, packet id, empty properties, payload. */
function packetBytes({ topic, payload }: Outgoing): number {
  const rest = 2 + Buffer.byteLength(topic) + 2 + 1 + Buffer.byteLength(payload);
  const lengthBytes = Math.max(1, Math.ceil(Math.log2(rest + 1) / 7));
  return 1 + lengthBytes + rest;
}
