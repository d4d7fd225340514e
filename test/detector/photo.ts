/** A picture with two people in it, out of the bundled clip. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../src/lib/child.ts';
import { packagePath } from '../../src/lib/package-root.ts';

export interface PhotoFile extends AsyncDisposable {
  readonly path: string;
}

export async function demoPhoto(atSeconds = 34): Promise<PhotoFile> {
  const folder = await mkdtemp(join(tmpdir(), 'lookout-photo-'));
  const path = join(folder, 'photo.png');
  const clip = packagePath('test', 'fixtures', 'demo.mp4');
  const child = await Child.start({
    name: 'a photo',
    command: 'ffmpeg',
    args: ['-nostdin', '-loglevel', 'error', '-ss', String(atSeconds), '-i', clip, '-frames:v', '1', path],
    stdin: 'ignore',
    dieWithParent: true,
  });
  const { code, stderr } = await child.exited;
  if (code !== 0) throw new Error(stderr.join('\n'));
  return { path, [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }) };
}
