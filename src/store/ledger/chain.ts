/**
 * The hash chain of a camera. Pure. Closed events are numbered from 1 in the order of closing; the hash of an event is
 *
 *     SHA-256( JSON.stringify([1, previous, seq, camera, id, state, startedAt, endedAt, label, score, people, zones, durationMs,
 *              droppedFrames, [[name, bytes, sha256, startMs, durationMs], …]]) )      in hex, absent values as null,
 *
 * `previous` the hash of the event before, or 64 zeros; `state` is `ready` or `failed` (schema 1 called it `type`, the hash is the same).
 * What changes after an event was closed (protection, and the revision with it) is not covered. Who can write to the disk can make the whole chain anew: keep a head elsewhere.
 */
import { createHash } from 'node:crypto';
import type { ChainLink, EventRecord } from '../../messages/event.ts';

export const GENESIS = '0'.repeat(64);

/** The newest link of a camera; seq 0 before the first. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

export const NO_HEAD: Head = { seq: 0, hash: GENESIS };

export function nextLink({ seq, hash: previous }: Head, record: EventRecord): ChainLink {
  const place = { seq: seq + 1, previous };
  return { ...place, hash: hashOf(record, place) };
}

export function hashOf(record: EventRecord, { seq, previous }: Omit<ChainLink, 'hash'>): string {
  const { camera, id, state, startedAt, endedAt, label, score, people, zones, durationMs, droppedFrames } = record;
  const files = record.files.map((file) => [file.name, file.bytes, file.sha256, file.startMs, file.durationMs]);
  const covered = [
    1,
    previous,
    seq,
    camera,
    id,
    state,
    startedAt,
    endedAt,
    label,
    score,
    people,
    zones,
    durationMs,
    droppedFrames,
    files,
  ];
  return createHash('sha256')
    .update(JSON.stringify(covered.map((value) => value ?? null)))
    .digest('hex');
}

/** The event still is what its own link says. */
export function isIntact(record: EventRecord): boolean {
  return record.chain === undefined || hashOf(record, record.chain) === record.chain.hash;
}
