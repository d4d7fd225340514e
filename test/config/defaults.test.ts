import { expect, it } from 'vitest';
import { checkConfig } from '../../src/config/load.ts';
import { CAMERA_DEFAULTS, DEFAULTS } from '../../src/config/defaults.ts';

it('a configuration with nothing but an input is all defaults', () => {
  expect(checkConfig({ cameras: [{ input: 'x' }] }, 'test')).toEqual({
    ...DEFAULTS,
    cameras: [{ ...CAMERA_DEFAULTS, input: 'x' }],
  });
});
