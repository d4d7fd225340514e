/** Figures → tables for a terminal. Pure. */
import type { Judged } from './judge.ts';
import { type Spread, type Summary, summarise } from './summary.ts';
import { cellAt, type Scores, type Sweep } from './sweep.ts';

export interface JudgedFilm {
  readonly file: string;
  readonly judged: Judged;
}

const DASH = '–';

/** One line per film and one for all of them. */
export function filmTable(films: readonly JudgedFilm[]): string {
  const total = summarise(films.map(({ judged }) => judged));
  return table([
    ['film', 'visits', 'found', 'split', 'events', 'ignored', 'false', 'onset s', 'max', 'alert s', 'max'],
    ...films.map(({ file, judged }) => [file, ...figures(summarise([judged]))]),
    ['all', ...figures(total)],
  ]);
}

/** What the last line means. */
export function summaryLines({ recall, precision, falsePerHour, hours, sharedEvents }: Summary): string[] {
  return [
    `recall ${share(recall)}, precision ${share(precision)}, ${falsePerHour.toFixed(2)} false alarms per hour of ${duration(hours)} of film`,
    ...(sharedEvents > 0 ? [`${sharedEvents} events hold several visits: their gap was shorter than the post-roll`] : []),
  ];
}

/** Rows are minScore, columns startScore; `found/visits` and, where there are any, `+n` false alarms; the chosen pair in brackets. */
export function sweepTable(sweep: Sweep): string {
  const { minScores, startScores, chosen } = sweep;
  const cell = (scores: Scores): string => {
    const summary = cellAt(sweep, scores)?.summary;
    if (!summary) return '';
    const isChosen = scores.minScore === chosen.minScore && scores.startScore === chosen.startScore;
    return isChosen ? `[${cellText(summary)}]` : cellText(summary);
  };
  const rows = minScores.map((minScore) =>
    [minScore.toFixed(2)].concat(startScores.map((startScore) => cell({ minScore, startScore }))),
  );
  return table([['minScore \\ startScore', ...startScores.map((score) => score.toFixed(2))], ...rows]);
}

/** The first column to the left, the rest to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function figures({ visits, found, splitVisits, events, onset, alert }: Summary): string[] {
  return [
    String(visits),
    String(found),
    String(splitVisits),
    String(events.right),
    String(events.ignored),
    String(events.false),
    ...spread(onset),
    ...spread(alert),
  ];
}

function cellText({ found, visits, events }: Summary): string {
  return `${found}/${visits}${events.false > 0 ? ` +${events.false}` : ''}`;
}

function spread(value: Spread | undefined): string[] {
  return value ? [seconds(value.medianMs), seconds(value.maxMs)] : [DASH, DASH];
}

function seconds(ms: number): string {
  // No "-0.0": a tenth is all that the labels can tell.
  return (Math.round(ms / 100) / 10 + 0).toFixed(1);
}

function share(value: number | undefined): string {
  return value === undefined ? DASH : `${(value * 100).toFixed(1)} %`;
}

function duration(hours: number): string {
  return hours < 1 ? `${(hours * 60).toFixed(1)} minutes` : `${hours.toFixed(2)} hours`;
}
