/** `lookout verify`: is everything that was stored complete and untouched? Exit 1 where it is not; `--repair` puts in order what can be. */
import { systemClock } from '../lib/clock.ts';
import { CheckFailed, UserError } from '../lib/errors.ts';
import { createLogger } from '../lib/log.ts';
import { repair } from '../store/audit/repair.ts';
import { type Report, verify } from '../store/audit/verify.ts';
import { refuseWhileInUse } from './folder-in-use.ts';
import { loadSettings, type StorageFlags } from '../config/load.ts';
import type { CommandContext } from './run.ts';
import { print } from './stdout.ts';
import { verifyText } from './verify-text.ts';

export interface VerifyFlags extends StorageFlags {
  readonly deep?: boolean;
  readonly repair?: boolean;
  readonly prune?: boolean;
  readonly json?: boolean;
}

const SHOW_EVERY_MS = 200;

export async function verifyCommand(flags: VerifyFlags, { env, signal }: CommandContext): Promise<void> {
  if (flags.prune === true && flags.repair !== true) {
    throw new UserError('--prune deletes only while something is repaired', { hint: 'lookout verify --repair --prune' });
  }
  const { storage, logLevel } = await loadSettings(flags, env);
  const isDeep = flags.deep === true;
  const given = { dir: storage.dir, isDeep, nowAtMs: systemClock.atMs(), signal };
  // A folder that is not there is no reason to make one.
  let report = await verify({ ...given, onProgress: progress() });
  let repaired: string[] | undefined;
  if (flags.repair === true && report.findings.length > 0) {
    await refuseWhileInUse(storage.dir, 'stop it first; without --repair, verify may run beside it');
    const log = createLogger(logLevel === 'info' ? 'warn' : logLevel);
    repaired = await repair({ dir: storage.dir, id: storage.id, isDeep, isPrune: flags.prune === true, clock: systemClock, log });
    report = await verify({ ...given, onProgress: progress() });
  }
  await print(flags.json === true ? `${JSON.stringify(jsonOf(report, repaired))}\n` : `${verifyText(report, repaired)}\n`);
  const { length } = report.findings;
  if (length > 0)
    throw new CheckFailed(
      `${length} ${length === 1 ? 'thing is' : 'things are'} not as ${length === 1 ? 'it' : 'they'} should be`,
    );
}

function jsonOf({ chains, ...report }: Report, repaired: readonly string[] | undefined): unknown {
  return { ...report, chains: Object.fromEntries(chains), ...(repaired && { repaired }) };
}

/** One line that overwrites itself; nothing where stderr is no terminal. */
function progress(): (done: number, of: number) => void {
  let shownMs = systemClock.nowMs();
  return (done, of) => {
    const nowMs = systemClock.nowMs();
    if (!process.stderr.isTTY || (nowMs - shownMs < SHOW_EVERY_MS && done < of)) return;
    shownMs = nowMs;
    process.stderr.write(`\r\u001B[K${done < of ? `${done} of ${of} events` : ''}`);
  };
}
