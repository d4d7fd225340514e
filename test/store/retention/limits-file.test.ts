import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rememberedLimits, rememberLimits } from '../../../src/store/retention/limits-file.ts';
import type { Limits } from '../../../src/store/retention/retention.ts';
import { tempFolder } from '../folder.ts';

const LIMITS: Limits = {
  keepDays: 0,
  maxBytes: 50e9,
  minFreePercent: 2,
  whenFull: 'stop',
  cameras: new Map([
    ['door', { keepDays: 30 }],
    ['yard', {}],
  ]),
};

it('gives back the limits of the last run, per camera, too', async () => {
  await using folder = await tempFolder();
  expect(await rememberedLimits(folder.dir)).toBeUndefined();
  await rememberLimits(folder.dir, { ...LIMITS, keepDays: 7 });
  await rememberLimits(folder.dir, LIMITS);
  expect(await rememberedLimits(folder.dir)).toEqual(LIMITS);
});

it('writes nothing where nothing changed', async () => {
  await using folder = await tempFolder();
  await rememberLimits(folder.dir, LIMITS);
  const before = await stat(join(folder.dir, 'limits.json'));
  await rememberLimits(folder.dir, LIMITS);
  expect((await stat(join(folder.dir, 'limits.json'))).ino).toBe(before.ino);
});

it.each(['{', '{"keepDays":-1}', '[]', ''])('takes a file that says %j for none', async (text) => {
  await using folder = await tempFolder();
  await rememberLimits(folder.dir, LIMITS);
  await writeFile(join(folder.dir, 'limits.json'), text);
  expect(await rememberedLimits(folder.dir)).toBeUndefined();
  expect(await readFile(join(folder.dir, 'limits.json'), 'utf8')).toBe(text);
});
