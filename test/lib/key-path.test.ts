import { expect, it } from 'vitest';
import { keyPath } from '../../src/lib/key-path.ts';

it.each([
  [['cameras', 0, 'detect', 'fps'], 'cameras[0].detect.fps'],
  [[0, 'file'], '[0].file'],
  [[], 'top level'],
])('%j is written %s', (path, text) => {
  expect(keyPath(path)).toBe(text);
});
