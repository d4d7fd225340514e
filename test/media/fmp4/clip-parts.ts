/** A clip's folder → what the conformance check takes. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClipParts } from '../../../src/media/clip-conformance.ts';
import type { IndexedSegment } from '../../../src/media/fmp4/virtual-mp4.ts';
import { readTracks } from '../../../src/media/fmp4/tracks.ts';
import { parsePlaylist } from '../../../src/media/hls-playlist.ts';
import { indexSegment } from '../../../src/server/clip/segment-index.ts';

export async function partsOfFolder(folder: string): Promise<ClipParts> {
  const playlist = await readFile(join(folder, 'index.m3u8'), 'utf8');
  const names = new Set(await readdir(folder));
  const inits = new Map<string, Buffer>();
  const segments = new Map<string, IndexedSegment>();
  for (const { name, initName } of parsePlaylist(playlist).segments) {
    if (initName === undefined || !names.has(initName) || !names.has(name)) continue;
    const init = inits.get(initName) ?? (await readFile(join(folder, initName)));
    inits.set(initName, init);
    segments.set(name, await indexSegment(join(folder, name), name, readTracks(init)));
  }
  return { playlist, inits, segments };
}
