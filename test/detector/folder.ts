/** A folder for one test's model files, gone when its scope ends. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ModelFolder extends AsyncDisposable {
  readonly path: string;
  /** writes a file and returns its path */
  put(name: string, data: Uint8Array | string): Promise<string>;
}

export async function modelFolder(): Promise<ModelFolder> {
  const path = await mkdtemp(join(tmpdir(), 'lookout-model-'));
  return {
    path,
    put: async (name, data) => {
      await writeFile(join(path, name), data);
      return join(path, name);
    },
    [Symbol.asyncDispose]: async () => await rm(path, { recursive: true }),
  };
}
