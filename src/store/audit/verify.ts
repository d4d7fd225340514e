/**
 * A data folder → everything in it that is not as it should be. Reads only, so it may run beside the Lookout that writes; what that
 * one is recording right now is left out. Files are compared with event.json, event.json with the chain and the ledger, folders with
 * the rows of the index.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { UnfitFile } from '../../lib/plain-file.ts';
import type { EventRecord } from '../../messages/event.ts';
import { checkChain, type CheckedChain } from './check-chain.ts';
import { checkEvent } from './check-event.ts';
import { checkIndex } from './check-index.ts';
import type { Finding } from './finding.ts';
import { readIdentity } from '../folder/identity.ts';
import { type LedgerLine, readLedgers } from '../ledger/ledger.ts';
import { FolderLock } from '../folder/lock.ts';
import { folderOf } from '../folder/place.ts';
import { readRecord } from '../folder/record.ts';
import { forEachOf, scanEvents } from '../index/scan.ts';
import type { Entry } from '../index/timeline.ts';

/** A row follows its event.json within this. */
const ROW_WITHIN_MS = 10_000;

export interface VerifyOptions {
  readonly dir: string;
  readonly isDeep: boolean;
  readonly nowAtMs: number;
  /** the caller holds the folder's lock: nobody else writes */
  readonly isMine?: boolean;
  /** events looked at, of how many */
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Report {
  readonly events: number;
  readonly files: number;
  readonly bytes: number;
  readonly isDeep: boolean;
  /** id of the data folder */
  readonly id: string | undefined;
  readonly findings: readonly Finding[];
  readonly chains: ReadonlyMap<string, Omit<CheckedChain, 'findings'>>;
}

export async function verify({ dir, isDeep, nowAtMs, isMine = false, onProgress, signal }: VerifyOptions): Promise<Report> {
  const dataDir = resolve(dir);
  const eventsDir = join(dataDir, 'events');
  if (!existsSync(eventsDir)) {
    throw new UserError(`There are no events in ${dataDir}`, { hint: 'give the folder that lookout run writes to with --data' });
  }
  const findings: Finding[] = [];
  const isHeld = !isMine && (await orFinding(FolderLock.holder(dataDir), findings)) !== undefined;
  const id = await orFinding(readIdentity(dataDir), findings);
  if (id === undefined) findings.push({ kind: 'identity', sentence: 'the data folder carries no id (lookout.json)' });
  const ledgersBefore = await readLedgers(dataDir, ({ sentence }, camera) =>
    findings.push({ kind: 'ledger', ...(camera !== undefined && { camera }), sentence }),
  );
  const { entries, open, unreadable } = await scanEvents(eventsDir);
  const openIds = new Set(open.map(({ place }) => place.id));
  const closed = entries.filter(({ place }) => !openIds.has(place.id));
  if (!isHeld) {
    for (const { place } of open)
      findings.push({ kind: 'left open', camera: place.camera, id: place.id, sentence: 'was never closed' });
  }
  for (const folder of unreadable) {
    // Made a moment ago, or deleted by whoever runs.
    if (isHeld || !existsSync(folder)) continue;
    const place = { camera: basename(dirname(folder)), id: basename(folder) };
    findings.push({ kind: 'unreadable event', ...place, sentence: 'has no event.json that can be read' });
  }
  const { records, ...sums } = await checkAll(closed, { eventsDir, isDeep, onProgress, signal, findings });
  const chains = checkChains({ ledgersBefore, ledgersAfter: await readLedgers(dataDir) }, records, findings);
  const writtenBefore = isHeld ? nowAtMs - ROW_WITHIN_MS : Number.POSITIVE_INFINITY;
  const present = closed.filter(({ place }) => existsSync(folderOf(eventsDir, place)));
  findings.push(...(await checkIndex({ dataDir, eventsDir }, { closed: present, writtenBefore })));
  return { ...sums, isDeep, id, findings, chains };
}

/** What is no file of ours is a finding, not the end. */
async function orFinding<T>(reading: Promise<T>, findings: Finding[]): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof UnfitFile)) throw error;
    findings.push({ kind: 'identity', sentence: error.sentence });
    return undefined;
  }
}

interface CheckAllOptions extends Pick<VerifyOptions, 'isDeep' | 'onProgress' | 'signal'> {
  readonly eventsDir: string;
  readonly findings: Finding[];
}

async function checkAll(
  closed: readonly Entry[],
  { eventsDir, isDeep, onProgress, signal, findings }: CheckAllOptions,
): Promise<{ records: EventRecord[]; events: number; files: number; bytes: number }> {
  const records: EventRecord[] = [];
  let files = 0;
  let bytes = 0;
  await forEachOf(closed, async ({ place, text }) => {
    signal?.throwIfAborted();
    const folder = folderOf(eventsDir, place);
    const record = readRecord(text);
    // Retention may take it away while it is looked at.
    if (!existsSync(folder)) return;
    const checked = await checkEvent(folder, record, { isDeep }).catch((error: unknown) => {
      if (existsSync(folder)) throw error;
      return undefined;
    });
    if (!checked || (checked.findings.length > 0 && !existsSync(folder))) return;
    records.push(record);
    findings.push(...checked.findings);
    files += checked.files;
    bytes += checked.bytes;
    onProgress?.(records.length, closed.length);
  });
  return { records, events: records.length, files, bytes };
}

/** What was closed after the folders were listed is left out; what was deleted meanwhile has its tombstone. */
function checkChains(
  { ledgersBefore, ledgersAfter }: Record<'ledgersBefore' | 'ledgersAfter', ReadonlyMap<string, readonly LedgerLine[]>>,
  records: readonly EventRecord[],
  findings: Finding[],
): Report['chains'] {
  const byCamera = grouped(records);
  const chains = new Map<string, Omit<CheckedChain, 'findings'>>();
  for (const camera of [...new Set([...byCamera.keys(), ...ledgersAfter.keys()])].sort()) {
    const events = byCamera.get(camera) ?? [];
    const known = new Set(events.map(({ id }) => id));
    for (const line of ledgersBefore.get(camera) ?? []) if ('closed' in line) known.add(line.closed);
    const lines = (ledgersAfter.get(camera) ?? []).filter((line) => !('closed' in line) || known.has(line.closed));
    const { findings: own, ...rest } = checkChain(camera, { events, lines });
    findings.push(...own);
    chains.set(camera, rest);
  }
  return chains;
}

function grouped(records: readonly EventRecord[]): Map<string, EventRecord[]> {
  const groups = new Map<string, EventRecord[]>();
  for (const record of records) {
    const group = groups.get(record.camera);
    if (group) group.push(record);
    else groups.set(record.camera, [record]);
  }
  return groups;
}
