import { describe, expect, it } from 'vitest';
import { COCO_LABELS } from '../../src/detector/coco-labels.ts';
import { indicesOf, labelsFor, linesOf, namesOf, unionOf } from '../../src/detector/labels.ts';

describe('names of classes', () => {
  it.each([
    ["{0: 'person', 1: 'traffic light'}", ['person', 'traffic light']],
    ["{0: \"driver's seat\", 1: 'a'}", ["driver's seat", 'a']],
    ["{1: 'b', 0: 'a', 3: 'd'}", ['a', 'b', 'class 2', 'd']],
    ["['a', 'b']", ['a', 'b']],
    ['{"0": "a", "1": "b"}', ['a', 'b']],
    ['["a","b"]', ['a', 'b']],
    ['person\ncar', ['person', 'car']],
    ['person,car', ['person', 'car']],
    ['{}', undefined],
    ['', undefined],
  ])('in metadata: %s', (text, expected) => {
    expect(namesOf(new Map([['names', text]]))).toEqual(expected);
  });

  it('in a file stand one a line', () => {
    expect(linesOf('person\r\n bicycle \n\n')).toEqual(['person', 'bicycle']);
  });

  it('are COCO’s where nobody gives them and the count says so', () => {
    expect(names(80)).toHaveLength(80);
    expect(names(undefined)[79]).toBe('toothbrush');
    expect(names(91)[1]).toBe('person');
    expect(names(91)[90]).toBe('toothbrush');
    expect(names(undefined, true)).toHaveLength(90);
    expect(names(90)[0]).toBe('person');
    expect(names(90)[12]).toBe('stop sign');
    expect(names(90)[89]).toBe('toothbrush');
    expect(names(90)[11]).toBe('unused 12');
    expect(names(1)).toEqual(['person']);
    expect(names(80)).toEqual(COCO_LABELS);
    expect(names(3)).toEqual(['class 0', 'class 1', 'class 2']);
  });

  it('must be as many as the model has classes', () => {
    const given = { names: ['a', 'b'], from: 'labels.txt' };
    expect(labelsFor(undefined, { given, isNumberedFrom1: false, shown: 'm' })).toEqual({
      labels: ['a', 'b'],
      from: 'labels.txt',
    });
    const helmet = { names: ['helmet'], from: 'the manifest model.json' };
    expect(labelsFor(1, { given: helmet, isNumberedFrom1: false, shown: 'm' }).labels).toEqual(['helmet']);
    expect(() => labelsFor(3, { given, isNumberedFrom1: false, shown: 'm' })).toThrow(
      'labels.txt names 2 classes, but the model m has 3',
    );
  });
});

function names(classes: number | undefined, isNumberedFrom1 = false): readonly string[] {
  return labelsFor(classes, { given: undefined, isNumberedFrom1, shown: 'm' }).labels;
}

describe('what is looked for', () => {
  const model = { labels: ['person', 'car', 'dog'], shown: 'a.onnx' };

  it('is every class once that one of the cameras wants', () => {
    expect(unionOf([['person'], ['dog', 'person']])).toEqual(['person', 'dog']);
    expect(unionOf([['person'], []])).toEqual([]);
  });

  it('is found in the model, in the order asked for; everything where nothing is named', () => {
    expect(indicesOf(['dog', 'person'], model)).toEqual([2, 0]);
    expect(indicesOf([], model)).toEqual([0, 1, 2]);
  });

  it('is refused where the model does not know it', () => {
    expect(() => indicesOf(['person', 'unicorn'], model)).toThrow('The model a.onnx knows no class "unicorn"');
  });
});
