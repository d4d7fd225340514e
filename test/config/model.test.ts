import { expect, it } from 'vitest';
import { checkConfig } from '../../src/config/load.ts';
import { modelOf } from '../../src/config/model.ts';

const cameras = [
  { name: 'front', input: 'a', detect: { labels: ['person'] } },
  { name: 'back', input: 'b', detect: { labels: ['dog', 'person'] } },
];

it('the model looks for the labels of all cameras, each once', () => {
  expect(modelOf(checkConfig({ cameras }, 'test')).labels).toEqual(['person', 'dog']);
});

it('the model is the bundled one where none is named', () => {
  expect(modelOf(checkConfig({ cameras }, 'test'))).toMatchObject({
    modelPath: expect.stringMatching(/models\/nanodet-plus-m\.onnx$/) as unknown,
    family: undefined,
    threads: 1,
  });
  const own = { cameras, model: 'a.onnx', modelFamily: 'yolox', detectThreads: 2 };
  expect(modelOf(checkConfig(own, 'test'))).toMatchObject({ modelPath: 'a.onnx', family: 'yolox', threads: 2 });
});
