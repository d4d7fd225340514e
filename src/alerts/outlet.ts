/**
 * Somebody who brings alerts to people or programs: MQTT, later others. The log offers in the order of the numbers, and each outlet
 * has a cursor of its own: one that is slow or away makes no other wait.
 */
import type { Alert, Delivery } from '../messages/alert.ts';

export interface Outlet {
  /** as it stands in the log: `MQTT` */
  readonly name: string;
  /** Called once, when the outlet joins. `delivery.ready()` may be called at once, or whenever the way out is open. */
  attached(delivery: Delivery): void;
  /**
   * Takes the alert now, or says that it cannot: nothing is offered then until `delivery.ready()`. Never waits. `acknowledge` is
   * called once the alert has arrived, also out of order, `refuse` where it was turned away: it is set aside, makes no other wait, and
   * is offered again after the next loss. After `delivery.lost()` both do nothing.
   */
  offer(alert: Alert, acknowledge: () => void, refuse: () => void): boolean;
}
