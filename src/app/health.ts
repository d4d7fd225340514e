/** How the whole house does. */
import type { Detector } from '../detector/detector.ts';
import type { BrokerHealth, Health } from '../messages/health.ts';
import { savedShare } from '../gate/frame-gate.ts';
import type { StorageKeeper } from '../store/retention/keeper.ts';
import type { Store } from '../store/store.ts';
import type { Camera } from './cameras.ts';

export interface HealthParts {
  readonly cameras: Iterable<Camera>;
  readonly broker: () => BrokerHealth;
  readonly detector: Pick<Detector, 'health'>;
  readonly store: Pick<Store, 'problem'>;
  readonly keeper: Pick<StorageKeeper, 'problems' | 'view'>;
}

/** Not ok is whatever keeps a person from being seen, told of or recorded. */
export function healthOf({ cameras, broker: brokerNow, detector, store, keeper }: HealthParts): Health {
  const broker = brokerNow();
  const all = [...cameras];
  const reasons = all
    .filter(({ state }) => state.status.state !== 'online')
    .map(({ name, state: { status } }) => `camera ${name} is ${status.state}: ${status.reason ?? ''}`);
  if (all.length === 0) reasons.push('the cameras are being started');
  if (detector.health.flaw !== undefined) reasons.push(detector.health.flaw);
  if (!detector.health.isRunning) reasons.push(`the detector is not running: ${detector.health.reason ?? ''}`);
  if (broker.state === 'away') reasons.push(`the MQTT broker ${broker.url} is away: ${broker.reason ?? ''}`);
  reasons.push(...broker.refusals);
  if (store.problem !== undefined) reasons.push(store.problem);
  reasons.push(...keeper.problems);
  return {
    ok: reasons.length === 0,
    reasons,
    broker,
    rssBytes: process.memoryUsage.rss(),
    inferencesSaved: Object.fromEntries(all.map(({ name, pipeline }) => [name, savedShare(pipeline.figures.counters.gate)])),
    storage: keeper.view,
  };
}
