/**
 * The chain of one camera: what lies in the folders against the ledger. Pure. Every number from 1 to the highest must be an event
 * that is there, or one with a tombstone; every link must name the hash of the one before it.
 */
import type { EventRecord } from '../../messages/event.ts';
import { GENESIS } from '../ledger/chain.ts';
import type { Finding, FindingKind } from './finding.ts';
import type { LedgerLine } from '../ledger/ledger.ts';

/** Of the numbers missing in a row. */
const MAX_NAMED = 1000;

type Of<Key extends string> = Extract<LedgerLine, Record<Key, unknown>>;

export interface CheckedChain {
  readonly findings: readonly Finding[];
  /** the newest link: what to write down elsewhere */
  readonly head: { readonly seq: number; readonly hash: string };
  readonly deleted: number;
  readonly repaired: number;
  /** events from before there were chains */
  readonly unlinked: number;
}

export function checkChain(
  camera: string,
  { events, lines }: { events: readonly EventRecord[]; lines: readonly LedgerLine[] },
): CheckedChain {
  const findings: Finding[] = [];
  const say: Say = (kind, sentence, { id, seq } = {}) => {
    findings.push({ kind, camera, ...(id === undefined ? {} : { id }), ...(seq === undefined ? {} : { seq }), sentence });
  };
  const ledger = readLines(lines);
  const bySeq = numbered(events, { ledger, say });
  const known = [...new Set([...bySeq.keys(), ...ledger.closed.keys(), ...ledger.deletedSeqs])].sort((a, b) => a - b);
  let last = 0;
  let before: string | undefined = GENESIS;
  for (const seq of known) {
    if (seq > last + 1) before = undefined;
    checkGap({ from: last + 1, to: seq }, say);
    last = seq;
    const event = bySeq.get(seq);
    const line = ledger.closed.get(seq);
    if (event) checkPresent(event, { seq, line, ledger, say });
    else checkAbsent(seq, { line, ledger, say });
    const link = line ?? event?.chain;
    if (link && before !== undefined && link.previous !== before) {
      say('chain', `number ${seq} does not follow from the one before`, { id: event?.id });
    }
    before = link?.hash;
  }
  const head = { seq: last, hash: before ?? GENESIS };
  const unlinked = events.filter(({ chain }) => !chain).length;
  return { findings, head, deleted: ledger.deleted.size, repaired: ledger.repaired.size, unlinked };
}

type Say = (kind: FindingKind, sentence: string, of?: { readonly id?: string | undefined; readonly seq?: number }) => void;

interface Ledger {
  readonly closed: ReadonlyMap<number, Of<'closed'>>;
  readonly deleted: ReadonlySet<string>;
  readonly deletedSeqs: ReadonlySet<number>;
  readonly repaired: ReadonlyMap<string, Of<'repaired'>>;
}

function numbered(events: readonly EventRecord[], { ledger, say }: { ledger: Ledger; say: Say }): Map<number, EventRecord> {
  const bySeq = new Map<number, EventRecord>();
  const seqs = new Map(Array.from(ledger.closed.values(), ({ closed, seq }) => [closed, seq]));
  for (const event of events) {
    if (ledger.deleted.has(event.id))
      say('unfinished deletion', 'is still there, but the ledger says that it was deleted', { id: event.id });
    if (!event.chain) continue;
    // A number that rotted in event.json still stands in the ledger.
    const seq = seqs.get(event.id) ?? event.chain.seq;
    const twin = bySeq.get(seq);
    if (twin) say('chain', `has the number ${seq}, and so has ${twin.id}`, { id: event.id });
    bySeq.set(seq, event);
  }
  return bySeq;
}

interface Spot {
  readonly line: Of<'closed'> | undefined;
  readonly ledger: Ledger;
  readonly say: Say;
}

function checkPresent({ id, chain }: EventRecord, { seq, line, ledger, say }: Spot & { seq: number }): void {
  if (!line) {
    say('ledger', `number ${seq} does not stand in the ledger`, { id });
    return;
  }
  const expected = ledger.repaired.get(line.closed)?.hash ?? line.hash;
  if (chain?.hash !== expected) say('chain', `number ${seq} is not what the ledger says that was closed`, { id });
}

/** Numbers of which nothing is known, each by itself: one that rotted may be as far away as it likes. */
function checkGap({ from, to }: { from: number; to: number }, say: Say): void {
  const named = Math.min(to, from + MAX_NAMED);
  for (let seq = from; seq < named; seq += 1)
    say('missing event', `number ${seq} is in no folder and not in the ledger`, { seq });
  if (named < to) say('missing event', `numbers ${named} to ${to - 1} are in no folder and not in the ledger`);
}

function checkAbsent(seq: number, { line, ledger, say }: Spot): void {
  if (line && !ledger.deleted.has(line.closed))
    say('missing event', `number ${seq} is gone, and nobody deleted it`, { id: line.closed, seq });
}

function readLines(lines: readonly LedgerLine[]): Ledger {
  const closed = new Map<number, Of<'closed'>>();
  const deleted = new Set<string>();
  const deletedSeqs = new Set<number>();
  const repaired = new Map<string, Of<'repaired'>>();
  for (const line of lines) {
    if ('closed' in line) closed.set(line.seq, line);
    if ('repaired' in line) repaired.set(line.repaired, line);
    if (!('deleted' in line)) continue;
    deleted.add(line.deleted);
    if (line.seq !== undefined) deletedSeqs.add(line.seq);
  }
  return { closed, deleted, deletedSeqs, repaired };
}
