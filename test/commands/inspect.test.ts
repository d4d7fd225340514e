import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import sharp from 'sharp';
import type { Detection } from '../../src/messages.ts';
import { Child } from '../../src/lib/child.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import { demoPhoto, type PhotoFile } from '../detector/photo.ts';

const MODEL = packagePath('models', 'nanodet-plus-m.onnx');
let dir = '';
let photo: PhotoFile;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lookout-inspect-'));
  photo = await demoPhoto();
});
afterAll(async () => {
  await rm(dir, { recursive: true });
  await photo[Symbol.asyncDispose]();
});

async function inspect(...args: readonly string[]): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const main = packagePath('src', 'main.ts');
  const words = ['--import', import.meta.resolve('tsx'), main, 'inspect', ...args];
  // Pictures are written where the command is called.
  const script = 'cd "$1" && shift && exec "$@"';
  await using child = await Child.start({
    name: 'lookout inspect',
    command: 'sh',
    args: ['-c', script, 'sh', dir, process.execPath, ...words],
    stdin: 'ignore',
    dieWithParent: true,
  });
  const pieces: Buffer[] = [];
  for await (const piece of child.stdout) pieces.push(piece as Buffer);
  const { code, stderr } = await child.exited;
  return { stdout: String(Buffer.concat(pieces)), stderr: stderr.join('\n'), code };
}

describe('lookout inspect', () => {
  it('says what a model is and how fast, and draws what it finds on a photo', async () => {
    const { stdout, stderr, code } = await inspect(MODEL, photo.path);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ {2}family +nanodet-plus$/m);
    expect(stdout).toMatch(/4 × 8 distance bins/);
    expect(stdout).toMatch(/^ {2}input +images {2}float32 \[/m);
    expect(stdout).toMatch(/^ {2}inference +[\d.]+ ms with 1 thread, [\d.]+ ms with 2/m);
    expect(stdout.match(/^ {2}#\d+ +person/gm)).toHaveLength(2);
    expect(await readdir(dir)).toEqual(['photo-boxes.jpg']);
    expect(await sharp(join(dir, 'photo-boxes.jpg')).metadata()).toMatchObject({ format: 'jpeg', width: 624, height: 352 });
  });

  it('prints one object for programs, and the same twice', async () => {
    const [first, second] = [await inspect(MODEL, photo.path, '--json'), await inspect(MODEL, photo.path, '--json')];
    expect(second).toEqual(first);
    const said = JSON.parse(first.stdout) as { family: string; classes: string[]; detections: (Detection & { photo: string })[] };
    expect([said.family, said.classes.length]).toEqual(['nanodet-plus', 80]);
    expect(said.detections.every((one) => one.photo === photo.path && one.score >= 0.3)).toBe(true);
    expect(said.detections.filter(({ label }) => label === 'person')).toHaveLength(2);
    for (const { box } of said.detections) expect(box.x).toBe(Number(box.x.toFixed(5)));
  });

  it('refuses what is no model, or no photo, in one sentence', async () => {
    const refusals = [await inspect('none.onnx'), await inspect(MODEL, packagePath('README.md'), '--json')];
    expect(refusals.map(({ code, stdout }) => [code, stdout])).toEqual(refusals.map(() => [2, '']));
    expect(refusals[0]?.stderr).toMatch(/^lookout: The model none\.onnx does not exist/);
  });
});
