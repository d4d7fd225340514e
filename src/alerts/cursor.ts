/**
 * One outlet's place among the alerts: a new alert, an acknowledgement and `ready` move it, nothing else does. What waits is bounded,
 * and so is what is on the wire.
 */
import type { Logger } from '../lib/log.ts';
import type { Alert, Delivery } from '../messages/alert.ts';
import { Outbox, type OutboxLimits } from './outbox.ts';
import type { Outlet } from './outlet.ts';

export class Cursor implements Delivery {
  readonly #outlet: Pick<Outlet, 'name' | 'offer'>;
  readonly #outbox: Outbox;
  readonly #log: Logger;
  /** the outlet takes alerts, as far as is known */
  #isReady = false;
  #isPumping = false;
  /** counts losses of the way out: acknowledgements from before one are void */
  #losses = 0;
  #saidDropping = false;

  constructor(outlet: Pick<Outlet, 'name' | 'offer'>, { log, ...limits }: OutboxLimits & { readonly log: Logger }) {
    this.#outlet = outlet;
    this.#outbox = new Outbox(limits);
    this.#log = log;
  }

  get waiting(): number {
    return this.#outbox.size;
  }

  get refused(): number {
    return this.#outbox.aside;
  }

  get dropped(): number {
    return this.#outbox.dropped;
  }

  add(alert: Alert): void {
    if (this.#outbox.add(alert) && !this.#saidDropping) {
      this.#saidDropping = true;
      this.#log.warn({ waitingAlerts: this.waiting }, `too many ${this.#outlet.name} alerts wait, the oldest are dropped`);
    }
    this.#pump();
  }

  ready(): void {
    this.#isReady = true;
    this.#saidDropping = false;
    this.#pump();
  }

  lost(): void {
    this.#isReady = false;
    this.#losses += 1;
    this.#outbox.disconnected();
  }

  /** An outlet that acknowledges within `offer` is taken up by the same loop. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#isReady && this.#offerNext());
    } finally {
      this.#isPumping = false;
    }
  }

  #offerNext(): boolean {
    const alert = this.#outbox.next();
    if (!alert) return false;
    const { seq } = alert;
    const acknowledge = this.#answer(() => this.#outbox.acked(seq));
    const refuse = this.#answer(() => this.#outbox.setAside(seq));
    if (this.#outlet.offer(alert, acknowledge, refuse)) return true;
    this.#outbox.notTaken(seq);
    this.#isReady = false;
    return false;
  }

  #answer(mark: () => void): () => void {
    const losses = this.#losses;
    return () => {
      if (losses !== this.#losses) return;
      mark();
      this.#pump();
    };
  }
}
