import { describe, expect, it } from 'vitest';
import { recogniseFamily, type StatedFamily } from '../../src/detector/families.ts';
import type { Output, Seen } from '../../src/detector/family.ts';
import { UserError } from '../../src/lib/errors.ts';
import type { SizePx } from '../../src/messages/video.ts';
import { seenOf } from './seen.ts';

const size = (widthPx: number, heightPx: number): SizePx => ({ widthPx, heightPx });

/** An answer to the trial picture: each value by its place in the last dimension. */
function answer(dims: readonly number[], valueOf: (last: number) => number = () => 0): Output {
  const last = dims.at(-1) ?? 1;
  const length = dims.reduce((a, b) => a * b, 1);
  return { name: 'output', type: 'float32', dims, data: Float32Array.from({ length }, (_, i) => valueOf(i % last)) };
}

/** Nobody there: low scores, then bins that are no probabilities. */
const nanodetPlus = (points: number, classes: number): Output =>
  answer([1, points, classes + 32], (column) => (column < classes ? 0.01 : -3));

const recognise = (seen: Seen, stated?: StatedFamily) => recogniseFamily(seen, { shown: 'model.onnx', stated });

function refusal(seen: Seen, stated?: StatedFamily): UserError {
  try {
    recognise(seen, stated);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('Expected a refusal');
}

const CLASSIFIER = seenOf(size(224, 224), [answer([1, 1000], () => 0.001)]);

describe('the family of a model', () => {
  it.each([
    { what: 'a square picture', picture: size(416, 416), output: nanodetPlus(3598, 80) },
    { what: 'a picture that is not square', picture: size(544, 320), output: nanodetPlus(3615, 80) },
    { what: 'one class', picture: size(64, 64), output: nanodetPlus(85, 1) },
  ])('is NanoDet-Plus for $what', ({ picture, output }) => {
    const { family, plan } = recognise(seenOf(picture, [output]));
    expect(family).toBe('nanodet-plus');
    expect(plan.reason).toContain('4 × 8 distance bins');
  });

  it.each([
    { family: 'yolov8', picture: size(640, 640), output: answer([1, 84, 8400]) },
    { family: 'yolov5', picture: size(640, 640), output: answer([1, 25_200, 85]) },
    { family: 'yolox', picture: size(416, 416), output: answer([1, 3549, 85]) },
    { family: 'end-to-end', picture: size(640, 640), output: answer([1, 300, 6], (column) => (column === 4 ? 0.01 : 0)) },
  ])('is $family, and no other, for its output', ({ family, picture, output }) => {
    expect(recognise(seenOf(picture, [output])).family).toBe(family);
  });

  it.each([
    { what: 'a classifier', seen: CLASSIFIER },
    { what: 'no output', seen: seenOf(size(416, 416), []) },
    { what: 'points of another picture', seen: seenOf(size(320, 320), [nanodetPlus(3598, 80)]) },
    { what: 'scores that are no probabilities', seen: seenOf(size(416, 416), [answer([1, 3598, 112], () => -3)]) },
  ])('is refused for $what', ({ seen }) => {
    expect(refusal(seen).message).toContain('of no family that Lookout can decode');
  });

  it('is refused with a table of what was seen and the families that would be accepted', () => {
    const { message, hint } = refusal(CLASSIFIER);
    const [seen, accepted] = message.split('\nThese are accepted:');
    expect(seen).toMatchInlineSnapshot(`
      "model.onnx is an ONNX model, but of no family that Lookout can decode (it gives 1000 numbers for a whole picture, as a classifier does). It has:
        input  images                       float32  [1, 3, 224, 224]
        output output                       float32  [1, 1000]"
    `);
    for (const name of ['nanodet-plus', 'nanodet', 'picodet', 'fastestdet', 'yolox', 'yolov5', 'yolov8'])
      expect(accepted).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const name of ['end-to-end', 'd-fine', 'detr', 'ssd']) expect(accepted).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(hint).toContain('export a detector');
    const unknown = seenOf(size(64, 64), [answer([1, 7, 9], () => -3)]);
    expect(refusal(unknown).hint).toContain('--model-family');
  });

  it('may be stated, if it is a known one', () => {
    const by = 'the manifest model.json';
    // All alike: nothing to recognise it by.
    const seen = seenOf(size(64, 64), [answer([1, 85, 33], () => 0.5)]);
    expect(recognise(seen, { name: 'nanodet-plus', by }).plan.reason).toContain('stated by the manifest model.json');
    const { message, hint } = refusal(seen, { name: 'yolov99', by });
    expect(message).toContain('the manifest model.json states the family "yolov99" for model.onnx, which is not known');
    expect(hint).toContain('known families: nanodet-plus');
  });

  it('that is stated is refused where decoding could not work', () => {
    expect(refusal(CLASSIFIER, { name: 'nanodet-plus', by: '--model-family' }).message).toContain(
      'is not of the family "nanodet-plus" that --model-family states',
    );
  });
});
