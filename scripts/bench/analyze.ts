/** `analyze` against its floor, several times in turn, so that a machine that changes its speed changes both. */
import { packagePath } from '../../src/lib/package-root.ts';
import { measureTree, type Usage } from './process-tree.ts';
import { median, printTable } from './report.ts';

export const LOOKOUT: readonly string[] = [process.execPath, packagePath('dist', 'src', 'main.js')];

interface Round {
  readonly decode: Usage;
  readonly inference: Usage;
  readonly analyze: Usage;
  readonly gated: Usage;
}

/** What went to the model in a run. */
interface Work {
  readonly inferences: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export async function benchAnalyze({ film, runs }: { film: string; runs: number }): Promise<void> {
  const work = readWork((await measureTree([...LOOKOUT, 'analyze', film, '--gate', 'off', '--log-level', 'debug'])).stderr);
  const rounds: Round[] = [];
  for (let run = 0; run < runs; run++) {
    rounds.push({
      decode: await decodeFloor(film),
      inference: await inferenceFloor(work),
      analyze: await measureTree([...LOOKOUT, 'analyze', film, '--gate', 'off']),
      gated: await measureTree([...LOOKOUT, 'analyze', film]),
    });
    process.stderr.write(`analyze: round ${run + 1} of ${runs}\n`);
  }
  printRounds(rounds, `analyze: ${work.inferences} pictures of ${work.widthPx} × ${work.heightPx}, median of ${runs} rounds`);
}

export async function decodeFloor(film: string): Promise<Usage> {
  return await measureTree([
    'ffmpeg',
    '-hide_banner',
    '-nostdin',
    '-loglevel',
    'error',
    '-threads',
    '1',
    '-i',
    film,
    '-an',
    '-f',
    'null',
    '-',
  ]);
}

export async function inferenceFloor({ inferences, widthPx, heightPx }: Work): Promise<Usage> {
  return await measureTree([
    process.execPath,
    packagePath('scripts', 'bench', 'floor.mjs'),
    String(inferences),
    String(widthPx),
    String(heightPx),
  ]);
}

/** From the debug log: the line `analysed`. */
function readWork(stderr: string): Work {
  const line = stderr.split('\n').find((text) => text.includes('"msg":"analysed"'));
  if (line === undefined) throw new Error('Expected the debug line "analysed" of lookout analyze but found none');
  return JSON.parse(line) as Work;
}

export function peaksOf({ peakBytes }: Usage): string {
  return [...peakBytes].map(([kind, bytes]) => `${kind} ${Math.round(bytes / 2 ** 20)} MB`).join(', ');
}

function printRounds(rounds: readonly Round[], title: string): void {
  const middle = (pick: (round: Round) => number): string => median(rounds.map(pick)).toFixed(2);
  const row = (name: string, pick: (round: Round) => Usage): string[] => [
    name,
    middle((round) => pick(round).cpuSeconds),
    middle((round) => pick(round).wallSeconds),
    peaksOf(pick(rounds[0] as Round)),
  ];
  const ratio = middle(({ decode, inference, analyze }) => analyze.cpuSeconds / (decode.cpuSeconds + inference.cpuSeconds));
  printTable(title, [
    ['', 'CPU s', 'wall s', 'peak memory'],
    row('floor: ffmpeg decode to null', ({ decode }) => decode),
    row('floor: bare onnxruntime-node', ({ inference }) => inference),
    row('lookout analyze, every picture (--gate off)', ({ analyze }) => analyze),
    ['ratio to the floor', ratio, '', 'the design’s goal is 1.10'],
    row('lookout analyze, as it comes', ({ gated }) => gated),
  ]);
}
