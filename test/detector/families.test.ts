import { describe, expect, it } from 'vitest';
import { recogniseFamily } from '../../src/detector/families.ts';
import type { Graph } from '../../src/detector/family.ts';
import { UserError } from '../../src/lib/errors.ts';

type Shape = readonly (number | string)[];

function graphOf(input: Shape, output: Shape, type = 'float32'): Graph {
  return {
    inputs: [{ name: 'images', type, shape: input }],
    outputs: [{ name: 'output', type: 'float32', shape: output }],
  };
}

const recognise = (graph: Graph, family?: string) =>
  recogniseFamily(graph, { shown: 'model.onnx', manifest: family === undefined ? undefined : { family } });

function refusal(graph: Graph, family?: string): UserError {
  try {
    recognise(graph, family);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('Expected a refusal');
}

describe('the family of a graph', () => {
  it.each([
    { what: 'a fixed picture', graph: graphOf([1, 3, 416, 416], [1, 3598, 112]) },
    { what: 'a fixed picture that is not square', graph: graphOf([1, 3, 320, 544], [1, 3615, 112]) },
    { what: 'symbolic sides', graph: graphOf([1, 3, 'height', 'width'], [1, 'points', 112]) },
    { what: 'everything symbolic but the classes', graph: graphOf(['n', 3, 'h', 'w'], ['n', 'p', 33]) },
  ])('is NanoDet-Plus for $what', ({ graph }) => {
    const { family, reason } = recognise(graph);
    expect(family.name).toBe('nanodet-plus');
    expect(reason).toContain('4 × 8 distance bins');
  });

  it.each([
    { what: 'YOLOv8 (raw)', graph: graphOf([1, 3, 640, 640], [1, 84, 8400]) },
    { what: 'YOLOv5', graph: graphOf([1, 3, 640, 640], [1, 25200, 85]) },
    { what: 'YOLOX', graph: graphOf([1, 3, 416, 416], [1, 3549, 85]) },
    { what: 'end-to-end', graph: graphOf([1, 3, 640, 640], [1, 300, 6]) },
    { what: 'bytes', graph: graphOf([1, 3, 416, 416], [1, 3598, 112], 'uint8') },
    { what: 'four channels', graph: graphOf([1, 4, 416, 416], [1, 3598, 112]) },
    { what: 'a classifier', graph: graphOf([1, 3, 224, 224], [1, 1000]) },
    { what: 'no output', graph: { ...graphOf([1, 3, 416, 416], [1, 3598, 112]), outputs: [] } },
  ])('is refused for $what', ({ graph }) => {
    expect(refusal(graph).message).toContain('of no family that Lookout can decode');
  });

  it('is refused with a table of what was seen and the families that would be accepted', () => {
    const error = refusal(graphOf([1, 3, 640, 640], [1, 84, 8400]));
    expect(error.message).toMatchInlineSnapshot(`
      "model.onnx is an ONNX model, but of no family that Lookout can decode. It has:
        input  images                  float32   [1, 3, 640, 640]
        output output                  float32   [1, 84, 8400]"
    `);
    expect(error.hint).toBe('known families: nanodet-plus; leave out -m to use the bundled model');
  });

  it('may be stated by a manifest, if it is a known one', () => {
    expect(recognise(graphOf([1, 3, 64, 64], [1, 'p', 'c']), 'nanodet-plus').reason).toContain('manifest');
    expect(refusal(graphOf([1, 3, 64, 64], [1, 85, 33]), 'yolov99').message).toContain(
      'The manifest of model.onnx states the family "yolov99", which is not known',
    );
  });
});
