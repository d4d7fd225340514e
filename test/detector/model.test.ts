import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Model } from '../../src/detector/model.ts';
import { MODEL_PATH, tempFolder, type TempFolder } from './house.ts';
import { TOY_SIZE, toyModel } from './onnx-writer.ts';

const open = async (modelPath: string): Promise<Model> =>
  await Model.open({ modelPath, labels: ['person'], minScore: 0.1, threads: 1 });

/** The bundled model, its sides symbolic, with another manifest. */
async function bundledWith(manifest: object, folder: TempFolder): Promise<Model> {
  const path = join(folder.dir, 'model.onnx');
  await symlink(MODEL_PATH, path);
  await folder.file('model.json', JSON.stringify(manifest));
  return await open(path);
}

describe('the shape of a model', () => {
  it('follows the camera where its sides are symbolic', async () => {
    expect((await open(MODEL_PATH)).info.shape).toEqual({ multiplePx: 32, areaPx: 174_080 });
  });

  it('has the area that its manifest states', async () => {
    await using folder = await tempFolder();
    const { info } = await bundledWith({ input: { areaPx: 90_000 } }, folder);
    expect(info.shape).toEqual({ multiplePx: 32, areaPx: 90_000 });
  });

  it('is its own where its sides are fixed', async () => {
    await using folder = await tempFolder();
    const { info } = await open(await folder.file('toy.onnx', toyModel({ hangsAbove: 300 })));
    expect(info.shape).toEqual({ fixed: TOY_SIZE });
  });
});
