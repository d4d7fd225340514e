/**
 * The answer to "why?" → a table for a terminal. Pictures in which the same candidate met the same rule are one row, so that a
 * minute fits a screen; times are local.
 */
import { unanswered } from '../lib/never.ts';
import type { WhyAnswer, WhyCandidate, WhyEntry, WhyRules } from '../messages/why.ts';

const BAR_CELLS = 20;
/** More rows would not be read; the JSON holds everything. */
const MAX_ROWS = 60;

interface Row {
  readonly fromMs: number;
  toMs: number;
  pictures: number;
  readonly what: string;
  readonly rule: string;
  /** best of the row */
  score: number | undefined;
}

const COLOURS = new Map([
  ['hit', 32],
  ['event', 36],
  ['unconfirmed', 33],
  ['startScore', 33],
  ['minScore', 90],
  ['label', 90],
  ['', 90],
]);

export function whyText(answer: WhyAnswer, { hasColour }: { hasColour: boolean }): string {
  const { camera, at, from, to, summary, cure, rules } = answer;
  const rows = rowsOf(answer.entries);
  const shown = nearest(rows, Date.parse(at));
  const paint = (text: string, code: number): string => (hasColour ? `\u001B[${code}m${text}\u001B[0m` : text);
  const head = `${camera}, ${dayOf(from)} ${clockOf(Date.parse(from))} to ${clockOf(Date.parse(to))}   ${settingsOf(rules)}`;
  const widest = Math.min(32, Math.max(9, ...shown.map(({ what }) => what.length)));
  const lines = shown.map((row) => {
    const text = `  ${timeOf(row).padEnd(23)}  ${row.what.padEnd(widest)}  ${scoreOf(row)}  ${row.rule.padEnd(11)}  ${picturesOf(row)}`;
    return paint(text.trimEnd(), COLOURS.get(row.rule) ?? 33);
  });
  const left = rows.length - shown.length;
  return [
    paint(head, 2),
    '',
    ...(lines.length > 0 ? lines : ['  nothing was decided in this time']),
    ...(left > 0 ? [`  … and ${left} more rows: a shorter --window, or --json`] : []),
    '',
    paint(summary, 1),
    ...(cure === undefined ? [] : [`  → ${cure}`]),
    '',
  ].join('\n');
}

/** The rows that lie nearest to the moment, in order. */
function nearest(rows: readonly Row[], atMs: number): readonly Row[] {
  const distance = ({ fromMs, toMs }: Row): number => Math.max(fromMs - atMs, atMs - toMs, 0);
  const chosen = new Set(rows.toSorted((a, b) => distance(a) - distance(b)).slice(0, MAX_ROWS));
  return rows.filter((row) => chosen.has(row));
}

export function rowsOf(entries: readonly WhyEntry[]): Row[] {
  const rows: Row[] = [];
  let open = new Map<string, Row>();
  for (const entry of entries) {
    switch (entry.type) {
      case 'picture':
        open = addPicture(rows, { entry, open });
        break;
      case 'event':
        rows.push(eventRow(entry));
        break;
      case 'away':
        rows.push(awayRow(entry));
        open.clear();
        break;
      case 'run':
        if (extendsWeak(open, entry)) break;
        rows.push(runRow(entry));
        open.clear();
        break;
      default:
        unanswered(entry);
    }
  }
  return rows;
}

/** Pictures with weak candidates of before only: their row goes on, and whoever was followed is gone. */
function extendsWeak(
  open: Map<string, Row>,
  { empty, known, repeats, skipped, to }: Extract<WhyEntry, { type: 'run' }>,
): boolean {
  const weak = [...open].find(([, { rule }]) => rule === 'minScore');
  if (!weak || known === 0 || empty + repeats + skipped > 0) return false;
  const [key, row] = weak;
  row.toMs = Date.parse(to);
  row.pictures += known;
  open.clear();
  open.set(key, row);
  return true;
}

function addPicture(
  rows: Row[],
  { entry, open }: { entry: Extract<WhyEntry, { type: 'picture' }>; open: ReadonlyMap<string, Row> },
): Map<string, Row> {
  const atMs = Date.parse(entry.at);
  const next = new Map<string, Row>();
  for (const candidate of entry.candidates.toSorted((a, b) => b.score - a.score)) {
    const what = whoOf(candidate);
    const key = `${what} ${candidate.rule}`;
    const row = next.get(key) ?? open.get(key);
    if (!row) {
      const begun = { fromMs: atMs, toMs: atMs, pictures: 1, what, rule: candidate.rule, score: candidate.score };
      rows.push(begun);
      next.set(key, begun);
      continue;
    }
    row.pictures += next.has(key) ? 0 : 1;
    row.toMs = atMs;
    row.score = Math.max(row.score ?? 0, candidate.score);
    next.set(key, row);
  }
  return next;
}

function eventRow(entry: Extract<WhyEntry, { type: 'event' }>): Row {
  const what = entry.what === 'opened' ? 'event opened' : `event closed: ${entry.reason}`;
  return { ...spanOf(entry.at, entry.at), pictures: 0, what, rule: 'event', score: undefined };
}

function awayRow({ from, to, reason }: Extract<WhyEntry, { type: 'away' }>): Row {
  return { ...spanOf(from, to), pictures: 0, what: `no picture: ${reason}`, rule: '', score: undefined };
}

function runRow({ from, to, empty, known, repeats, skipped }: Extract<WhyEntry, { type: 'run' }>): Row {
  const parts = [
    ...(empty > 0 ? ['no candidate'] : []),
    ...(known > 0 ? ['only the weak ones of before'] : []),
    ...(repeats > 0 ? ['nothing moved'] : []),
    ...(skipped > 0 ? [`${skipped} not looked at`] : []),
  ];
  const what = parts.length > 0 ? parts.join(', ') : 'no picture came';
  return { ...spanOf(from, to), pictures: empty + known + repeats + skipped, what, rule: '', score: undefined };
}

function spanOf(from: string, to: string): { fromMs: number; toMs: number } {
  return { fromMs: Date.parse(from), toMs: Date.parse(to) };
}

function whoOf({ label, track }: WhyCandidate): string {
  return track === undefined ? label || 'candidate' : `${label} #${track}`;
}

function timeOf({ fromMs, toMs }: Row): string {
  return fromMs === toMs ? tenthsOf(fromMs) : `${tenthsOf(fromMs)} – ${tenthsOf(toMs)}`;
}

function scoreOf({ score }: Row): string {
  if (score === undefined) return ' '.repeat(BAR_CELLS + 6);
  const cells = Math.round(score * BAR_CELLS);
  return `${score.toFixed(2)}  ${'█'.repeat(cells)}${'·'.repeat(BAR_CELLS - cells)}`;
}

function picturesOf({ pictures }: Row): string {
  return pictures === 0 ? '' : `${pictures} picture${pictures === 1 ? '' : 's'}`;
}

function settingsOf({ minScore, startScore, hits, window, labels }: WhyRules): string {
  return `${labels.join(', ')}: minScore ${minScore}, startScore ${startScore}, ${hits} hits of ${window}`;
}

function dayOf(at: string): string {
  return new Date(at).toLocaleDateString('sv-SE');
}

function clockOf(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('sv-SE');
}

function tenthsOf(atMs: number): string {
  return `${clockOf(atMs)}.${Math.floor((atMs % 1000) / 100)}`;
}
