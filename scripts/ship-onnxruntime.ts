/**
 * node_modules/onnxruntime-node → dist/node_modules, where Node finds it from dist/src before any other: the part of it that runs, for
 * the machines that Lookout is for and for this one. As a dependency of the package it would download CUDA libraries of 300 MB
 * from NuGet at every install, and fail where that cannot be reached. Run by `npm run build`; copies only what changed.
 */
import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packagePath } from '../src/lib/package-root.ts';

const SHIPPED = new Set(['linux/x64', 'linux/arm64', `${process.platform}/${process.arch}`]);
/** Microsoft's licence, which its npm packages name but do not carry. */
const LICENSE = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files
(the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge,
publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE
FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;

const installed = packagePath('node_modules');
const shipped = packagePath('dist', 'node_modules');

await ship('onnxruntime-common', ['package.json', 'README.md', 'dist']);
await ship('onnxruntime-node', ['package.json', 'README.md', 'dist', ...(await binaries())]);

async function binaries(): Promise<string[]> {
  const folder = join('bin', 'napi-v6');
  const found = await readdir(join(installed, 'onnxruntime-node', folder), { recursive: true });
  return found.filter((platform) => SHIPPED.has(platform.replaceAll('\\', '/'))).map((platform) => join(folder, platform));
}

async function ship(name: string, parts: readonly string[]): Promise<void> {
  const from = join(installed, name);
  const to = join(shipped, name);
  if (await isOlder(join(to, 'LICENSE'), join(from, 'package.json'))) await rm(to, { recursive: true, force: true });
  else return;
  for (const part of parts)
    await cp(join(from, part), join(to, part), { recursive: true, filter: (path) => !/\.(map|d\.ts)$/.test(path) });
  await mkdir(to, { recursive: true });
  // Written last: whoever finds it finds all of them.
  await writeFile(join(to, 'LICENSE'), LICENSE);
}

async function isOlder(file: string, source: string): Promise<boolean> {
  const made = await stat(file).catch(() => undefined);
  return made === undefined || made.ctimeMs < (await stat(source)).ctimeMs;
}
