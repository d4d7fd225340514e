/**
 * Every alert gets its number here, once, whoever it is for: `seq` counts from 1 without a gap within `epoch`, which is minted at
 * each start. Outlets follow from the moment they join, each with a cursor of its own. In memory: what is not acknowledged when the
 * process ends is lost.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from '../lib/log.ts';
import type { Alert, AlertDraft } from '../messages/alert.ts';
import { Cursor } from './cursor.ts';
import type { Outlet } from './outlet.ts';

const MAX_ALERTS = 1000;
const MAX_IN_FLIGHT = 100;

export interface AlertLogOptions {
  readonly node: string;
  readonly log: Logger;
  /** kept for an outlet that is away; default 1000 */
  readonly maxAlerts?: number;
}

export class AlertLog {
  readonly #options: AlertLogOptions;
  readonly #epoch = randomBytes(8).toString('hex');
  readonly #cursors: Cursor[] = [];
  #seq = 0;

  constructor(options: AlertLogOptions) {
    this.#options = options;
  }

  attach(outlet: Outlet): void {
    const { log, maxAlerts = MAX_ALERTS } = this.#options;
    const cursor = new Cursor(outlet, { maxAlerts, maxInFlight: MAX_IN_FLIGHT, log });
    this.#cursors.push(cursor);
    outlet.attached(cursor);
  }

  /** Numbers an alert and offers it to every outlet; returns it as it will be read. Never waits. */
  add(draft: AlertDraft): Alert {
    this.#seq += 1;
    const alert: Alert = { v: 1, node: this.#options.node, epoch: this.#epoch, seq: this.#seq, ...draft };
    for (const cursor of this.#cursors) cursor.add(alert);
    return alert;
  }
}
