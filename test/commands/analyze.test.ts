import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import { expectNoLeftovers } from '../leftovers.ts';

expectNoLeftovers();

const FIXTURES = packagePath('test', 'fixtures');
const VIDEOS = packagePath('..', 'shared', 'videos');

type Interval = readonly [number, number];

interface Truth {
  readonly file: string;
  readonly person_intervals: readonly Interval[];
  readonly clear_intervals: readonly Interval[];
  readonly max_simultaneous: number;
}

interface Visit {
  readonly startMs: number;
  readonly endMs: number;
  readonly people: number;
  readonly score: number;
  readonly reason: string;
  readonly tracks: readonly { readonly startMs: number; readonly endMs: number }[];
}

async function analyze(
  args: readonly string[],
  stdin?: Buffer,
): Promise<{ stdout: string; stderr: string; code: number | null }> {
  await using child = await Child.start({
    name: 'lookout analyze',
    command: process.execPath,
    args: ['--import', 'tsx', packagePath('src', 'main.ts'), 'analyze', ...args],
    stdin: stdin === undefined ? 'ignore' : 'pipe',
    dieWithParent: true,
  });
  if (stdin !== undefined) child.stdin.end(stdin);
  const stdout = String(await readAll(child));
  const { code, stderr } = await child.exited;
  return { stdout, stderr: stderr.join('\n'), code };
}

async function readAll({ stdout }: Child): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stdout) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

const visitsOf = (stdout: string): Visit[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Visit);

async function truthOf(folder: string, json: string, file: string): Promise<Truth> {
  const { videos } = JSON.parse(await readFile(`${folder}/${json}`, 'utf8')) as { videos: Truth[] };
  const truth = videos.find((video) => video.file === file);
  if (!truth) throw new Error(`Expected ${file} in ${json}`);
  return truth;
}

const near = (ms: number, seconds: number): boolean => Math.abs(ms - seconds * 1000) < 2500;

/**
 * Every visit of the truth lies in an event, and every event begins with one and ends with one, within what can be asked of a
 * detector. Visits that follow each other within the post-roll are one event.
 */
function expectVisits(visits: readonly Visit[], { person_intervals, clear_intervals }: Truth): void {
  for (const [fromS, toS] of clear_intervals) {
    const covering = visits.find(({ startMs, endMs }) => startMs < fromS * 1000 + 2000 && endMs > toS * 1000 - 2000);
    expect(covering, `the visit from ${fromS} to ${toS} s`).toBeDefined();
  }
  for (const { startMs, endMs } of visits) {
    expect(
      person_intervals.some(([fromS]) => near(startMs, fromS)),
      `an event at ${startMs} ms`,
    ).toBe(true);
    expect(
      person_intervals.some(([, toS]) => near(endMs, toS)),
      `an end at ${endMs} ms`,
    ).toBe(true);
  }
}

describe('lookout analyze', () => {
  it('prints one line per visit of the demo clip, the same lines each time', async () => {
    const truth = await truthOf(FIXTURES, 'demo.json', 'demo.mp4');
    const runs = await Promise.all([analyze([`${FIXTURES}/demo.mp4`]), analyze([`${FIXTURES}/demo.mp4`])]);
    for (const { code, stderr } of runs) expect([code, stderr]).toEqual([0, expect.not.stringContaining('bug')]);
    expect(runs[1]?.stdout).toBe(runs[0]?.stdout);
    const visits = visitsOf(runs[0]?.stdout ?? '');
    expect(visits).toHaveLength(2);
    expectVisits(visits, truth);
    for (const { startMs, endMs, tracks, score, people } of visits) {
      expect(tracks).toHaveLength(people);
      expect(score).toBeGreaterThan(0.5);
      expect(Math.min(...tracks.map((track) => track.startMs))).toBe(startMs);
      expect(Math.max(...tracks.map((track) => track.endMs))).toBe(endMs);
    }
    expect(visits.map(({ people }) => people)).toEqual([1, 2]);
  });

  it('finds the same visits with the motion gate and without, and says what it spared', async () => {
    const runs = await Promise.all(
      ['on', 'off'].map((gate) => analyze([`${FIXTURES}/demo.mp4`, '--gate', gate, '--log-level', 'debug'])),
    );
    const [on, off] = runs.map(({ stdout }) =>
      visitsOf(stdout).map(({ startMs, endMs, people }) => ({ startMs, endMs, people })),
    );
    expect(on).toEqual(off);
    const inferences = runs.map(({ stderr }) => Number(/"inferences":(\d+)/.exec(stderr)?.[1]));
    // Nobody is there in half of the film.
    expect(inferences[0]).toBeLessThan(0.75 * (inferences[1] ?? 0));
  });

  it('takes y4m on stdin, and flags that say who counts', async () => {
    // 3 s with one person from the first picture on.
    const cut = ['-v', 'error', '-nostdin', '-ss', '7', '-t', '3', '-i', `${FIXTURES}/demo.mp4`, '-f', 'yuv4mpegpipe', '-'];
    await using ffmpeg = await Child.start({
      name: 'ffmpeg',
      command: 'ffmpeg',
      args: cut,
      stdin: 'ignore',
      dieWithParent: true,
    });
    const y4m = await readAll(ffmpeg);
    const [asked, strict] = await Promise.all([analyze(['-'], y4m), analyze(['-', '--min-score', '0.99'], y4m)]);
    expect(visitsOf(asked.stdout)).toMatchObject([{ startMs: 0, people: 1, reason: 'source' }]);
    expect(strict).toMatchObject({ code: 0, stdout: '' });
  });

  it('refuses what it cannot analyse in one sentence, with exit code 2', async () => {
    const refusals = await Promise.all([
      analyze(['none.mp4']),
      analyze(['rtsp://127.0.0.1/x']),
      analyze([packagePath('package.json')]),
    ]);
    expect(refusals.map(({ code, stdout }) => [code, stdout])).toEqual([
      [2, ''],
      [2, ''],
      [2, ''],
    ]);
    expect(refusals[0]?.stderr).toContain('none.mp4');
    expect(refusals[1]?.stderr).toContain('rtsp://127.0.0.1/x has no end');
    expect(refusals[2]?.stderr).toContain('package.json');
    for (const { stderr } of refusals) expect(stderr).toContain('→');
  });

  describe.skipIf(!existsSync(VIDEOS))('on real footage (needs ../shared/videos: skipped where absent)', () => {
    it('finds every visit to an indoor camera, and nobody between them', async () => {
      const file = 'intel_one-by-one-person-detection.mp4';
      const { stdout } = await analyze([`${VIDEOS}/${file}`]);
      expectVisits(visitsOf(stdout), await truthOf(VIDEOS, 'truth.json', file));
    });

    it('has no event for cars', async () => {
      expect(await analyze([`${VIDEOS}/intel_car-detection.mp4`])).toMatchObject({ code: 0, stdout: '' });
    });
  });
});
