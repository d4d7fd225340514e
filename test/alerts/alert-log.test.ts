import { describe, expect, it } from 'vitest';
import { AlertLog } from '../../src/alerts/alert-log.ts';
import type { Outlet } from '../../src/alerts/outlet.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { Alert, Delivery } from '../../src/messages/alert.ts';
import { draft, readableLog, seqs } from '../publisher/harness.ts';

/** Takes alerts while it is open, and acknowledges them when the test says so. */
class TestOutlet implements Outlet {
  readonly name = 'pigeon';
  readonly offered: Alert[] = [];
  readonly acknowledge = new Map<number, () => void>();
  isOpen = true;
  isQuick = false;
  delivery: Delivery | undefined;

  attached(delivery: Delivery): void {
    this.delivery = delivery;
    if (this.isOpen) delivery.ready();
  }

  offer(alert: Alert, acknowledge: () => void): boolean {
    if (!this.isOpen) return false;
    this.offered.push(alert);
    this.acknowledge.set(alert.seq, acknowledge);
    if (this.isQuick) acknowledge();
    return true;
  }
}

function logWith(outlets: readonly Outlet[], more: { maxAlerts?: number } = {}): AlertLog {
  const log = new AlertLog({ node: 'here', log: silentLogger, ...more });
  for (const outlet of outlets) log.attach(outlet);
  return log;
}

function addTo(log: AlertLog, count: number): void {
  for (let i = 0; i < count; i += 1) log.add(draft(`e${i}`));
}

describe('AlertLog', () => {
  it('numbers alerts without a gap within an epoch of its own, whether anybody listens or not', () => {
    const [one, two, other] = [logWith([]), logWith([new TestOutlet()]), logWith([])];
    for (const log of [one, two]) {
      expect([log.add(draft('e1')), log.add(draft('e2', 'end'))]).toMatchObject([
        { v: 1, node: 'here', seq: 1, id: 'e1' },
        { v: 1, node: 'here', seq: 2, id: 'e2', type: 'end', at: draft('e2').at },
      ]);
    }
    expect(one.add(draft('e3')).epoch).toBe(one.add(draft('e4')).epoch);
    expect(one.add(draft('e5')).epoch).not.toBe(other.add(draft('e5')).epoch);
  });

  it('offers each alert at once, in order, and no more than 100 that are not acknowledged', () => {
    const outlet = new TestOutlet();
    const log = logWith([outlet]);
    addTo(log, 120);
    expect(seqs(outlet.offered)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    for (const seq of [50, 1, 1]) outlet.acknowledge.get(seq)?.();
    expect(seqs(outlet.offered).slice(100)).toEqual([101, 102]);
    expect(outlet.delivery?.waiting).toBe(118);
  });

  it('offers nothing to an outlet that refused until it is ready again', () => {
    const outlet = new TestOutlet();
    const log = logWith([outlet]);
    addTo(log, 1);
    outlet.isOpen = false;
    addTo(log, 2);
    outlet.isOpen = true;
    addTo(log, 1);
    expect(seqs(outlet.offered)).toEqual([1]);
    outlet.delivery?.ready();
    expect(seqs(outlet.offered)).toEqual([1, 2, 3, 4]);
  });

  it('offers all that was not acknowledged again after a loss, the lowest number first, and takes no late acknowledgement', () => {
    const outlet = new TestOutlet();
    const log = logWith([outlet]);
    addTo(log, 3);
    outlet.acknowledge.get(2)?.();
    const stale = outlet.acknowledge.get(1);
    outlet.delivery?.lost();
    addTo(log, 1);
    expect(outlet.offered).toHaveLength(3);
    outlet.delivery?.ready();
    expect(seqs(outlet.offered).slice(3)).toEqual([1, 3, 4]);
    stale?.();
    expect(outlet.delivery?.waiting).toBe(3);
  });

  it('takes acknowledgements that come at once, however many wait', () => {
    const outlet = new TestOutlet();
    outlet.isOpen = false;
    outlet.isQuick = true;
    const log = logWith([outlet]);
    addTo(log, 1000);
    outlet.isOpen = true;
    outlet.delivery?.ready();
    expect(outlet.offered).toHaveLength(1000);
    expect(outlet.delivery?.waiting).toBe(0);
  });

  it('lets an outlet that is away make no other wait', () => {
    const [away, quick] = [new TestOutlet(), new TestOutlet()];
    away.isOpen = false;
    quick.isQuick = true;
    addTo(logWith([away, quick]), 200);
    expect(quick.offered).toHaveLength(200);
    expect([away.delivery?.waiting, quick.delivery?.waiting]).toEqual([200, 0]);
  });

  it('drops the oldest for an outlet that stays away, counts them, and says so once until it is back', () => {
    const outlet = new TestOutlet();
    outlet.isOpen = false;
    const { log: logger, lines } = readableLog();
    const log = new AlertLog({ node: 'here', log: logger, maxAlerts: 150 });
    log.attach(outlet);
    addTo(log, 160);
    expect([outlet.delivery?.waiting, outlet.delivery?.dropped]).toEqual([150, 10]);
    expect(lines.map(({ msg, waitingAlerts }) => [msg, waitingAlerts])).toEqual([
      ['too many pigeon alerts wait, the oldest are dropped', 150],
    ]);
    outlet.isOpen = true;
    outlet.delivery?.ready();
    expect(outlet.offered[0]?.seq).toBe(11);
  });
});
