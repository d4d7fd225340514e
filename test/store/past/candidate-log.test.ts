import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../src/lib/errors.ts';
import { CandidateLog, readCandidates } from '../../../src/store/past/candidate-log.ts';
import { tempFolder } from '../folder.ts';

const AT_MS = Date.UTC(2026, 10, 20, 12, 59, 59);
const BOX = { x: 0.123456, y: 0.2, w: 0.1, h: 0.4 };
const moment = (atMs: number, score = 0.35) => ({ atMs, candidates: [{ score, box: BOX }] });

async function refuse(): Promise<void> {
  await Promise.reject(new RetryableError('the disk is away'));
}

function openLog(dataDir: string, maxBytes = 16_000_000) {
  const faults: unknown[] = [];
  return { log: new CandidateLog({ dataDir, maxBytes, onFault: (error) => faults.push(error) }), faults };
}

describe('candidates between events', () => {
  it('come back as they were, hour by hour', async () => {
    await using folder = await tempFolder();
    const { log, faults } = openLog(folder.dir);
    for (const ms of [0, 200, 2000]) log.add('door', moment(AT_MS + ms));
    log.add('yard', moment(AT_MS));
    await log[Symbol.asyncDispose]();
    expect(await readdir(join(folder.dir, 'candidates', 'door'))).toEqual(['2026-11-20T12.jsonl', '2026-11-20T13.jsonl']);
    const back = await readCandidates(folder.dir, 'door');
    expect(back.map(({ atMs }) => atMs - AT_MS)).toEqual([0, 200, 2000]);
    expect(back[0]?.candidates).toEqual([{ score: 0.35, box: { ...BOX, x: 0.1235 } }]);
    expect(await readCandidates(folder.dir, 'yard')).toHaveLength(1);
    expect(await readCandidates(folder.dir, 'garden')).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('are not written where nothing is good enough: an empty scene writes nothing', async () => {
    await using folder = await tempFolder();
    const { log } = openLog(folder.dir);
    for (let i = 0; i < 100; i++) log.add('door', { atMs: AT_MS + i, candidates: i % 2 ? [] : [{ score: 0.15, box: BOX }] });
    await log[Symbol.asyncDispose]();
    expect(await readdir(folder.dir)).toEqual([]);
  });

  it('are bounded: the oldest hours go, the newest stays', async () => {
    await using folder = await tempFolder();
    const { log } = openLog(folder.dir, 800);
    for (let hour = 0; hour < 6; hour++) {
      for (let i = 0; i < 3; i++) log.add('door', moment(AT_MS + hour * 3_600_000 + i));
    }
    await log[Symbol.asyncDispose]();
    const names = await readdir(join(folder.dir, 'candidates', 'door'));
    const sizes = await Promise.all(
      names.map(async (name) => (await readFile(join(folder.dir, 'candidates', 'door', name))).length),
    );
    expect(names.at(-1)).toBe('2026-11-20T17.jsonl');
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(800);
    expect(names.length).toBeGreaterThan(1);
  });

  it('of a scene that is full of them are written in stretches, no more than an hour’s share', async () => {
    await using folder = await tempFolder();
    const faults: unknown[] = [];
    const log = new CandidateLog({ dataDir: folder.dir, maxBytesPerHour: 500_000, onFault: (error) => faults.push(error) });
    const candidates = Array.from({ length: 20 }, () => ({ score: 0.35, box: BOX }));
    const startMs = Date.UTC(2026, 10, 20, 12);
    for (let slot = 0; slot < 5 * 3600; slot++) log.add('tree', { atMs: startMs + slot * 200, candidates });
    await log[Symbol.asyncDispose]();
    const path = join(folder.dir, 'candidates', 'tree', '2026-11-20T12.jsonl');
    const bytes = (await readFile(path)).length;
    expect(bytes).toBeGreaterThan(400_000);
    expect(bytes).toBeLessThanOrEqual(500_000 + 64_000);
    const times = (await readCandidates(folder.dir, 'tree')).map(({ atMs }) => atMs);
    // Most are followed by the very next picture.
    const inStretch = times.filter((atMs, i) => times[i + 1] === atMs + 200).length;
    expect(inStretch / times.length).toBeGreaterThan(0.9);
    expect(faults).toEqual([]);
  });

  it('survive lines that are cut off or foreign, and files that are not theirs', async () => {
    await using folder = await tempFolder();
    const path = join(folder.dir, 'candidates', 'door');
    await mkdir(path, { recursive: true });
    const good = JSON.stringify(moment(AT_MS));
    await writeFile(
      join(path, '2026-11-20T12.jsonl'),
      `${good}\n7\n{"atMs":1,"candidates":[{"score":"x"}]}\n${good.slice(0, 20)}`,
    );
    await writeFile(join(path, 'notes.txt'), good);
    expect(await readCandidates(folder.dir, 'door')).toEqual([moment(AT_MS)]);
  });

  it('refuse a camera whose name would leave the folder', async () => {
    await expect(readCandidates('/tmp', '../../etc')).rejects.toThrow(TypeError);
  });

  it('that cannot be written are told of once, and nothing else happens', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.dir, 'candidates'), 'a file in the way');
    const { log, faults } = openLog(folder.dir);
    for (let hour = 0; hour < 3; hour++) log.add('door', moment(AT_MS + hour * 3_600_000));
    await log[Symbol.asyncDispose]();
    expect(faults).toHaveLength(1);
  });

  it('are not written into a folder that is not ours any more', async () => {
    await using folder = await tempFolder();
    const faults: unknown[] = [];
    const log = new CandidateLog({ dataDir: folder.dir, guard: refuse, onFault: (error) => faults.push(error) });
    log.add('door', moment(AT_MS));
    await log[Symbol.asyncDispose]();
    expect(faults).toHaveLength(1);
    expect(await readdir(folder.dir)).toEqual([]);
  });
});
