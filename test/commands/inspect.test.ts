import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import type { Detection } from '../../src/messages/detection.ts';
import { modelFolder } from '../detector/folder.ts';
import { answering } from '../detector/onnx.ts';
import { demoPhoto } from '../detector/photo.ts';

const MODEL = packagePath('models', 'nanodet-plus-m.onnx');

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function lookout(cwd: string, ...args: readonly string[]): Promise<Outcome> {
  const child = await Child.start({
    name: 'lookout',
    command: process.execPath,
    args: ['--import', import.meta.resolve('tsx'), packagePath('src', 'main.ts'), ...args],
    cwd,
    stdin: 'ignore',
    dieWithParent: true,
  });
  const stdout = await buffer(child.stdout);
  const { code, stderr } = await child.exited;
  return { code, stdout: stdout.toString(), stderr: stderr.join('\n') };
}

describe('lookout inspect', () => {
  it('says what a model is, how fast it is, and what it finds, and draws it', async () => {
    await using folder = await modelFolder();
    await using photo = await demoPhoto();
    const { code, stdout } = await lookout(folder.path, 'inspect', MODEL, photo.path);
    expect(code).toBe(0);
    expect(stdout).toContain(`${MODEL}\n  family      nanodet-plus\n  because     stated by the manifest`);
    expect(stdout).toContain('112] = 80 class scores + 4 × 8 distance bins over strides 8, 16, 32, 64');
    expect(stdout).toMatch(/ {2}input {7}images {2}float32 \[1, 3, height, width\]/);
    expect(stdout).toMatch(/ {2}classes {5}80, from the manifest .*: person, bicycle/);
    expect(stdout).toMatch(/ {2}parameters {2}1,190,570/);
    expect(stdout).toMatch(/ {2}inference {3}[\d.]+ ms with 1 thread, [\d.]+ ms with 2/);
    expect(stdout.match(/#\d +person +0\.\d{3} +x/g)).toHaveLength(2);
    const { width, height, format } = await sharp(await readFile(join(folder.path, 'photo-boxes.jpg'))).metadata();
    expect({ width, height, format }).toEqual({ width: 624, height: 352, format: 'jpeg' });
  });

  it('prints one object for programs, and writes nothing', async () => {
    await using folder = await modelFolder();
    await using photo = await demoPhoto();
    const { code, stdout } = await lookout(folder.path, 'inspect', '--json', '--min-score', '0.5', MODEL, photo.path);
    expect(code).toBe(0);
    const answer = JSON.parse(stdout) as { detections: { box: Record<string, number>; score: number }[] };
    expect(Object.keys(answer)).toEqual(['family', 'inputs', 'outputs', 'classes', 'detections']);
    expect(answer).toMatchObject({
      family: 'nanodet-plus',
      inputs: [{ name: 'images', type: 'float32', shape: [1, 3, 'height', 'width'] }],
      detections: [
        { photo: photo.path, label: 'person' },
        { photo: photo.path, label: 'person' },
      ],
    });
    for (const { box, score } of answer.detections) {
      expect(score).toBeGreaterThanOrEqual(0.5);
      for (const side of ['x', 'y', 'w', 'h']) expect(box[side]).toSatisfy((value: number) => value >= 0 && value <= 1);
    }
    expect(existsSync(join(folder.path, 'photo-boxes.jpg'))).toBe(false);
  });

  it('says the same twice to programs, in five digits', async () => {
    await using folder = await modelFolder();
    await using photo = await demoPhoto();
    const first = await lookout(folder.path, 'inspect', '--json', MODEL, photo.path);
    expect(await lookout(folder.path, 'inspect', '--json', MODEL, photo.path)).toEqual(first);
    const { detections } = JSON.parse(first.stdout) as { detections: Detection[] };
    expect(detections.filter(({ label }) => label === 'person')).toHaveLength(2);
    for (const { box, score } of detections)
      for (const value of [score, box.x, box.y, box.w, box.h]) expect(value).toBe(Number(value.toFixed(5)));
  });

  it('ends with 2 and a sentence where a model or a photo cannot be used', async () => {
    await using folder = await modelFolder();
    const unknown = await folder.put(
      'unknown.onnx',
      answering({ answers: [{ name: 'o', dims: [1, 10], values: Array<number>(10).fill(0.1) }] }),
    );
    const noPhoto = await folder.put('text.txt', 'no picture\n'.repeat(50));
    const cases: readonly (readonly [string[], RegExp])[] = [
      [[unknown], /lookout: .*unknown\.onnx is an ONNX model, but of no family that Lookout can decode/],
      [[noPhoto], /lookout: .*text\.txt is not an ONNX model/],
      [['--json', '--model-family', 'yolov8', MODEL], /is not of the family "yolov8" that --model-family states/],
      [['--json', MODEL, noPhoto], /lookout: .*text\.txt/],
      [['--json', MODEL, 'rtsp://127.0.0.1/x'], /is not a photo/],
    ];
    for (const [args, sentence] of cases) {
      const { code, stdout, stderr } = await lookout(folder.path, 'inspect', ...args);
      expect(stderr).toMatch(sentence);
      expect(code).toBe(2);
      if (args.includes('--json')) expect(stdout).toBe('');
    }
  });

  it('has the word on the family also in run and analyze', async () => {
    await using folder = await modelFolder();
    const clip = packagePath('test', 'fixtures', 'demo.mp4');
    const { code, stderr } = await lookout(folder.path, 'analyze', clip, '--model-family', 'detr');
    expect(stderr).toContain('is not of the family "detr" that --model-family states');
    expect(code).toBe(2);
  });
});
