/** `lookout demo`: the main job on the bundled clip, played over and over as if it were a camera. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { RunningApp } from '../app/app.ts';
import { UserError } from '../lib/errors.ts';
import { createLogger } from '../lib/log.ts';
import { packagePath } from '../lib/package-root.ts';
import { loadConfig } from '../config/load.ts';
import { type CommandContext, start } from './run.ts';

export interface DemoFlags {
  readonly data?: string;
  readonly once?: boolean;
}

export async function demoCommand(flags: DemoFlags, { env, signal, onHangup }: CommandContext): Promise<void> {
  const input = packagePath('test', 'fixtures', 'demo.mp4');
  if (!existsSync(input))
    throw new UserError(`The demo clip ${input} is not there`, { hint: 'get the whole repository: git clone, not only dist/' });
  const config = await loadConfig(
    { input, name: 'demo', loop: flags.once !== true, ...(flags.data === undefined ? {} : { data: flags.data }) },
    env,
  );
  await start({ config, fallbackPorts: true, log: createLogger(config.logLevel), onHangup, greet }, signal);
}

function greet({ url, broker, storage }: RunningApp): void {
  const { hostname, port } = new URL(broker.url === 'off' ? 'mqtt://off' : broker.url);
  const lines = [
    '',
    '  Lookout watches the bundled clip as if it were a camera: twice in 40 seconds people walk in.',
    '',
    `    page     ${url ?? 'off'}`,
    `    alerts   mosquitto_sub -h ${hostname} -p ${port || 1883} -v -t 'lookout/+/alert' -t 'lookout/+/person'`,
    `    clips    ${relative('.', storage.dir) || '.'}/events`,
    '    stop     Ctrl-C',
    '',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}
