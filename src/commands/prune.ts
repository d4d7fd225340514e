/** `lookout prune`: what retention would delete now, and why; without `--dry-run` it goes. */
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/log.ts';
import { limitsOf } from '../store/retention/limits.ts';
import { rememberedLimits } from '../store/retention/limits-file.ts';
import { planFor } from '../store/retention/prune.ts';
import type { Plan } from '../store/retention/retention.ts';
import { Store } from '../store/store.ts';
import { refuseWhileInUse } from './folder-in-use.ts';
import { loadSettings, type StorageFlags } from '../config/load.ts';
import type { CommandContext } from './run.ts';
import { print } from './stdout.ts';
import { keepingSentence, sizeText } from './storage-text.ts';

export interface PruneFlags extends StorageFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const WHY: Record<Plan['deletions'][number]['why'], string> = {
  age: 'older than keepDays',
  space: 'all events take more than maxBytes',
  'camera space': 'its camera takes more than its maxBytes',
  'free space': 'less than minFreePercent of the disk is free',
};

export async function pruneCommand(flags: PruneFlags, { env, signal }: CommandContext): Promise<void> {
  const config = await loadSettings(flags, env);
  const { dir, id } = config.storage;
  const remembered = flags.config === undefined ? await rememberedLimits(dir) : undefined;
  const limits = remembered ?? limitsOf(config);
  const found = await planFor(dir, { limits, clock: systemClock });
  const { isClockInDoubt } = found;
  let { plan } = found;
  if (flags.dryRun !== true && plan.deletions.length > 0) {
    await refuseWhileInUse(dir, 'it prunes by itself, every minute; --dry-run says what would go');
    await using store = await Store.open({ dir, id, tells: false, clock: systemClock, log: createLogger('warn') });
    const deletions: Plan['deletions'][number][] = [];
    for (const deletion of plan.deletions) {
      // What is gone by then is said all the same.
      if (signal.aborted) break;
      if ((await store.delete(deletion.holding.place.id, deletion.why)) === 'deleted') deletions.push(deletion);
    }
    plan = { ...plan, deletions };
  }
  await print(
    flags.json === true
      ? json(plan, isClockInDoubt)
      : text(plan, { limits: keepingSentence(limits), isClockInDoubt, isDryRun: flags.dryRun === true }),
  );
}

function text(
  { deletions, usedBytes, full }: Plan,
  { limits, isClockInDoubt, isDryRun }: { limits: string; isClockInDoubt: boolean; isDryRun: boolean },
): string {
  const bytes = deletions.reduce((sum, { holding }) => sum + holding.bytes, 0);
  const lines = deletions.map(({ holding: { place, startMs, bytes: own }, why }) => {
    const at = new Date(startMs).toISOString().replace(/\.\d+/, '');
    return `${place.camera}/${place.id}  ${at}  ${sizeText(own).padStart(8)}  ${WHY[why]}`;
  });
  if (isClockInDoubt) lines.push('The clock of this machine is in doubt: nothing goes for its age.');
  for (const reason of full.values()) lines.push(`After that ${reason}.`);
  const verb = isDryRun ? 'would go' : 'deleted';
  lines.push(`${deletions.length} events, ${sizeText(bytes)} of ${sizeText(usedBytes)}: ${verb} (${limits})`);
  return `${lines.join('\n')}\n`;
}

function json({ deletions, usedBytes, state }: Plan, isClockInDoubt: boolean): string {
  const events = deletions.map(({ holding: { place, startMs, bytes }, why }) => ({
    camera: place.camera,
    id: place.id,
    startedAt: new Date(startMs).toISOString(),
    bytes,
    why,
  }));
  return `${JSON.stringify({ events, usedBytes, state, isClockInDoubt })}\n`;
}
