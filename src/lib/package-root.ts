/** Where the package lies: the same folder whether this runs from src/ or from dist/src/. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Absolute path of a file of the package, for example `models/nanodet-plus-m.onnx`. */
export function packagePath(...parts: string[]): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`Expected a package.json above ${import.meta.dirname} but found none`);
    folder = parent;
  }
  return join(folder, ...parts);
}
