import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../src/lib/package-root.ts';

describe('packagePath', () => {
  it('finds the files of the package from any working directory', async () => {
    expect(isAbsolute(packagePath('package.json'))).toBe(true);
    const { name } = JSON.parse(await readFile(packagePath('package.json'), 'utf8')) as { name: string };
    expect(name).toBe('lookout');
  });

  it('joins the parts of a path', () => {
    expect(packagePath('models', 'x.onnx')).toBe(`${packagePath()}/models/x.onnx`);
  });
});
