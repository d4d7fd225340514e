/**
 * What clients of the embedded broker may do. Everybody on this machine may listen and may talk on topics of their own; only
 * Lookout talks under the base topic, so that nobody forges an alert. Sessions are never kept for a client that left: a
 * subscriber that does not come back would collect snapshots until the memory is full (3,000 of them took 326 MB, measured).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { AedesOptions, Client } from 'aedes';

const OWNER_NAME = 'lookout';
const MAX_PAYLOAD_BYTES = 262_144;
const MAX_RETAINED_TOPICS = 1000;

export class BrokerRules {
  readonly #baseTopic: string;
  readonly #password = randomBytes(16).toString('hex');
  readonly #owners = new WeakSet<Client>();
  readonly #retainedTopics = new Set<string>();

  constructor(baseTopic: string) {
    this.#baseTopic = baseTopic;
  }

  /** What our own client says to be known. */
  get owner(): { readonly username: string; readonly password: string } {
    return { username: OWNER_NAME, password: this.#password };
  }

  get options(): Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish'> {
    return {
      preConnect: (_client, packet, done) => {
        packet.clean = true;
        done(null, true);
      },
      authenticate: (...[client, username, password, done]) => {
        if (username === OWNER_NAME && this.#isOwners(password)) this.#owners.add(client);
        done(null, true);
      },
      authorizePublish: (client, packet, done) => {
        const reason = client === null || this.#owners.has(client) ? undefined : this.#refusal(packet);
        done(reason === undefined ? null : new Error(reason));
      },
    };
  }

  #isOwners(password: Readonly<Buffer> | undefined): boolean {
    const expected = Buffer.from(this.#password);
    return password?.length === expected.length && timingSafeEqual(Uint8Array.from(password), expected);
  }

  #refusal({ topic, payload, retain }: { topic: string; payload: string | Buffer; retain: boolean }): string | undefined {
    if (topic === this.#baseTopic || topic.startsWith(`${this.#baseTopic}/`))
      return `only Lookout publishes under ${this.#baseTopic}/`;
    if (payload.length > MAX_PAYLOAD_BYTES) return `Expected at most ${MAX_PAYLOAD_BYTES} bytes but received ${payload.length}`;
    if (!retain) return undefined;
    if (!this.#retainedTopics.has(topic) && this.#retainedTopics.size >= MAX_RETAINED_TOPICS)
      return `${MAX_RETAINED_TOPICS} topics are retained already`;
    this.#retainedTopics.add(topic);
    return undefined;
  }
}
