/** The zones of a camera's configuration → their polygons as others are told of them. Pure. */
import type { CameraView } from '../messages/camera.ts';
import type { CameraConfig } from './config.ts';

/** Undefined where it names none. */
export function zonesOf(detect: Pick<CameraConfig['detect'], 'zones'> | undefined): CameraView['zones'] {
  const zones = (detect?.zones ?? []).map(({ name, points }) => ({ name, points: points.map(([x, y]) => ({ x, y })) }));
  return zones.length > 0 ? zones : undefined;
}
