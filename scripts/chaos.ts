/**
 * `npm run chaos [-- --seed 1 --runs 5 --only kill --not decoder --feed packets|frames --out chaos.md]`: what Lookout loses when something breaks in the
 * middle of an event. Real processes, an RTSP camera, small disks; `kill -9 of Lookout` runs 20 times as often as the others. Each row is
 * printed when it is done; exit 1 where one is worse than its bar.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faults } from '../test/chaos/faults.ts';
import type { Fault, Trial } from '../test/chaos/fault.ts';
import { HEAD, isWithinBar, type Row, rowText } from '../test/chaos/report.ts';
import { runTrial } from '../test/chaos/run-trial.ts';
import { makeFilm } from '../test/chaos/world.ts';
import { printMachine } from './bench/report.ts';

const KILLS_PER_RUN = 20;
const GOPS = [10, 7, 30, 15];

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    not: { type: 'string' },
    feed: { type: 'string' },
    out: { type: 'string' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'lookout-films-'));
const lines: string[] = [];
let isGood = true;
try {
  const films = await Promise.all(GOPS.map((gop) => makeFilm(folder, gop)));
  printMachine();
  print(`\nSeed ${values.seed}.\n\n${HEAD}`);
  const feeds = (values.feed === undefined ? ['packets', 'frames'] : [values.feed]) as ('packets' | 'frames')[];
  for (const fault of faults.filter(isAsked)) {
    for (const feed of fault.world?.().feed ? [fault.world().feed ?? 'frames'] : feeds) {
      const row = await run(fault, { feed, films });
      print(rowText(row));
      isGood &&= isWithinBar(row);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (values.out !== undefined) await writeFile(values.out, `${lines.join('\n')}\n`);
process.exitCode = isGood ? 0 : 1;

function isAsked({ name }: Fault): boolean {
  return name.includes(values.only ?? '') && (values.not === undefined || !name.includes(values.not));
}

async function run(fault: Fault, { feed, films }: { feed: 'packets' | 'frames'; films: readonly string[] }): Promise<Row> {
  const missing = await fault.missing?.();
  if (missing !== undefined) return { fault, feed, trials: [], missing };
  const runs = Number(values.runs) * (fault.name.includes('of Lookout') ? KILLS_PER_RUN : 1);
  const trials: Trial[] = [];
  for (let i = 0; i < runs; i++) {
    const trial = await runTrial(fault, { seed: Number(values.seed) * 1000 + i, feed, film: films[i % films.length]! });
    trials.push(trial);
    process.stderr.write(`${fault.name}, ${feed}: ${i + 1} of ${runs}, lost ${trial.lostMs} ms ${trial.problems.join('; ')}\n`);
  }
  return { fault, feed, trials };
}

function print(line: string): void {
  lines.push(line);
  console.log(line);
}
