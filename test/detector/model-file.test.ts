import { createHash } from 'node:crypto';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFile } from '../../src/detector/model-file.ts';
import { UserError } from '../../src/lib/errors.ts';
import { tempFolder } from './house.ts';

const isRoot = process.getuid?.() === 0;

async function refusal(path: string): Promise<UserError> {
  const error: unknown = await openModelFile(path).then(
    () => new Error('Expected a refusal'),
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe('a model file', () => {
  it('that is missing is named, with the way out', async () => {
    const error = await refusal('/nowhere/model.onnx');
    expect(error.message).toBe('The model /nowhere/model.onnx does not exist');
    expect(error.hint).toContain('-m');
  });

  it('that is a folder, empty, or neither is named', async () => {
    await using folder = await tempFolder();
    await mkdir(join(folder.dir, 'models'));
    const empty = await folder.file('empty.onnx', '');
    expect((await refusal(join(folder.dir, 'models'))).message).toMatch(/models is a folder$/);
    expect((await refusal(empty)).message).toMatch(/empty\.onnx is empty$/);
    expect((await refusal('/dev/null')).message).toBe('The model /dev/null is not a file');
  });

  it('below a file, or in a circle of links, is named with the system’s word', async () => {
    await using folder = await tempFolder();
    const file = await folder.file('file', 'x');
    await symlink('circle.onnx', join(folder.dir, 'circle.onnx'));
    expect((await refusal(join(file, 'model.onnx'))).message).toContain('cannot be read: ENOTDIR');
    expect((await refusal(join(folder.dir, 'circle.onnx'))).message).toContain('cannot be read: ELOOP');
  });

  it.skipIf(isRoot)('that this user may not read is named (root may read everything: skipped there)', async () => {
    await using folder = await tempFolder();
    const path = await folder.file('secret.onnx', 'x');
    await chmod(path, 0);
    expect((await refusal(path)).hint).toBe(`allow it with: chmod a+r ${path}`);
  });

  it('without a manifest is taken as it is', async () => {
    await using folder = await tempFolder();
    const path = await folder.file('model.onnx', 'x');
    expect(await openModelFile(path)).toEqual({
      path,
      manifest: undefined,
      manifestPath: path.replace('.onnx', '.json'),
    });
  });
});

describe('a manifest', () => {
  const sha256 = createHash('sha256').update('x').digest('hex');

  it('lies beside the model and may say more than we read', async () => {
    await using folder = await tempFolder();
    const path = await folder.file('model.onnx', 'x');
    await folder.file('model.json', JSON.stringify({ family: 'nanodet-plus', sha256, licence: 'MIT', labels: ['person'] }));
    expect((await openModelFile(path)).manifest).toEqual({ family: 'nanodet-plus', sha256, labels: ['person'] });
  });

  it('that is no JSON, or has a wrong key, is refused with its path', async () => {
    await using folder = await tempFolder();
    const path = await folder.file('model.onnx', 'x');
    const manifest = await folder.file('model.json', '{"family": ');
    expect((await refusal(path)).message).toContain(`The manifest ${manifest} is not right: `);
    await folder.file('model.json', '{"input": {"mean": [1, 2]}}');
    expect((await refusal(path)).message).toContain('input.mean');
  });

  it('that is a folder cannot be read', async () => {
    await using folder = await tempFolder();
    const path = await folder.file('model.onnx', 'x');
    await mkdir(join(folder.dir, 'model.json'));
    expect((await refusal(path)).message).toContain('cannot be read: EISDIR');
  });

  it('with the hash of another file is refused', async () => {
    await using folder = await tempFolder();
    const path = await folder.file('model.onnx', 'y');
    await folder.file('model.json', JSON.stringify({ sha256 }));
    expect((await refusal(path)).message).toContain('is not the file that its manifest describes');
  });
});
