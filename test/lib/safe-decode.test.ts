import { expect, it } from 'vitest';
import { safeDecode } from '../../src/lib/safe-decode.ts';

it('decodes what is percent-encoded, and leaves a stray % as it is', () => {
  expect(safeDecode('p%40ss')).toBe('p@ss');
  expect(safeDecode('100%')).toBe('100%');
});
