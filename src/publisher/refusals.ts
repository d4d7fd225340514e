/** What the broker refuses, as sentences for health, and one log line when a topic begins or ceases to be refused. */
import type { Logger } from '../lib/log.ts';

export interface RefusalsOptions {
  readonly log: Logger;
  readonly baseTopic: string;
}

/** Reason codes of a PUBACK (MQTT 5, table 3.4). */
const WORDS = new Map<number, string>([
  [128, 'unspecified error'],
  [131, 'implementation specific error'],
  [135, 'not authorized'],
  [144, 'topic name invalid'],
  [145, 'packet identifier in use'],
  [149, 'packet too large'],
  [151, 'quota exceeded'],
  [153, 'payload format invalid'],
]);
const MAY_NOT_WRITE = 135;

export class Refusals {
  readonly #options: RefusalsOptions;
  /** by topic, of this connection */
  readonly #now = new Map<string, string>();
  readonly #said = new Map<string, string>();

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  get sentences(): readonly string[] {
    return [...this.#now.values()];
  }

  refused(topic: string, reasonCode: number): void {
    const words = `${WORDS.get(reasonCode) ?? 'reason code'} (${reasonCode})`;
    const cure = reasonCode === MAY_NOT_WRITE ? this.#allow : 'see the log of the broker';
    this.#add(topic, { sentence: `the MQTT broker refuses ${topic}: ${words}`, cure });
  }

  /** MQTT 3.1.1 has no word for a refusal: what was published is just not there. */
  unheard(topic: string): void {
    const sentence = `the MQTT broker may refuse ${topic}: what was published there did not come back, and MQTT 3.1.1 does not say why`;
    this.#add(topic, { sentence, cure: `${this.#allow}, and to read it` });
  }

  taken(topic: string): void {
    this.#now.delete(topic);
    if (this.#said.delete(topic)) this.#options.log.info({ topic }, 'the MQTT broker takes the topic again');
  }

  /** What is refused is found out again. */
  disconnected(): void {
    this.#now.clear();
  }

  get #allow(): string {
    return `allow the user of mqtt.url to write ${this.#options.baseTopic}/# (mosquitto: acl_file)`;
  }

  #add(topic: string, { sentence, cure }: { readonly sentence: string; readonly cure: string }): void {
    this.#now.set(topic, sentence);
    if (this.#said.get(topic) === sentence) return;
    this.#said.set(topic, sentence);
    this.#options.log.warn({ hint: cure }, sentence);
  }
}
