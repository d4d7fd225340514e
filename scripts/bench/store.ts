/**
 * What many events cost: a start with 10,000 of them (index there, index gone, no SQLite), a page of the list, retention, and `verify`
 * per 1,000 events whose files are really there. The stores are made here, in a temp folder, and removed again.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { ClipFile } from '../../src/messages/clip.ts';
import type { EventRecord } from '../../src/messages/event.ts';
import { playlistHeader, playlistText } from '../../src/media/hls-playlist.ts';
import { type Head, NO_HEAD, nextLink } from '../../src/store/ledger/chain.ts';
import { folderOf, placeOf } from '../../src/store/folder/place.ts';
import { formatRecord } from '../../src/store/folder/record.ts';
import { planRetention } from '../../src/store/retention/retention.ts';
import { Store } from '../../src/store/store.ts';
import { verify } from '../../src/store/audit/verify.ts';
import { printTable } from './report.ts';

const EVENTS = 10_000;
const VERIFIED = 1000;
const CLIP_S = 20;
const SEGMENT_BYTES = 80_000;
const DAYS = 7;

export async function benchStore(): Promise<void> {
  const rows: string[][] = [];
  const dir = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  try {
    process.stderr.write(`store: making ${EVENTS} events\n`);
    await makeStore(join(dir, 'many'), { events: EVENTS, withFiles: false });
    const many = join(dir, 'many');
    rows.push(['first start, no index yet: every event.json read', ms(await timed(async () => await open(many)))]);
    rows.push(['start with its index (goal: 1000 ms)', ms(await timed(async () => await open(many)))]);
    rows.push(...(await openStoreRows(many)));
    process.stderr.write(`store: making ${VERIFIED} events with their files\n`);
    const whole = join(dir, 'whole');
    await makeStore(whole, { events: VERIFIED, withFiles: true });
    await open(whole);
    for (const isDeep of [false, true]) {
      const took = await timed(async () => {
        const { findings } = await verify({ dir: whole, isDeep, nowAtMs: Date.now() });
        // Random bytes are no fMP4; anything else would be a mistake of this script.
        if (findings.some(({ kind }) => kind !== 'torn segment')) throw new Error(JSON.stringify(findings[0]));
      });
      const size = isDeep ? `${Math.round((VERIFIED * CLIP_S * SEGMENT_BYTES) / 1e6)} MB` : 'names and sizes';
      rows.push([`verify${isDeep ? ' --deep' : ''}, per 1,000 events of ${CLIP_S} s (${size})`, ms(took)]);
    }
  } finally {
    await rm(dir, { recursive: true });
  }
  printTable(`store: ${EVENTS} events`, [['', 'time'], ...rows]);
}

async function openStoreRows(dir: string): Promise<string[][]> {
  await using store = await Store.open({ dir, clock: systemClock, log: silentLogger });
  const page = await timed(async () => await Promise.resolve(store.list({ limit: 50 })));
  const limits = { keepDays: 7, maxBytes: 1e12, minFreePercent: 5, whenFull: 'delete-oldest', cameras: new Map() } as const;
  const disk = { freeBytes: 1e12, totalBytes: 2e12 };
  const plan = await timed(async () => {
    planRetention({ holdings: store.shelf.all, open: new Map(), disk, nowAtMs: Date.now() }, limits);
    await Promise.resolve();
  });
  return [
    ['a page of 50 events', ms(page)],
    ['retention: one look', ms(plan)],
  ];
}

async function open(dir: string): Promise<void> {
  await using store = await Store.open({ dir, clock: systemClock, log: silentLogger });
  if (store.shelf.count === 0) throw new Error('Expected events');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function ms(took: number): string {
  return `${took < 10 ? took.toFixed(1) : Math.round(took)} ms`;
}

async function makeStore(dir: string, { events, withFiles }: { events: number; withFiles: boolean }): Promise<void> {
  await mkdir(join(dir, 'ledger'), { recursive: true });
  const heads = new Map<string, Head>();
  const ledgers = new Map<string, string[]>();
  const firstMs = Date.now() - (DAYS - 1) * 86_400_000;
  for (let n = 0; n < events; n += 1) {
    const camera = n % 2 === 0 ? 'door' : 'garden';
    const startMs = firstMs + Math.floor((n * (DAYS - 1) * 86_400_000) / events);
    const place = placeOf(camera, `01M7${String(n).padStart(22, '0')}`, startMs);
    const folder = folderOf(join(dir, 'events'), place);
    await mkdir(folder, { recursive: true });
    const record = recordOf({ ...place, startMs, files: await filesOf(folder, withFiles) });
    const chain = nextLink(heads.get(camera) ?? NO_HEAD, record);
    heads.set(camera, chain);
    const lines = ledgers.get(camera) ?? [];
    lines.push(`${JSON.stringify({ closed: place.id, day: place.day, ...chain })}\n`);
    ledgers.set(camera, lines);
    await writeFile(join(folder, 'event.json'), formatRecord({ ...record, chain }));
  }
  for (const [camera, lines] of ledgers) await writeFile(join(dir, 'ledger', `${camera}.jsonl`), lines.join(''));
}

async function filesOf(folder: string, withFiles: boolean): Promise<ClipFile[]> {
  const names = Array.from({ length: CLIP_S }, (_, i) => `${String(i).padStart(5, '0')}.m4s`);
  const segments = names.map((name, i) => ({
    name,
    initName: 'init.mp4',
    durationMs: 1000,
    atMs: i * 1000,
    isDiscontinuity: false,
  }));
  const playlist = Buffer.from(playlistText({ header: playlistHeader(1), segments, hasEnded: true }));
  const contents = new Map<string, Uint8Array>([
    ['init.mp4', randomBytes(800)],
    ...names.map((name) => [name, withFiles ? randomBytes(SEGMENT_BYTES) : new Uint8Array(SEGMENT_BYTES)] as const),
    ['detections.jsonl', randomBytes(20_000)],
    ['snapshot.jpg', randomBytes(60_000)],
    ['index.m3u8', playlist],
  ]);
  const files: ClipFile[] = [];
  for (const [name, bytes] of contents) {
    if (withFiles) await writeFile(join(folder, name), bytes);
    const sha256 = withFiles ? createHash('sha256').update(bytes).digest('hex') : '0'.repeat(64);
    files.push({ name, bytes: bytes.byteLength, sha256, startMs: 0, durationMs: name.endsWith('.m4s') ? 1000 : 0 });
  }
  return files;
}

function recordOf(of: { id: string; camera: string; startMs: number; files: readonly ClipFile[] }): EventRecord {
  const { id, camera, startMs, files } = of;
  const startedAt = new Date(startMs).toISOString();
  return {
    schema: 2,
    revision: 5,
    state: 'ready',
    id,
    camera,
    label: 'person',
    updatedAt: startedAt,
    startedAt,
    endedAt: startedAt,
    score: 0.8,
    count: 0,
    people: 1,
    box: { x: 0.1, y: 0.1, w: 0.2, h: 0.5 },
    zones: [],
    reason: 'left',
    hasSnapshot: true,
    preRollMs: 5000,
    durationMs: CLIP_S * 1000,
    latencyMs: { frameToDetect: 30, detectToConfirm: 400 },
    feed: 'frames',
    files,
    droppedFrames: 0,
    configHash: '0123456789abcdef',
  };
}
