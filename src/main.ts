#!/usr/bin/env node
/**
 * argv → command → exit code: 0 clean stop, 2 the user can fix it, 1 a failed check, a fault or a bug. The only reader of argv
 * and the environment.
 */
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { createProgram } from './commands/program.ts';
import type { CommandContext } from './commands/run.ts';
import { CheckFailed, messageOf, RetryableError, UserError } from './lib/errors.ts';
import { packagePath } from './lib/package-root.ts';
import { maskSecrets, maskSentence } from './lib/secrets.ts';

// Addresses on the command line may hold passwords: `ps` shows this instead.
process.title = 'lookout';

const stopping = new AbortController();
let asked = false;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // The first asks for a clean stop, the second does not wait for it.
  process.on(name, () => {
    if (asked) process.exit(130);
    asked = true;
    stopping.abort(name);
  });
}
const onHangup = hangups();

try {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
  await createProgram(version, { env: process.env, signal: stopping.signal, onHangup }).parseAsync();
  process.exit(0);
} catch (error) {
  process.exit(report(error));
}

/**
 * SIGHUP: the terminal was closed, which ends what ran on it. Without one it asks to read the configuration anew (systemctl
 * reload), and must not stop a recorder; a command may say so. Under nohup nothing is to be heard of it: a handler would undo that.
 */
function hangups(): CommandContext['onHangup'] {
  if (isHangupIgnored()) return () => undefined;
  if (hasTerminal()) {
    // Comes twice where the shell passes it on: that is no impatience.
    process.on('SIGHUP', (name) => stopping.abort(name));
    return () => undefined;
  }
  process.on('SIGHUP', () => undefined);
  return (listener) => void process.on('SIGHUP', listener);
}

/** Also where stdin, stdout and stderr lead elsewhere: `lookout run < file > log 2>&1` ends with its terminal. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/** Bit 0 of SigIgn in proc(5) status is SIGHUP. */
function isHangupIgnored(): boolean {
  const mask = existsSync('/proc/self/status')
    ? /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    : undefined;
  return mask !== undefined && (Number.parseInt(mask.slice(-1), 16) & 1) === 1;
}

function report(error: unknown): number {
  if (stopping.signal.aborted && error === stopping.signal.reason) return 0;
  // commander has printed its own sentence already; asking for help or the version is no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CheckFailed) {
    process.stderr.write(`lookout: ${maskSentence(error.message)}\n`);
    return 1;
  }
  if (error instanceof UserError || error instanceof RetryableError) {
    const hint = error.hint === undefined ? '' : `\n  → ${error.hint}`;
    process.stderr.write(`lookout: ${maskSentence(`${error.message}${hint}`)}\n`);
    return error instanceof UserError ? 2 : 1;
  }
  process.stderr.write(
    `lookout: this is a bug, please report it: ${maskSecrets(error instanceof Error ? (error.stack ?? error.message) : messageOf(error))}\n`,
  );
  return 1;
}
