import { describe, expect, it } from 'vitest';
import { COCO_LABELS } from '../../src/detector/coco-labels.ts';
import { type GivenLabels, labelsFor } from '../../src/detector/labels.ts';

const names = (classes: number | undefined, given?: GivenLabels): readonly string[] =>
  labelsFor(classes, { given, isNumberedFrom1: false, shown: 'model.onnx' }).labels;

describe('the names of classes', () => {
  it('are COCO’s, as many as the graph has, unless somebody gives them', () => {
    expect(names(80)).toHaveLength(80);
    expect(names(80)).toEqual(COCO_LABELS);
    expect(names(1)).toEqual(['person']);
    expect(names(1, { names: ['helmet'], from: 'the manifest model.json' })).toEqual(['helmet']);
  });

  it('that are too few or too many are refused with both numbers', () => {
    expect(() => names(2, { names: ['helmet'], from: 'labels.txt' })).toThrow(
      'labels.txt names 1 classes, but the model model.onnx has 2',
    );
  });
});
