/**
 * A sweep → one SVG: three maps over minScore (down) and startScore (across): visits found, false alarms, alert. Readable on
 * light and dark paper; the darker a field, the worse it is, so that the good region stays plain.
 */
import type { Summary } from './summary.ts';
import { cellAt, type Scores, type Sweep, type SweepCell } from './sweep.ts';

const CELL = { widthPx: 54, heightPx: 30 } as const;
const PANEL = { leftPx: 58, topPx: 132, gapPx: 44, axisPx: 46 } as const;

interface Panel {
  readonly title: string;
  readonly note: string;
  readonly text: (summary: Summary) => string;
  /** 0 is best, 1 is worst; undefined has no colour */
  readonly badness: (summary: Summary, worst: Summary[]) => number | undefined;
}

const PANELS: readonly Panel[] = [
  {
    title: 'Visits found',
    note: 'share of the visits, higher is better',
    text: ({ recall }) => (recall === undefined ? '–' : `${Math.round(recall * 100)} %`),
    badness: ({ recall }) => (recall === undefined ? undefined : 1 - recall),
  },
  {
    title: 'False alarms per hour',
    note: 'events without anybody, lower is better',
    text: ({ falsePerHour }) => (falsePerHour === 0 ? '0' : falsePerHour.toFixed(falsePerHour < 10 ? 1 : 0)),
    badness: ({ falsePerHour }, all) => falsePerHour / Math.max(1, ...all.map((summary) => summary.falsePerHour)),
  },
  {
    title: 'Alert, median',
    note: 'seconds from clearly visible to the alert',
    text: ({ alert }) => (alert ? `${(Math.round(alert.medianMs / 100) / 10 + 0).toFixed(1)} s` : '–'),
    badness: ({ alert }, all) =>
      alert && Math.max(0, alert.medianMs) / Math.max(2000, ...all.map((summary) => summary.alert?.medianMs ?? 0)),
  },
];

export interface ChartFacts {
  readonly title: string;
  readonly subtitle: string;
}

export function chartOf(sweep: Sweep, { title, subtitle }: ChartFacts): string {
  const gridWidthPx = sweep.startScores.length * CELL.widthPx;
  const gridHeightPx = sweep.minScores.length * CELL.heightPx;
  const panelWidthPx = gridWidthPx + PANEL.leftPx;
  const widthPx = PANELS.length * panelWidthPx + (PANELS.length - 1) * PANEL.gapPx + 48;
  const heightPx = PANEL.topPx + gridHeightPx + PANEL.axisPx + 46;
  const panels = PANELS.map((panel, i) => {
    const xPx = 24 + i * (panelWidthPx + PANEL.gapPx);
    return `<g transform="translate(${xPx + PANEL.leftPx} ${PANEL.topPx})">${panelSvg(panel, sweep)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widthPx} ${heightPx}" width="${widthPx}" height="${heightPx}" role="img" aria-label="${escaped(title)}">
<style>${STYLE}</style>
<rect class="paper" width="${widthPx}" height="${heightPx}"/>
<text class="title" x="24" y="40">${escaped(title)}</text>
<text class="note" x="24" y="62">${escaped(subtitle)}</text>
${panels.join('\n')}
<g transform="translate(24 ${heightPx - 28})"><rect class="chosen" x="1" y="-12" width="22" height="16" rx="3"/><text class="note" x="32" y="0">the setting that was asked for: minScore ${sweep.chosen.minScore}, startScore ${sweep.chosen.startScore}</text></g>
</svg>
`;
}

function panelSvg(panel: Panel, sweep: Sweep): string {
  const { minScores, startScores, chosen } = sweep;
  const all = sweep.cells.map(({ summary }) => summary);
  const heightPx = minScores.length * CELL.heightPx;
  const widthPx = startScores.length * CELL.widthPx;
  const columns = startScores.map((score, x) =>
    label(score, { x: (x + 0.5) * CELL.widthPx, y: heightPx + 18, anchor: 'middle' }),
  );
  const rows = minScores.map((score, y) => label(score, { x: -10, y: (y + 0.5) * CELL.heightPx + 4, anchor: 'end' }));
  const place = ({ minScore, startScore }: Scores): { x: number; y: number } => ({
    x: startScores.indexOf(startScore) * CELL.widthPx,
    y: minScores.indexOf(minScore) * CELL.heightPx,
  });
  const fields = sweep.cells.map((cell) => fieldSvg(cell, { panel, all, ...place(cell) }));
  const at = cellAt(sweep, chosen) && place(chosen);
  const mark = at
    ? `<rect class="chosen" x="${at.x + 1}" y="${at.y + 1}" width="${CELL.widthPx - 3}" height="${CELL.heightPx - 3}" rx="4"/>`
    : '';
  return [
    `<text class="panel" x="0" y="-28">${panel.title}</text><text class="note" x="0" y="-11">${panel.note}</text>`,
    ...fields,
    mark,
    ...columns,
    ...rows,
    `<text class="axis" x="${widthPx / 2}" y="${heightPx + 38}" text-anchor="middle">startScore</text>`,
    `<text class="axis" transform="translate(-46 ${heightPx / 2}) rotate(-90)" text-anchor="middle">minScore</text>`,
  ].join('\n');
}

interface Field {
  readonly panel: Panel;
  readonly all: Summary[];
  readonly x: number;
  readonly y: number;
}

function fieldSvg({ summary }: SweepCell, { panel, all, x, y }: Field): string {
  const badness = Math.min(1, panel.badness(summary, all) ?? 0);
  // The square root keeps the first few misses visible.
  const opacity = badness === 0 ? 0 : 0.12 + 0.88 * Math.sqrt(badness);
  const box = `x="${x + 1}" y="${y + 1}" width="${CELL.widthPx - 3}" height="${CELL.heightPx - 3}" rx="4"`;
  const isDark = opacity > 0.55;
  return [
    `<rect class="plain" ${box}/>`,
    ...(opacity > 0 ? [`<rect class="bad" ${box} fill-opacity="${opacity.toFixed(2)}"/>`] : []),
    `<text class="value${isDark ? ' on-bad' : ''}" x="${x + CELL.widthPx / 2 - 0.5}" y="${y + CELL.heightPx / 2 + 4}" text-anchor="middle">${panel.text(summary)}</text>`,
  ].join('');
}

function label(score: number, { x, y, anchor }: { x: number; y: number; anchor: string }): string {
  return `<text class="tick" x="${x}" y="${y}" text-anchor="${anchor}">${score.toFixed(2)}</text>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

const STYLE = `
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:#1c2430}
.paper{fill:#fff}.title{font-size:20px;font-weight:650}.panel{font-size:14px;font-weight:600}
.note,.tick{font-size:12px;fill:#5b6675}.axis{font-size:12px;fill:#3c4654}
.value{font-size:12.5px;font-variant-numeric:tabular-nums}.on-bad{fill:#fff}
.plain{fill:#eef2f5}.bad{fill:#c2410c}.chosen{fill:none;stroke:#0f62fe;stroke-width:2.5}
@media (prefers-color-scheme:dark){text{fill:#e6eaf0}.paper{fill:#12161c}.note,.tick{fill:#97a3b3}.axis{fill:#b9c3cf}
.plain{fill:#1f2630}.bad{fill:#e8590c}.on-bad{fill:#fff}.chosen{stroke:#6ea8fe}}
`.replace(/\n/g, '');
