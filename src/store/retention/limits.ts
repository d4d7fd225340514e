/** What the configuration says of storage → the limits that retention keeps. Pure. */
import type { Settings } from '../../config/config.ts';
import type { Limits } from './retention.ts';

export function limitsOf({ storage, cameras }: Pick<Settings, 'storage' | 'cameras'>): Limits {
  const { keepDays, maxBytes, minFreePercent, whenFull } = storage;
  return {
    keepDays,
    maxBytes,
    minFreePercent,
    whenFull,
    cameras: new Map(cameras.map((camera) => [camera.name, camera.storage])),
  };
}
