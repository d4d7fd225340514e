import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import type { Summary } from '../../src/score/summary.ts';
import { record } from '../store/folder.ts';

const TRUTH = packagePath('test', 'fixtures', 'demo.json');
const START_MS = Date.UTC(2026, 10, 20, 12);
let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lookout-score-'));
});
afterAll(async () => await rm(dir, { recursive: true }));

async function score(...args: readonly string[]): Promise<{ stdout: string; stderr: string; code: number | null }> {
  await using child = await Child.start({
    name: 'lookout score',
    command: process.execPath,
    args: ['--import', 'tsx', packagePath('src', 'main.ts'), 'score', ...args],
    stdin: 'ignore',
    dieWithParent: true,
  });
  const pieces: Buffer[] = [];
  for await (const piece of child.stdout) pieces.push(piece as Buffer);
  const { code, stderr } = await child.exited;
  return { stdout: String(Buffer.concat(pieces)), stderr: stderr.join('\n'), code };
}

describe('lookout score', () => {
  it('finds both visits of the demo clip, and draws the sweep', async () => {
    const chart = join(dir, 'chart.svg');
    const bars = ['--min-recall', '1', '--max-false-per-hour', '0', '--max-onset-ms', '1500'];
    const { stdout, code, stderr } = await score(TRUTH, '--json', '--chart', chart, ...bars);
    expect([code, stderr]).toEqual([0, '']);
    const { summary, sweep, films } = JSON.parse(stdout) as { summary: Summary; sweep: unknown[]; films: unknown[] };
    expect(summary).toMatchObject({ visits: 2, found: 2, recall: 1, precision: 1, falsePerHour: 0, splitVisits: 0 });
    expect([films.length, sweep.length > 20]).toEqual([1, true]);
    expect(await readFile(chart, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it('ends with 1 below a bar, after the tables', async () => {
    const { stdout, stderr, code } = await score(TRUTH, '--min-score', '0.95', '--min-recall', '0.5');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^film +visits +found/);
    expect(stdout).toMatch(/\[0\/2\]/);
    expect(stderr).toBe('lookout: below the bar: recall is 0.000, asked for 0.5');
  });

  it('refuses what it cannot judge in one sentence, before it decodes anything', async () => {
    const wrong = join(dir, 'wrong.json');
    const away = join(dir, 'away.json');
    await writeFile(wrong, JSON.stringify({ videos: [{ file: 'a.mp4', clear_intervals: [[2, 1]] }] }));
    await writeFile(away, JSON.stringify({ videos: [{ file: 'a.mp4' }] }));
    const refusals = await Promise.all([score(), score('none.json'), score(packagePath('README.md')), score(wrong), score(away)]);
    expect(refusals.map(({ code, stdout }) => [code, stdout])).toEqual(refusals.map(() => [2, '']));
    const said = refusals.map(({ stderr }) => stderr);
    expect(said[0]).toContain('No truth was given');
    expect(said[1]).toContain('none.json does not exist');
    expect(said[2]).toContain('is not JSON');
    expect(said[3]).toContain('videos[0].clear_intervals[0]');
    expect(said[4]).toContain('a.mp4 is not beside its truth');
    for (const text of said) expect(text).toContain('→');
  });
});

/** An event folder as Lookout leaves it: a person at 5 … 10 s of the clip, with scores that sink to the end. */
async function writeEvent(
  dataDir: string,
  { id, offsetMs, best }: { id: string; offsetMs: number; best: number },
): Promise<void> {
  const startMs = START_MS + offsetMs;
  const folder = join(dataDir, 'events', '2026', '11', '20', 'door', id);
  await mkdir(folder, { recursive: true });
  const box = { x: 0.4, y: 0.3, w: 0.1, h: 0.4 };
  const written = record('ready', {
    id,
    camera: 'door',
    score: best,
    box,
    startedAt: new Date(startMs).toISOString(),
    endedAt: new Date(startMs + 5000).toISOString(),
    preRollMs: 5000,
  });
  const lines = Array.from({ length: 75 }, (_, i) => {
    const ptsMs = i * 200;
    const isHere = ptsMs >= 5000 && ptsMs <= 10_000;
    const sight = { score: best - (ptsMs - 5000) / 50_000, box };
    const isConfirmed = ptsMs >= 5400;
    return {
      ptsMs,
      tracks: isHere && isConfirmed ? [{ id: 1, label: 'person', ...sight }] : [],
      rejected: isHere && !isConfirmed ? [{ ...sight, rule: 'unconfirmed' }] : [],
    };
  });
  await writeFile(join(folder, 'event.json'), `${JSON.stringify(written)}\n`);
  await writeFile(join(folder, 'detections.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

describe('lookout score --what-if', () => {
  it('says what other settings would have made of past events, without their video', async () => {
    const data = join(dir, 'data');
    await writeEvent(data, { id: '01KAGYZ0000000000000000001', offsetMs: 0, best: 0.8 });
    await writeEvent(data, { id: '01KAGYZ0000000000000000002', offsetMs: 60_000, best: 0.5 });
    await mkdir(join(data, 'candidates', 'door'), { recursive: true });
    const faint = [0, 1, 2].map((i) =>
      JSON.stringify({ atMs: START_MS + 120_000 + i * 200, candidates: [{ score: 0.35, box: { x: 0, y: 0, w: 0.1, h: 0.3 } }] }),
    );
    await writeFile(join(data, 'candidates', 'door', '2026-11-20T12.jsonl'), faint.join('\n'));

    const [same, strict, loose] = await Promise.all([
      score('--what-if', '--data', data),
      score('--what-if', '--data', data, '--min-score', '0.45', '--start-score', '0.6'),
      score('--what-if', '--data', data, '--min-score', '0.3', '--start-score', '0.3'),
    ]);
    expect(same).toEqual({
      code: 0,
      stderr: '',
      stdout: '2 past events: 2 the same, 0 lost, 0 split, 0 shortened, 0 longer, 0 gained\n',
    });
    expect(strict.stdout).toContain('2 past events: 1 the same, 1 lost, 0 split, 0 shortened, 0 longer, 0 gained');
    expect(strict.stdout).toMatch(/2026-11-20T12:01:00\.000Z +door +01KAGYZ0000000000000000002 +5\.0 s +lost/);
    expect(loose.stdout).toMatch(/2026-11-20T12:02:00\.000Z +door +gained +0\.4 s/);
  });

  it('refuses what belongs to films, and a folder without events', async () => {
    const refusals = await Promise.all([score('--what-if', TRUTH), score('--what-if', '--data', join(dir, 'nothing'))]);
    expect(refusals.map(({ code }) => code)).toEqual([2, 2]);
    expect(refusals[0]?.stderr).toContain('has no use for');
    expect(refusals[1]?.stderr).toContain('There are no finished events in');
  });
});
