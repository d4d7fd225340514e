/** What `npm pack` makes, installed into an empty folder by somebody who has set nothing. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { until } from './feed.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TIMEOUT_MS = 240_000;
const run = promisify(execFile);
expectNoLeftovers();

/** Nothing of this repository's settings, install scripts allowed, and nothing but packages of the registry can be reached. */
function strangersEnv(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|LOOKOUT_|ONNXRUNTIME_)/i.test(name));
  return {
    ...Object.fromEntries(own),
    npm_config_better_sqlite3_binary_host: 'http://127.0.0.1:1',
    npm_config_nodedir: '/nowhere',
    npm_config_prefer_offline: 'true',
    GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:1',
  };
}

it.skipIf(!existsSync(join(ROOT, 'dist', 'node_modules')))(
  'the package installs into an empty folder where only npm’s registry can be reached, and shows the demo',
  { timeout: TIMEOUT_MS },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lookout-package-'));
    const env = strangersEnv();
    try {
      await run('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], { cwd: ROOT, env });
      const [tarball = ''] = await readdir(folder);
      expect((await stat(join(folder, tarball))).size, 'one download of bearable size').toBeLessThan(60_000_000);
      await run('npm', ['install', '--prefix', folder, `./${tarball}`, '--no-audit', '--no-fund'], { cwd: folder, env });
      const lookout = join(folder, 'node_modules', '.bin', 'lookout');
      expect((await run(lookout, ['--version'], { cwd: folder, env })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      await seesSomebody(lookout, { folder, env });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

/** Plays the demo until its first event is recorded. */
async function seesSomebody(lookout: string, { folder, env }: { folder: string; env: NodeJS.ProcessEnv }): Promise<void> {
  const said: string[] = [];
  const data = join(folder, 'data');
  await using demo = await Child.start({
    name: 'the installed demo',
    command: lookout,
    args: ['demo', '--once', '--data', data],
    stdin: 'ignore',
    stdout: 'ignore',
    cwd: folder,
    env,
    dieWithParent: true,
    graceMs: 10_000,
    onStderrLine: (line) => said.push(line),
  });
  const isOver = demo.exited.then((exit) => {
    throw new Error(`Expected the demo to go on, but it ended: ${JSON.stringify(exit)}`);
  });
  const hasClip = async (): Promise<boolean> => (await names(join(data, 'events'))).some((name) => name.endsWith('.m3u8'));
  await Promise.race([isOver, until(hasClip, { what: 'a clip of the demo', withinMs: 60_000 })]);
  isOver.catch(() => undefined);
  expect(said.join('\n')).toContain('Lookout watches the bundled clip as if it were a camera');
}

async function names(folder: string): Promise<string[]> {
  return existsSync(folder) ? await readdir(folder, { recursive: true }) : [];
}
