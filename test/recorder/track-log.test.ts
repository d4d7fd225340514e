import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TrackLog, trackLineOf } from '../../src/recorder/track-log.ts';
import { person, tracked } from './film.ts';

const lineAt = (ptsMs: number) => ({ ptsMs, tracks: [], rejected: [] });

describe('TrackLog', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lookout-tracks-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps no more lines than it may, and forgets those behind the end of the clip', async () => {
    const path = join(folder, 'detections.jsonl');
    const log = new TrackLog({ path, maxLines: 4, onFault: (error) => expect.fail(error.message) });
    for (const ptsMs of [0, 200, 400, 600, 800]) log.add(lineAt(ptsMs));
    expect(log.lines.map(({ ptsMs }) => ptsMs)).toEqual([0, 200, 400, 600]);
    await log.close(600);
    expect(await readFile(path, 'utf8')).toBe([0, 200, 400].map((ptsMs) => `${JSON.stringify(lineAt(ptsMs))}\n`).join(''));
  });

  it('tells of a folder that is gone and goes on in memory', async () => {
    const faults: string[] = [];
    const path = join(folder, 'gone', 'detections.jsonl');
    const log = new TrackLog({ path, maxLines: 4, onFault: (error) => faults.push(error.message) });
    log.add(lineAt(0));
    await log.close(1000);
    expect(faults).toHaveLength(2);
    expect(log.lines).toEqual([lineAt(0)]);
  });
});

describe('trackLineOf', () => {
  it('holds what was seen, in clip time, and so many of the rejected, best first', () => {
    const box = { x: 0, y: 0, w: 0.1, h: 0.1 };
    const rejected = Array.from({ length: 300 }, (_, i) => ({ score: i / 1000, box, rule: 'minScore' as const }));
    const line = trackLineOf({ ...tracked(10, [person(3), person(4, { isSeen: false })]), rejected }, 500);
    expect(line.ptsMs).toBe(1500);
    expect(line.tracks).toEqual([{ id: 3, label: 'person', score: 0.8, box: { x: 0.4, y: 0.2, w: 0.2, h: 0.6 } }]);
    expect(line.rejected).toHaveLength(100);
    expect(line.rejected[0]?.score).toBe(0.299);
  });
});
