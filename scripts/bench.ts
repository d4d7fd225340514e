/**
 * `npm run bench [-- film.mp4]`: what Lookout costs, as ratios to a floor measured in the same run.
 *
 * Part 1, `analyze` at full speed against the floor: ffmpeg decoding the same film to null, plus bare onnxruntime-node on the same
 * number of pictures of the same shape. Part 2, each stage alone: ms and garbage per frame. Part 3, `run` in real time (idle and with
 * events): CPU seconds per second of film, memory, bytes written, latencies at a subscriber. Part 4, many events in the store.
 * Part 5, threads of the detector for one and for many cameras. Part 6, packets against frames on an RTSP camera.
 * `--only analyze|stages|run|store|threads|feeds` does one. CPU is that of the whole process tree, from the kernel's accounting.
 */
import { parseArgs } from 'node:util';
import { packagePath } from '../src/lib/package-root.ts';
import { benchAnalyze } from './bench/analyze.ts';
import { benchFeeds } from './bench/feeds.ts';
import { benchRun } from './bench/run.ts';
import { benchStages } from './bench/stages.ts';
import { benchStore } from './bench/store.ts';
import { printMachine } from './bench/report.ts';
import { benchThreads } from './bench/threads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, only: { type: 'string' } },
});
const film = positionals[0] ?? packagePath('test', 'fixtures', 'demo.mp4');

printMachine();
if (values.only === undefined || values.only === 'analyze') await benchAnalyze({ film, runs: Number(values.runs) });
if (values.only === undefined || values.only === 'stages') await benchStages({ film });
if (values.only === undefined || values.only === 'store') await benchStore();
if (values.only === undefined || values.only === 'run') await benchRun({ film: packagePath('test', 'fixtures', 'demo.mp4') });
if (values.only === undefined || values.only === 'feeds') await benchFeeds({ film: packagePath('test', 'fixtures', 'demo.mp4') });
if (values.only === undefined || values.only === 'threads') await benchThreads();
