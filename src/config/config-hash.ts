/** What an event was recorded with, as one short text: two events with the same one were made by the same settings. */
import { createHash } from 'node:crypto';
import type { CameraConfig, Config } from './config.ts';

/** Without what may hold a password, and without what decides only how long the event is kept. */
export function configHash(camera: CameraConfig, model: Config['model']): string {
  const recordedWith = { ...camera, input: '', storage: undefined, model };
  return createHash('sha256').update(JSON.stringify(recordedWith)).digest('hex').slice(0, 16);
}
