import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { playlistHeader } from '../../src/media/hls-playlist.ts';
import { ClipFolder } from '../../src/recorder/clip-folder.ts';

describe('ClipFolder', () => {
  it.each([
    { durationMs: 1499, problem: undefined },
    { durationMs: 1500, problem: 'Expected 1 s at most for 00000.m4s but it lasts 1500 ms' },
  ])('closes only what keeps its target duration: $durationMs ms', async ({ durationMs, problem }) => {
    const path = await mkdtemp(join(tmpdir(), 'lookout-clip-'));
    try {
      const [init, segment] = await Promise.all(
        ['init.mp4', '00000.m4s'].map(async (name) => {
          await writeFile(join(path, name), name);
          return { name, bytes: name.length, sha256: createHash('sha256').update(name).digest('hex') };
        }),
      );
      const folder = new ClipFolder(path, playlistHeader(1));
      await folder.listWritten({ ...segment!, init: init!, atMs: 0, durationMs });
      const outcome = await folder.close().then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      );
      expect(outcome).toBe(problem);
    } finally {
      await rm(path, { recursive: true });
    }
  });
});
