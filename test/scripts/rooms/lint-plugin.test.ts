import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaint, complaintAboutPlace } from '../../../scripts/rooms/rooms.mjs';
import { packagePath } from '../../../src/lib/package-root.ts';
import { expectNoLeftovers } from '../../leftovers.ts';

expectNoLeftovers();

describe('the table', () => {
  it.each([
    [
      'src/gate/gate.ts',
      '../detector/detector.ts',
      'gate may import only messages, lib, media, draw, config, ffmpeg, ring: not src/detector/detector.ts.',
    ],
    ['src/messages/video.ts', '../lib/clock.ts', 'messages may import only its own files: not src/lib/clock.ts.'],
    ['src/lib/clock.ts', '../messages/video.ts', 'lib may import only its own files: not src/messages/video.ts.'],
    ['src/lib/clock.ts', '../../test/fake-clock.ts', 'lib may import only its own files: not test/fake-clock.ts.'],
    [
      'ffmpeg/hls.ts',
      '../src/store/store.ts',
      'ffmpeg may import only messages, lib, media, draw, config: not src/store/store.ts.',
    ],
    [
      'src/store/audit/repair.ts',
      'better-sqlite4/deep',
      'store may import only packages with a line in scripts/rooms/rooms.mjs: not better-sqlite4.',
    ],
    ['src/server/server.ts', 'child_process', 'node:child_process may be imported only in src/lib/child.ts.'],
    ['web/src/main.tsx', 'mqtt', 'mqtt may be imported only in src/publisher.'],
    ['src/media/whole.ts', 'node:fs', 'media does no I/O and may import nothing of Node: not node:fs.'],
  ])('refuses %s importing %s', (path, specifier, message) => {
    expect(complaint(path, specifier)).toBe(message);
  });

  it.each([
    ['src/gate/gate.ts', '../ring/reel.ts'],
    ['src/store/audit/repair.ts', '../folder/place.ts'],
    ['src/recorder/encoder.ts', '../../ffmpeg/hls.ts'],
    ['src/main.ts', './commands/program.ts'],
    ['src/lib/child.ts', 'node:child_process'],
    ['models/measure-ranges.ts', 'onnxruntime-node'],
    ['web/src/main.tsx', 'preact/hooks'],
  ])('lets %s import %s', (path, specifier) => {
    expect(complaint(path, specifier)).toBeUndefined();
  });

  it('refuses a file outside every room', () => {
    expect(complaintAboutPlace('src/attic/old.ts')).toContain('src/attic/old.ts lies in no room of the house');
    expect(complaintAboutPlace('src/loose.ts')).toContain('src/loose.ts lies in no room of the house');
    expect(complaintAboutPlace('src/main.ts')).toBeUndefined();
    expect(complaintAboutPlace('web/src/main.tsx')).toBeUndefined();
  });
});

describe('the linter', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lookout-rooms-'));
    await cp(packagePath('scripts', 'rooms'), join(folder, 'scripts', 'rooms'), { recursive: true });
    await cp(packagePath('.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    await symlink(packagePath('node_modules'), join(folder, 'node_modules'));
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  it('reports every form of import that the table refuses, and nothing in a test', async () => {
    const forbidden = [
      "import { a } from '../store/a.ts';",
      "import type { B } from '../store/b.ts';",
      "export { c } from '../store/c.ts';",
      "export * from '../store/d.ts';",
      "export type E = import('../store/e.ts').E;",
      "export const f = async () => await import('../store/f.ts');",
      'export const g = async (name: string) => await import(name);',
      'export const h = [a] satisfies B[];',
    ].join('\n');
    await write('src/gate/x.ts', forbidden);
    await write('src/camera/x.ts', forbidden.replace('import(name)', "import('mqtt')"));
    await write('src/attic/x.ts', 'export const x = 1;');
    await write('test/gate/x.test.ts', forbidden);
    const found = await lint();
    expect(found.filter(({ filename }) => filename === 'src/gate/x.ts').map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(found.filter(({ filename }) => filename !== 'src/gate/x.ts').map(({ filename, line }) => [filename, line])).toEqual([
      ['src/attic/x.ts', 1],
      ['src/camera/x.ts', 7],
    ]);
  });

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${text}\n`);
  }

  /** What `house/rooms` says of the folder, in the order of files and lines. */
  async function lint(): Promise<{ filename: string; line: number }[]> {
    const oxlint = packagePath('node_modules', '.bin', 'oxlint');
    const run = promisify(execFile)(oxlint, ['--format', 'json'], { cwd: folder }).catch((failed: { stdout: string }) => failed);
    const { diagnostics } = JSON.parse((await run).stdout) as { diagnostics: Diagnostic[] };
    return diagnostics
      .filter(({ code }) => code === 'house(rooms)')
      .map(({ filename, labels: [label] }) => ({ filename, line: label?.span.line ?? 0 }))
      .toSorted((a, b) => a.filename.localeCompare(b.filename, 'en') || a.line - b.line);
  }
});

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}
