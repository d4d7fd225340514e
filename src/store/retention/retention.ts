/**
 * What is stored, the settings and the disk → which events go, why, and whether anything may still be recorded. Pure.
 *
 * Protected and open events stay. By age go all that are too old by a clock that can be trusted; for space the oldest first, where
 * "older" is the order of closing within a camera and the order of ids between cameras, never the wall clock. Deletions for a
 * camera's own share come before those for all. Where others fill the disk so far that all events together would not make room,
 * none goes for it: that would cost the evidence and win nothing.
 */
import type { StorageConfig } from '../../config/config.ts';
import type { StorageState } from '../../messages/health.ts';
import type { Holding } from '../index/shelf.ts';

const DAY_MS = 86_400_000;
/** `low`: less than this share of a limit is left. */
const LOW_SHARE = 0.1;
/** Of the disk, above what must stay free. */
const LOW_DISK_SHARE = 0.02;
/** Stays free also with minFreePercent 0, or this share of a small disk: a disk at its last byte takes no event.json, either. */
const RESERVE_BYTES = 16_000_000;

/** 0 is no limit, everywhere. */
export interface Limits extends Pick<StorageConfig, 'keepDays' | 'maxBytes' | 'minFreePercent' | 'whenFull'> {
  readonly cameras: ReadonlyMap<string, { readonly keepDays?: number | undefined; readonly maxBytes?: number | undefined }>;
}

export interface Stock {
  /** closed events */
  readonly holdings: readonly Holding[];
  /** bytes of events that are being recorded, per camera, and what they may grow until the next look */
  readonly open: ReadonlyMap<string, { readonly bytes: number; readonly growthBytes: number }>;
  /** undefined where the system does not say */
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | undefined;
  /** wall time; undefined while the clock is in doubt: nothing is deleted for its age then */
  readonly nowAtMs: number | undefined;
}

export type Why = 'age' | 'space' | 'camera space' | 'free space';

export interface Plan {
  /** in this order */
  readonly deletions: readonly { readonly holding: Holding; readonly why: Why }[];
  readonly state: StorageState['state'];
  /** why nothing more may be recorded, by camera; '' stands for all */
  readonly full: ReadonlyMap<string, string>;
  readonly usedBytes: number;
}

export function planRetention(stock: Stock, limits: Limits): Plan {
  const doomed = new Map<Holding, Why>();
  const kept = (): Holding[] => stock.holdings.filter((holding) => !doomed.has(holding));
  for (const holding of tooOld(stock, limits)) doomed.set(holding, 'age');
  const full = new Map<string, string>();
  let isLow = false;
  for (const need of needs(stock, limits)) {
    const mine = kept().filter(({ place }) => need.camera === undefined || place.camera === need.camera);
    const freedBytes = sum([...doomed.keys()]);
    let overBytes = need.overBytes({ keptBytes: sum(mine), freedBytes });
    const deletable = limits.whenFull === 'stop' ? [] : mine.filter(({ isProtected }) => !isProtected);
    const roomBytes = sum(deletable) - overBytes;
    const isInVain = need.why === 'free space' && roomBytes <= 0;
    // Sorted only when something must go: this runs every second while somebody is recorded.
    for (const holding of overBytes > 0 && !isInVain ? oldestFirst(deletable) : []) {
      if (overBytes <= 0) break;
      doomed.set(holding, need.why);
      overBytes -= holding.bytes;
    }
    if (roomBytes <= 0) full.set(need.camera ?? '', need.sentence);
    isLow ||= roomBytes < need.lowBytes;
  }
  const state = full.size > 0 ? 'full' : isLow ? 'low' : 'ok';
  const deletions = Array.from(doomed, ([holding, why]) => ({ holding, why }));
  return { deletions, state, full, usedBytes: sum(stock.holdings) + openBytes(stock) };
}

/** A limit, and by how much it is exceeded (or, below 0, what is left) by what is kept. */
interface Need {
  readonly why: Why;
  readonly camera?: string;
  readonly lowBytes: number;
  readonly sentence: string;
  overBytes(given: { keptBytes: number; freedBytes: number }): number;
}

function needs(stock: Stock, limits: Limits): Need[] {
  const list: Need[] = [];
  for (const [camera, { maxBytes = 0 }] of limits.cameras) {
    if (maxBytes > 0) list.push(quota(maxBytes, stock, camera));
  }
  if (limits.maxBytes > 0) list.push(quota(limits.maxBytes, stock));
  if (stock.disk) list.push(freeSpace(stock.disk, stock, limits.minFreePercent));
  return list;
}

function quota(maxBytes: number, stock: Stock, camera?: string): Need {
  const aheadBytes = openBytes(stock, camera) + growthBytes(stock, camera);
  const of = camera === undefined ? '' : ` of camera ${camera}`;
  const common = {
    lowBytes: maxBytes * LOW_SHARE,
    overBytes: ({ keptBytes }: { keptBytes: number }) => keptBytes + aheadBytes - maxBytes,
  };
  if (camera === undefined) return { ...common, why: 'space', sentence: `the disk is full: events take all of storage.maxBytes` };
  return { ...common, why: 'camera space', camera, sentence: `the disk is full: events${of} take all of its storage.maxBytes` };
}

function freeSpace(disk: { freeBytes: number; totalBytes: number }, stock: Stock, minFreePercent: number): Need {
  const minFreeBytes = Math.max(
    (disk.totalBytes * minFreePercent) / 100,
    Math.min(RESERVE_BYTES, disk.totalBytes * LOW_DISK_SHARE),
  );
  return {
    why: 'free space',
    lowBytes: disk.totalBytes * LOW_DISK_SHARE,
    sentence: `the disk is full: less than ${Math.ceil(minFreeBytes / 1e6)} MB is free (storage.minFreePercent ${minFreePercent})`,
    overBytes: ({ freedBytes }) => minFreeBytes + growthBytes(stock) - disk.freeBytes - freedBytes,
  };
}

function tooOld({ holdings, nowAtMs }: Stock, { keepDays, cameras }: Limits): Holding[] {
  if (nowAtMs === undefined) return [];
  const daysOf = (camera: string): number => cameras.get(camera)?.keepDays ?? keepDays;
  const mayBeOld = holdings.filter(
    ({ place: { camera }, startMs }) => daysOf(camera) > 0 && startMs < nowAtMs - daysOf(camera) * DAY_MS,
  );
  if (mayBeOld.length === 0) return [];
  const startsMs = notBefore(holdings, nowAtMs);
  return oldestFirst(
    mayBeOld.filter((holding) => {
      const { place, isProtected, startMs } = holding;
      return !isProtected && (startsMs.get(holding) ?? startMs) < nowAtMs - daysOf(place.camera) * DAY_MS;
    }),
  );
}

/** An event began no earlier than the one that its camera closed before it, whatever a clock said that was not set yet. */
function notBefore(holdings: readonly Holding[], nowAtMs: number): Map<Holding, number> {
  const startsMs = new Map<Holding, number>();
  const newestMs = new Map<string, number>();
  for (const holding of [...holdings].sort(bySeq)) {
    const { place, startMs, seq } = holding;
    const beforeMs = seq === undefined ? undefined : newestMs.get(place.camera);
    const ownMs = Math.max(startMs, beforeMs ?? startMs);
    startsMs.set(holding, ownMs);
    // What lies in the future is wrong, too, and says nothing of others.
    if (ownMs <= nowAtMs) newestMs.set(place.camera, ownMs);
  }
  return startsMs;
}

/** Each camera in the order of closing, those from before there was one first; between cameras the smaller id. */
export function oldestFirst(holdings: readonly Holding[]): Holding[] {
  const queues = new Map<string, Holding[]>();
  for (const holding of holdings) {
    const queue = queues.get(holding.place.camera) ?? [];
    queue.push(holding);
    queues.set(holding.place.camera, queue);
  }
  const waiting = [...queues.values()].map((queue) => ({ queue: queue.sort(bySeq), next: 0 }));
  const order: Holding[] = [];
  for (;;) {
    let first: { queue: Holding[]; next: number } | undefined;
    for (const one of waiting) {
      const id = one.queue[one.next]?.place.id;
      const firstId = first?.queue[first.next]?.place.id;
      if (id !== undefined && (firstId === undefined || id < firstId)) first = one;
    }
    const holding = first?.queue[first.next];
    if (!first || !holding) return order;
    order.push(holding);
    first.next += 1;
  }
}

function bySeq(a: Holding, b: Holding): number {
  const [seqA, seqB] = [a.seq ?? 0, b.seq ?? 0];
  if (seqA !== seqB) return seqA - seqB;
  return a.place.id < b.place.id ? -1 : 1;
}

function sum(holdings: readonly Holding[]): number {
  return holdings.reduce((total, { bytes }) => total + bytes, 0);
}

function openBytes({ open }: Stock, camera?: string): number {
  return [...open].reduce((total, [name, { bytes }]) => total + (camera === undefined || name === camera ? bytes : 0), 0);
}

function growthBytes({ open }: Stock, camera?: string): number {
  return [...open].reduce((total, [name, one]) => total + (camera === undefined || name === camera ? one.growthBytes : 0), 0);
}
