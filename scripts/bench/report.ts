/** Tables in Markdown, so that a figure can be pasted into a document as it was printed. */
import { cpus, totalmem } from 'node:os';

export function printMachine(): void {
  const [cpu] = cpus();
  console.log(
    `Machine: ${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform} ${process.arch}\n`,
  );
}

export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  console.log([`### ${title}`, '', line(head), rule, ...rows.slice(1).map(line), ''].join('\n'));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Nearest rank; 0 for no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
