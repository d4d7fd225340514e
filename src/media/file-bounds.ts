/**
 * How long the files of a data folder can rightly be, generously: whoever reads one refuses what is longer, because it is not ours and
 * reading it would cost the process. Measured: an hour of clip lists 3,600 segments in 0.4 MB and describes them in 1 MB. Pure.
 */

/** event.json */
export const MAX_RECORD_BYTES = 8_000_000;
/** index.m3u8 */
export const MAX_PLAYLIST_BYTES = 4_000_000;
/** a clip of 27 hours, a second each */
export const MAX_LISTED_SEGMENTS = 100_000;
/** an init file */
export const MAX_INIT_BYTES = 4_000_000;
/** what is read of a segment at once: a `moof` of a million samples */
export const MAX_PART_BYTES = 16_777_216;
/** detections.jsonl, and a line of it */
export const MAX_DETECTIONS_BYTES = 268_435_456;
export const MAX_LINE_BYTES = 1_000_000;
/** whatever is hashed, a segment above all */
export const MAX_FILE_BYTES = 2_000_000_000;
/** lookout.json, lookout.lock, limits.json, clock.json */
export const MAX_NOTE_BYTES = 1_000_000;
