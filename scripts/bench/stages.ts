/** Each stage alone, in a fresh process, against bare inference of the same frames: ms and garbage per frame. */
import { packagePath } from '../../src/lib/package-root.ts';
import { measureTree } from './process-tree.ts';
import { printTable } from './report.ts';
import type { StageReport } from './stage.ts';

const STAGES = [
  ['gate', 'motion gate'],
  ['inference', 'inference: pixels → boxes'],
  ['detector', 'detector: to the host process and back'],
  ['pipeline', 'pipeline: film → events, gate off'],
] as const;

export async function benchStages({ film }: { film: string }): Promise<void> {
  const rows: string[][] = [];
  for (const [stage, title] of STAGES) {
    process.stderr.write(`stages: ${stage}\n`);
    const script = packagePath('scripts', 'bench', 'stage.ts');
    const { stdout } = await measureTree([process.execPath, '--expose-gc', '--import', 'tsx', script, stage, film]);
    rows.push(rowOf(title, JSON.parse(stdout) as StageReport));
  }
  printTable('each stage alone, per frame', [
    ['', 'CPU ms', 'wall ms', 'bare inference, CPU ms', 'ratio', 'garbage: heap', 'garbage: buffers'],
    ...rows,
  ]);
}

function rowOf(title: string, { cost, floor, garbage }: StageReport): string[] {
  return [
    title,
    cost.cpuMs.toFixed(2),
    cost.wallMs.toFixed(2),
    floor?.cpuMs.toFixed(2) ?? '',
    floor ? (cost.cpuMs / floor.cpuMs).toFixed(2) : '',
    bytes(garbage.heapBytes),
    bytes(garbage.bufferBytes),
  ];
}

function bytes(count: number): string {
  return count < 10_000 ? `${Math.round(count)} B` : `${Math.round(count / 1000)} kB`;
}
