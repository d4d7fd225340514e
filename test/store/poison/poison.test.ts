import { createHash } from 'node:crypto';
import { cp, copyFile, mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../../../src/lib/child.ts';
import type { ClipFile } from '../../../src/messages/clip.ts';
import { expectNoLeftovers } from '../../leftovers.ts';
import { facts, makeClip, openStore, type TempFolder, tempFolder } from '../folder.ts';

expectNoLeftovers();

const START_MS = Date.now() - 3_600_000;
const DAY = new Date(START_MS).toISOString().slice(0, 10).split('-');
const GOOD = '01KAGYZ0000000000000000001';
const BAD = '01KAGYZ0000000000000000002';
const SCRIPT = join(import.meta.dirname, 'use-folder.ts');
/** Of the heap; the process itself takes about 50 MB of it. */
const HEAP_MB = 160;
const MAX_MS = 50_000;
const CANARY = 'nothing of this is ever written or shown';
const GIGABYTE = 1_000_000_000;

interface Served {
  readonly list: number;
  readonly ids: readonly string[];
  readonly good: Readonly<Record<string, number>>;
  readonly bad: Readonly<Record<string, number>>;
}

interface Told {
  readonly verify: readonly { kind: string; isGood: boolean; sentence: string }[];
  readonly deep: Told['verify'];
  readonly plan: unknown;
  readonly 'what-if': unknown;
  readonly serve: Served;
  readonly retention: unknown;
  readonly repair: readonly string[];
  readonly after: Served;
}

let house: TempFolder;
beforeAll(async () => {
  house = await tempFolder();
  const clip = join(house.dir, 'clip');
  await mkdir(clip);
  await makeClip(clip);
  await writeFile(join(clip, 'detections.jsonl'), '{"ptsMs":0,"tracks":[],"rejected":[]}\n');
  await writeFile(join(clip, 'snapshot.jpg'), 'a picture');
  await using store = await openStore(join(house.dir, 'data'));
  for (const id of [GOOD, BAD]) {
    const folder = await store.create('front', id, START_MS);
    const files: ClipFile[] = [];
    for (const name of (await readdir(clip)).sort()) {
      await copyFile(join(clip, name), join(folder, name));
      const bytes = await readFile(join(folder, name));
      const [isSegment, sha256] = [name.endsWith('.m4s'), createHash('sha256').update(bytes).digest('hex')];
      const startMs = isSegment ? Number.parseInt(name, 10) * 1000 : 0;
      files.push({ name, bytes: bytes.byteLength, sha256, startMs, durationMs: isSegment ? 1000 : 0 });
    }
    const startedAt = new Date(START_MS).toISOString();
    await store.save(facts('ready', { id, startedAt, endedAt: startedAt, durationMs: 5000, preRollMs: 0, files }));
  }
});
afterAll(async () => await house[Symbol.asyncDispose]());

async function run(command: string, args: string[]): Promise<{ stdout: string; stderr: string; code: number | undefined }> {
  await using child = await Child.start({ name: command, command, args, stdin: 'ignore', dieWithParent: true });
  let stdout = '';
  for await (const chunk of child.stdout) stdout += String(chunk);
  const { code, stderr } = await child.exited;
  return { stdout, stderr: stderr.join('\n'), code: code ?? undefined };
}

/** A file that says it is so long and takes nothing of the disk. */
async function sparse(path: string, bytes: number): Promise<void> {
  await using file = await open(path, 'w');
  await file.truncate(bytes);
}

type Put = (path: string, canary: string) => Promise<unknown>;

const link: Put = async (path, canary) => await symlink(canary, path);
const zeros: Put = async (path) => await symlink('/dev/zero', path);
const pipe: Put = async (path) => await run('mkfifo', [path]);
const folder: Put = async (path) => await mkdir(path);
const endless: Put = async (path) => await sparse(path, 3 * GIGABYTE);
const oneLine: Put = async (path) => await writeFile(path, Buffer.alloc(200_000_000, 'x'));
const deep: Put = async (path) => await writeFile(path, `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`);
const million: Put = async (path) =>
  await writeFile(path, `#EXTM3U\n#EXT-X-TARGETDURATION:1\n${'#EXTINF:1,\n00001.m4s\n'.repeat(1_000_000)}#EXT-X-ENDLIST\n`);
/** What somebody did to the data folder, by file; event files are those of one event. */
const POISONS: [what: string, file: string, put: Put][] = [
  ['an endless line', 'detections.jsonl', oneLine],
  ['3 GB', 'detections.jsonl', endless],
  ['a link', 'detections.jsonl', link],
  ['a pipe', 'detections.jsonl', pipe],
  ['3 GB', 'event.json', endless],
  ['a link to /dev/zero', 'event.json', zeros],
  ['a pipe', 'event.json', pipe],
  ['a folder', 'event.json', folder],
  ['a million lines', 'index.m3u8', million],
  ['a link', '../../../../../../ledger/front.jsonl', link],
];

/** A copy of the house, with that file replaced, used in every way; with it what lies outside, which must stay as it is. */
async function poisoned(file: string, put: Put): Promise<{ told: Told; ms: number; outside: string[]; canary: string }> {
  await using copy = await tempFolder();
  const data = join(copy.dir, 'data');
  await cp(join(house.dir, 'data'), data, { recursive: true, preserveTimestamps: true });
  const outside = join(copy.dir, 'outside');
  const canary = join(outside, 'canary');
  await mkdir(outside);
  await writeFile(canary, CANARY);
  const path = join(data, 'events', ...DAY, 'front', BAD, file);
  await mkdir(join(path, '..'), { recursive: true });
  await rm(path, { recursive: true, force: true });
  await put(path, canary);
  const began = performance.now();
  const tsx = import.meta.resolve('tsx');
  const { stdout, stderr, code } = await run('timeout', [
    '-s',
    'KILL',
    String(MAX_MS / 1000),
    process.execPath,
    `--max-old-space-size=${HEAP_MB}`,
    '--import',
    tsx,
    SCRIPT,
    data,
    GOOD,
    BAD,
  ]);
  expect(code, stderr).toBe(0);
  const told = JSON.parse(stdout) as Told;
  return { told, ms: performance.now() - began, outside: await readdir(outside), canary: await readFile(canary, 'utf8') };
}

/** Answered, whatever the answer, and not by a fault of ours. */
function isAnswer(status: number): boolean {
  return status > 0 && status < 500;
}

describe('a data folder that somebody touched', () => {
  it.each(POISONS)('costs no more than one event: %s in place of %s', async (_what, file, put) => {
    const { told, outside, canary } = await poisoned(file, put);
    expect({ outside, canary }).toEqual({ outside: ['canary'], canary: CANARY });
    for (const served of [told.serve, told.after]) {
      expect(served, JSON.stringify(told)).toMatchObject({ list: 200 });
      expect(served.ids).toContain(GOOD);
      expect(
        Object.values(served.good).every((status) => status === 200),
        JSON.stringify(served.good),
      ).toBe(true);
      expect(Object.values(served.bad).every(isAnswer), JSON.stringify(served.bad)).toBe(true);
    }
    expect(told.verify, JSON.stringify(told.verify)).toBeInstanceOf(Array);
    expect(told.deep).toBeInstanceOf(Array);
    expect(told.verify.filter(({ isGood, kind }) => isGood && kind !== 'ledger')).toEqual([]);
    expect(told.repair).toBeInstanceOf(Array);
    expect(told['what-if']).toBeGreaterThanOrEqual(1);
    expect([told.plan, told.retention]).toEqual([0, 'ok']);
  });

  it('lists an event whose text is nested too deep no longer, and no page fails', async () => {
    const { told } = await poisoned('event.json', deep);
    expect(told.verify.map(({ kind }) => kind)).toContain('unreadable event');
    expect(told.serve.ids).toEqual([GOOD]);
  });

  it.each([['lookout.lock', folder]])(
    'is not begun with where %s is none of ours, and the sentence says what it is',
    async (name, put) => {
      const { told, canary } = await poisoned(`../../../../../../${name}`, put);
      expect(typeof told.serve === 'string' ? told.serve : '').toMatch(
        new RegExp(`^threw .*/data/${name} is (a (folder|link|pipe), not a file|3000000000 bytes long)`),
      );
      expect(told.verify.map(({ kind }) => kind)).toContain('identity');
      expect(canary).toBe(CANARY);
    },
  );
});

describe('a file of 3 GB', () => {
  it('takes nothing of the disk in these tests', async () => {
    await using temp = await tempFolder();
    const path = join(temp.dir, 'long');
    await endless(path, '');
    expect((await stat(path)).blocks).toBeLessThan(100);
  });
});
