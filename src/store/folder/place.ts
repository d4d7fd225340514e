/**
 * Where an event lies: `events/2026/11/20/<camera>/<id>`, by the UTC date of its start. The layout is final; every name in it
 * is checked against a pattern on the way in and on the way out, so that no path can leave the folder.
 */
import { join } from 'node:path';

export interface Place {
  readonly id: string;
  readonly camera: string;
  /** `2026/11/20`, UTC */
  readonly day: string;
}

export const ID = /^[0-9A-Z]{26}$/;
export const CAMERA = /^[a-z0-9_-]+$/;

/** The place of a new event. Throws on names that no other stage should have let through. */
export function placeOf(camera: string, id: string, startAtMs: number): Place {
  if (!CAMERA.test(camera)) throw new TypeError(`Expected a camera name of a-z, 0-9, _ and - but received ${camera}`);
  if (!ID.test(id)) throw new TypeError(`Expected an event id of 26 characters 0-9 and A-Z but received ${id}`);
  const at = new Date(startAtMs);
  if (Number.isNaN(at.getTime())) throw new TypeError(`Expected a start in epoch milliseconds but received ${startAtMs}`);
  return { id, camera, day: at.toISOString().slice(0, 10).replaceAll('-', '/') };
}

/** Absolute path of an event's folder inside the events folder. */
export function folderOf(eventsDir: string, { day, camera, id }: Place): string {
  return join(eventsDir, ...day.split('/'), camera, id);
}
