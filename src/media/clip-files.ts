/**
 * The files of a clip's folder: what they are called, and what a name says. The bounds hold for all who read a name, and keep what
 * a URL or a playlist asks for inside the folder. Pure.
 */

/** What is known of the event; written last. */
export const RECORD_NAME = 'event.json';
export const PLAYLIST_NAME = 'index.m3u8';
export const DETECTIONS_NAME = 'detections.jsonl';
export const SNAPSHOT_NAME = 'snapshot.jpg';
/** with the boxes drawn in */
export const BOXES_NAME = 'snapshot-boxes.jpg';
/** the part with the people */
export const THUMB_NAME = 'thumb.webp';
export const PICTURE_NAMES = [SNAPSHOT_NAME, BOXES_NAME, THUMB_NAME] as const;

/** `segmentName` as ffmpeg and DASH spell it. */
export const FFMPEG_SEGMENT_NAME = '%05d.m4s';
export const DASH_SEGMENT_NAME = '$Number%05d$.m4s';

const SEGMENT = /^(\d{1,8})\.m4s$/;
const INIT = /^init(?:-(\d{1,4}))?\.mp4$/;

/** 7 → `00007.m4s` */
export function segmentName(number: number): string {
  return `${String(number).padStart(5, '0')}.m4s`;
}

/** `init.mp4` is of the first run of the writer, `init-2.mp4` of the third. */
export function initName(run: number): string {
  return run === 0 ? 'init.mp4' : `init-${run}.mp4`;
}

export function isSegment(name: string): boolean {
  return SEGMENT.test(name);
}

export function isInit(name: string): boolean {
  return INIT.test(name);
}

/** Segments and what is needed to read them. */
export function isVideo(name: string): boolean {
  return isSegment(name) || isInit(name);
}

/** `00007.m4s` → 7; NaN for other names. The order of segments, and how a hole in it is seen. */
export function segmentNumber(name: string): number {
  return Number(SEGMENT.exec(name)?.[1]);
}

/** `init-2.mp4` → 2, `init.mp4` → 0; NaN for other names. */
export function initRun(name: string): number {
  const found = INIT.exec(name);
  return found ? Number(found[1] ?? 0) : Number.NaN;
}
