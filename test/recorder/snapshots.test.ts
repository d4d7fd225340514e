import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/lib/log.ts';
import { Snapshots } from '../../src/recorder/snapshots.ts';
import { pictureBytes } from '../../src/ring/ring-plan.ts';

/** Noise is the largest JPEG there is of a size. */
async function told(size: { widthPx: number; heightPx: number }, picture: Buffer) {
  const folder = await mkdtemp(join(tmpdir(), 'lookout-snapshots-'));
  try {
    const jpegs: Uint8Array[] = [];
    const snapshots = new Snapshots({ folder, size, log: silentLogger, onJpeg: (jpeg) => jpegs.push(jpeg) });
    snapshots.take({ still: { load: async () => await Promise.resolve(picture), release: () => undefined }, tracks: [] });
    await snapshots.settled();
    return { jpegs, kept: await readFile(join(folder, 'snapshot.jpg')) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('Snapshots', () => {
  it('tells a picture of at most 100 kB whatever is in it, and keeps the whole one', async () => {
    const size = { widthPx: 1920, heightPx: 1080 };
    const { jpegs, kept } = await told(size, randomBytes(pictureBytes(size)));
    expect(kept.byteLength).toBeGreaterThan(500_000);
    expect(jpegs.map((jpeg) => jpeg.byteLength <= 100_000)).toEqual([true]);
    expect(await sharp(jpegs[0]).metadata()).toMatchObject({ format: 'jpeg' });
    expect(await sharp(kept).metadata()).toMatchObject({ width: 1920, height: 1080 });
  });

  it('tells a small picture as it is', async () => {
    const size = { widthPx: 64, heightPx: 48 };
    const { jpegs, kept } = await told(size, Buffer.alloc(pictureBytes(size), 128));
    expect(jpegs.map((jpeg) => Buffer.from(jpeg).equals(kept))).toEqual([true]);
  });
});
