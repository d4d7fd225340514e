import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Detector } from '../../src/detector/detector.ts';
import { Child } from '../../src/lib/child.ts';
import { UserError } from '../../src/lib/errors.ts';
import type { DetectedFrame, DetectorFeed } from '../../src/messages/detection.ts';
import type { VideoFormat } from '../../src/messages/video.ts';
import { videoFormat } from '../../src/source/video-format.ts';
import { exists, Frames, formatOf, MODEL_PATH, openDetector, tempFolder, TOY_FORMAT, until } from './house.ts';
import { identityModel, TOY_SIZE, toyModel } from './onnx-writer.ts';
import { expectNoLeftovers } from '../leftovers.ts';

expectNoLeftovers();

const CLIP = new URL('../fixtures/demo.mp4', import.meta.url).pathname;
const ZOO = new URL('../../../shared/onnx/', import.meta.url).pathname;
const NOBODY_HANGS = { hangsAbove: 300 };

/** The demo clip's picture at a time, letterboxed for the model as the decoder does it. */
async function cut(seconds: number, { detect }: VideoFormat): Promise<Buffer> {
  const { picture } = detect;
  const filter = `scale=${picture.widthPx}:${picture.heightPx}:flags=bilinear,format=gbrp,pad=${detect.widthPx}:${detect.heightPx}:${picture.leftPx}:${picture.topPx}:color=0x727272`;
  const args = [
    '-v',
    'error',
    '-nostdin',
    '-ss',
    `${seconds}`,
    '-i',
    CLIP,
    '-frames:v',
    '1',
    '-vf',
    filter,
    '-f',
    'rawvideo',
    '-',
  ];
  await using child = await Child.start({ name: 'ffmpeg', command: 'ffmpeg', args, stdin: 'ignore', dieWithParent: true });
  const pieces: Buffer[] = [];
  for await (const piece of child.stdout) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** The toy model's best score is the picture's own value: with these every answer shows whose frame it is of. */
const grey = (camera: number, slot: number): number => 120 + 20 * camera + slot;

async function refusalOf(opening: Promise<Detector>): Promise<UserError> {
  const outcome: unknown = await opening.then(
    async (detector) => await detector[Symbol.asyncDispose](),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(UserError);
  return outcome as UserError;
}

/** The bundled model's format for the demo clip. */
function clipFormat(detector: Detector): VideoFormat {
  return videoFormat(
    { widthPx: 624, heightPx: 352, fps: 10, codec: 'h264', durationMs: undefined },
    { detect: { fps: 5 }, record: { size: '1280x720', fps: 15 }, inputShape: (size) => detector.inputShape(size) },
  );
}

describe('the bundled model', () => {
  it('finds the people of the demo clip, nobody in its empty stretches, and the same twice', async () => {
    await using detector = await openDetector(MODEL_PATH);
    expect(detector.model).toMatchObject({ family: 'nanodet-plus', shape: { multiplePx: 32, areaPx: 174_080 } });
    expect(detector.model.labels).toHaveLength(80);
    const format = clipFormat(detector);
    const frames = new Frames(format.detect);
    const answers: DetectedFrame[] = [];
    const feed = detector.feed('front', (frame) => answers.push(frame));
    // Times from demo.json: nobody, one person, two people, the same two again, nobody.
    for (const [slot, seconds] of [2, 8, 35, 35, 24].entries())
      await feed.submit(frames.frame(slot, await cut(seconds, format)), format);
    await feed.drained();

    const [empty, one, two, again, emptyAgain] = answers.map(({ detections }) => detections.filter(({ score }) => score >= 0.4));
    expect(answers.map(({ slot }) => slot)).toEqual([0, 1, 2, 3, 4]);
    expect(empty).toEqual([]);
    expect(emptyAgain).toEqual([]);
    expect(one).toHaveLength(1);
    expect(two).toHaveLength(2);
    expect(again).toEqual(two);
    for (const { label, box } of [...(one ?? []), ...(two ?? [])]) {
      expect(label).toBe('person');
      // People who walk are taller than wide: the frame was mapped back to the picture, not squeezed.
      expect(box.h * 352).toBeGreaterThan(box.w * 624);
      expect(box.h).toBeGreaterThan(0.1);
    }
    expect(frames.leased).toBe(0);
  });
});

describe('a model file', () => {
  it('that is rubbish, a folder, missing or cut off is refused in one sentence', async () => {
    await using folder = await tempFolder();
    await mkdir(join(folder.dir, 'folder.onnx'));
    const rubbish = await folder.file('rubbish.onnx', '<!DOCTYPE html><title>404</title>');
    const half = await folder.file('half.onnx', toyModel(NOBODY_HANGS).subarray(0, 200));
    const refusals = await Promise.all(
      [rubbish, half, join(folder.dir, 'folder.onnx'), join(folder.dir, 'none.onnx')].map(
        async (path) => (await refusalOf(openDetector(path))).message,
      ),
    );
    expect(refusals[0]).toMatch(/rubbish\.onnx is not an ONNX model that can be loaded \(/);
    expect(refusals[1]).toMatch(/half\.onnx is not an ONNX model that can be loaded \(/);
    expect(refusals[2]).toMatch(/folder\.onnx is a folder$/);
    expect(refusals[3]).toMatch(/none\.onnx does not exist$/);
  });

  it('of an unknown family is refused with a table', async () => {
    await using folder = await tempFolder();
    const { message } = await refusalOf(openDetector(await folder.file('same.onnx', identityModel())));
    expect(message).toContain('of no family that Lookout can decode');
    expect(message).toContain('input  images                       float32  [1, 3, 64, 64]');
    expect(message).toContain('output same                         float32  [1, 3, 64, 64]');
  });

  it('of a family that its manifest states wrongly is refused with a table', async () => {
    await using folder = await tempFolder();
    const path = await folder.file('same.onnx', identityModel());
    const manifest = await folder.file('same.json', '{"family": "nanodet-plus"}');
    const { message } = await refusalOf(openDetector(path));
    expect(message).toContain(`${path} is not of the family "nanodet-plus" that the manifest ${manifest} states`);
    expect(message).toContain('output same                         float32  [1, 3, 64, 64]');
  });

  it.skipIf(!existsSync(ZOO))(
    'of another family is recognised, unless another one is stated (needs ../shared/onnx: skipped where absent)',
    async () => {
      const models = [
        { name: 'yolox_nano_416_kazuhito.onnx', family: 'yolox' },
        { name: 'fastestdet_352.onnx', family: 'fastestdet' },
      ];
      for (const { name, family } of models) {
        const path = join(ZOO, name);
        await using detector = await openDetector(path);
        expect(detector.model.family).toBe(family);
        const { message, hint } = await refusalOf(openDetector(path, { family: 'ssd' }));
        expect(message).toContain(`${name} is not of the family "ssd" that --model-family states`);
        expect(hint).toContain('ssd means: TensorFlow OD API');
      }
    },
  );

  it('without a class that was asked for is refused with the classes it has', async () => {
    await using folder = await tempFolder();
    const path = await folder.file('toy.onnx', toyModel(NOBODY_HANGS));
    const { message, hint } = await refusalOf(openDetector(path, { labels: ['person', 'unicorn'] }));
    expect(message).toBe(`The model ${path} knows no class "unicorn"`);
    expect(hint).toBe('its classes are: person; name them in labels.txt beside the model, one a line');
  });
});

describe('cameras', () => {
  it('share one host: each gets the answers to its own frames, in order', async () => {
    await using folder = await tempFolder();
    await using detector = await openDetector(await folder.file('toy.onnx', toyModel(NOBODY_HANGS)));
    expect(detector.inputShape({ widthPx: 1920, heightPx: 1080 })).toEqual({
      ...TOY_SIZE,
      picture: { widthPx: 64, heightPx: 36, leftPx: 0, topPx: 14 },
      border: 114,
    });
    const frames = new Frames();
    const heard = new Map<string, { slot: number; best: number }[]>();
    const feeds = ['a', 'b'].map((name) =>
      detector.feed(name, ({ slot, detections }) => {
        const best = Math.max(0, ...detections.map(({ score }) => score));
        heard.set(name, [...(heard.get(name) ?? []), { slot, best }]);
      }),
    );
    for (let slot = 0; slot < 10; slot++)
      await Promise.all(feeds.map((feed, camera) => feed.submit(frames.frame(slot, grey(camera, slot)), TOY_FORMAT)));
    await Promise.all(feeds.map((feed) => feed.drained()));
    for (const [camera, name] of ['a', 'b'].entries()) {
      const answers = heard.get(name) ?? [];
      expect(answers.map(({ slot }) => slot)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      for (const { slot, best } of answers) expect(best).toBeCloseTo((grey(camera, slot) - 103.53) / 57.375, 4);
    }
    expect(frames.leased).toBe(0);
  });

  it('come and go with labels of their own, and the host goes on', async () => {
    await using detector = await openDetector(MODEL_PATH, { labels: ['person'] });
    const format = clipFormat(detector);
    const frames = new Frames(format.detect);
    const picture = await cut(8, format);
    const pid = detector.hostPid;
    const seen = new Map<string, Set<string>>();
    const feed = (camera: string, labels: string[]): DetectorFeed =>
      detector.feed(camera, ({ detections }) => seen.set(camera, new Set(detections.map(({ label }) => label))), labels);
    const look = async (one: DetectorFeed, slot: number): Promise<void> => {
      await one.submit(frames.frame(slot, picture), format);
      await one.drained();
    };
    const front = feed('front', ['person']);
    await look(front, 0);
    expect([...(seen.get('front') ?? [])]).toEqual(['person']);

    const back = feed('back', ['dog']);
    await look(back, 0);
    expect([...(seen.get('back') ?? [])].toSorted()).toEqual(['dog', 'person']);
    expect(() => feed('yard', ['dog', 'unicorn'])).toThrow(`The model ${MODEL_PATH} knows no class "unicorn"`);
    expect(detector.cameras).toEqual(['front', 'back']);

    front.close();
    await look(back, 1);
    expect([...(seen.get('back') ?? [])]).toEqual(['dog']);
    back.close();
    expect(detector.cameras).toEqual([]);
    await look(feed('front', ['person']), 1);
    expect([...(seen.get('front') ?? [])]).toEqual(['person']);
    expect(detector.hostPid).toBe(pid);
    expect(frames.leased).toBe(0);
  });

  it('that are live lose the frames that a newer one displaced, and say how many', async () => {
    await using folder = await tempFolder();
    await using detector = await openDetector(await folder.file('toy.onnx', toyModel(NOBODY_HANGS)));
    const frames = new Frames();
    const answered: number[] = [];
    const feed = detector.feed('front', ({ slot }) => answered.push(slot));
    for (let slot = 0; slot < 10; slot++) feed.offer(frames.frame(slot), TOY_FORMAT);
    await until(() => feed.isIdle);
    expect(answered).toEqual([0, 9]);
    expect(feed.dropped).toBe(8);
    expect(frames.leased).toBe(0);
  });

  it('see the time that a frame waited in its latency', async () => {
    await using folder = await tempFolder();
    await using detector = await openDetector(await folder.file('toy.onnx', toyModel(NOBODY_HANGS)));
    const frames = new Frames();
    const answers: DetectedFrame[] = [];
    const feed = detector.feed('front', (frame) => answers.push(frame));
    const late = { ...frames.frame(0), arrivedNowMs: performance.now() - 1000 };
    await feed.submit(late, TOY_FORMAT);
    await feed.drained();
    expect(answers[0]?.latencyMs).toBeGreaterThanOrEqual(1000);
    expect(answers[0]?.arrivedNowMs).toBe(late.arrivedNowMs);
  });
});

describe('closing', () => {
  it('in the middle of an inference gives every frame back and leaves no process', async () => {
    await using folder = await tempFolder();
    const detector = await openDetector(await folder.file('toy.onnx', toyModel({ hangsAbove: 200 })));
    const pid = detector.hostPid;
    expect(exists(pid)).toBe(true);
    const frames = new Frames(formatOf(TOY_SIZE).detect);
    const feed = detector.feed('front', () => undefined);
    feed.offer(frames.frame(0, 255), TOY_FORMAT);
    feed.offer(frames.frame(1, 255), TOY_FORMAT);
    const complete = detector.feed('back', () => undefined);
    const submits = [2, 3, 4].map(async (slot) => await complete.submit(frames.frame(slot), TOY_FORMAT));
    await detector[Symbol.asyncDispose]();
    await Promise.all([...submits, complete.drained()]);
    expect(exists(pid)).toBe(false);
    expect(frames.leased).toBe(0);
    feed.offer(frames.frame(5), TOY_FORMAT);
    expect(frames.leased).toBe(0);
    expect(detector.hostPid).toBeUndefined();
  });
});
