/** The commands that need no camera: analyze, twice and through a pipe; the demo as a newcomer meets it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Lookout, runLookout } from './lookout.ts';
import { DEMO } from './media.ts';

const BUILT = join(import.meta.dirname, '..', '..', 'dist', 'src', 'main.js');

interface Visit {
  readonly startMs: number;
  readonly endMs: number;
  readonly people: number;
  readonly score: number;
  readonly tracks: readonly { readonly startMs: number; readonly endMs: number }[];
}

it.skipIf(!existsSync(BUILT))('what was built can be started by its name, as npx and npm link do', async () => {
  const { stdout } = await promisify(execFile)(BUILT, ['--help']);
  expect(stdout).toContain('Usage: lookout');
});

describe('analyze', () => {
  it('finds the two visits of the demo clip where they were labelled by hand, and says the same every time', async () => {
    const first = await analyze({ args: ['analyze', DEMO] });
    const visits = first
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Visit);
    const truth = JSON.parse(await readFile(DEMO.replace(/mp4$/, 'json'), 'utf8')) as {
      videos: { person_intervals: [number, number][]; clear_intervals: [number, number][] }[];
    };
    const [labelled] = truth.videos;
    expect(visits).toHaveLength(labelled!.person_intervals.length);
    for (const [i, { startMs, endMs, score, tracks }] of visits.entries()) {
      const [[enterS, leaveS], [clearS]] = [labelled!.person_intervals[i]!, labelled!.clear_intervals[i]!];
      // Labels are good to 0.3 s, and detection looks five times a second.
      expect(startMs).toBeGreaterThanOrEqual(enterS * 1000 - 300);
      expect(startMs).toBeLessThanOrEqual(clearS * 1000 + 1000);
      expect(endMs).toBeLessThanOrEqual(leaveS * 1000 + 500);
      expect(endMs).toBeGreaterThanOrEqual(leaveS * 1000 - 1500);
      expect(score).toBeGreaterThan(0.5);
      expect(tracks.every((track) => track.startMs >= startMs && track.endMs <= endMs)).toBe(true);
    }
    expect(visits[1]?.people).toBeGreaterThanOrEqual(2);
    expect(await analyze({ args: ['analyze', DEMO] })).toBe(first);
    const from = `ffmpeg -v error -nostdin -i ${DEMO} -f yuv4mpegpipe -pix_fmt yuv420p -`;
    expect(await analyze({ args: ['analyze', '-'], from }), 'the same film through a pipe').toBe(first);
  });

  it('stops without a word when its reader has enough', async () => {
    const { code, stdout, sentences } = await runLookout({ args: ['analyze', DEMO], config: false, into: 'head -c 9' });
    expect({ code, sentences, text: stdout.toString() }).toEqual({ code: 0, sentences: [], text: '{"startMs' });
  });
});

describe('demo', () => {
  it('says where to look, serves the page there, and ends with Ctrl-C', async () => {
    await using lookout = await Lookout.start({ args: ['demo'], config: false });
    await lookout.line('camera online');
    const text = lookout.sentences.join('\n');
    const page = /page\s+(http:\S+)/.exec(text)?.[1];
    expect(page).toBe(lookout.url);
    expect(text).toContain('mosquitto_sub');
    expect(text).toContain('Ctrl-C');
    const answer = await fetch(page ?? '');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    expect(answer.headers.get('content-security-policy')).toContain('default-src');
    expect(await lookout.stop()).toMatchObject({ code: 0 });
    expect(lookout.stdout.toString()).toBe('');
  });
});

async function analyze(options: { args: string[]; from?: string }): Promise<string> {
  const { code, stdout, sentences, lines } = await runLookout({ ...options, config: false });
  expect({ code, sentences, warnings: lines.filter(({ level }) => level >= 40) }).toEqual({
    code: 0,
    sentences: [],
    warnings: [],
  });
  return stdout.toString();
}
