/**
 * `run` in real time. Idle: nobody can start an event (start score 1), against decoding and bare inference of the same film.
 * Busy: several cameras with two visits each; latencies are taken at an MQTT subscriber, pre-roll from the alerts.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import type { Alert } from '../../src/messages/alert.ts';
import { decodeFloor, inferenceFloor, LOOKOUT, peaksOf } from './analyze.ts';
import { measureTree } from './process-tree.ts';
import { printTable, quantile } from './report.ts';

const CAMERAS = 2;
const PRE_ROLL_MS = 5000;

interface Received {
  readonly alert: Alert;
  readonly receivedMs: number;
}

export async function benchRun({ film }: { film: string }): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  try {
    await benchIdle(film, dir);
    await benchEvents(film, dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function benchIdle(film: string, dir: string): Promise<void> {
  const data = join(dir, 'idle');
  process.stderr.write('run, idle: two passes of the demo clip in real time\n');
  const command = [...LOOKOUT, 'run', '-i', film, '--start-score', '1', '--data', data, '--mqtt', 'off', '--http', '127.0.0.1:0'];
  const usage = await measureTree([...command, '--gate', 'off']);
  const gated = await measureTree(command);
  const seconds = usage.wallSeconds;
  const decode = await decodeFloor(film);
  const inference = await inferenceFloor({ inferences: Math.round(seconds * 5), widthPx: 544, heightPx: 320 });
  // Below a folder: what a start writes once (lookout.json, clock.json, the index) is not meant.
  const written = (await readdir(data, { recursive: true })).filter((name) =>
    /\/.+\.(m4s|mp4|m3u8|jpg|json|jsonl)$/.test(name),
  ).length;
  printTable(`run while nobody is there: ${seconds.toFixed(0)} s in real time`, [
    ['', 'CPU s', 'share of one core', 'peak memory'],
    ['floor: decode + bare inference', (decode.cpuSeconds + inference.cpuSeconds).toFixed(2), '', ''],
    [
      'lookout run, every picture (--gate off)',
      usage.cpuSeconds.toFixed(2),
      `${((100 * usage.cpuSeconds) / seconds).toFixed(1)} %`,
      peaksOf(usage),
    ],
    [
      'ratio to the floor',
      (usage.cpuSeconds / (decode.cpuSeconds + inference.cpuSeconds)).toFixed(2),
      '',
      'the design’s goal is 1.6',
    ],
    [
      'lookout run, as it comes',
      gated.cpuSeconds.toFixed(2),
      `${((100 * gated.cpuSeconds) / gated.wallSeconds).toFixed(1)} %`,
      peaksOf(gated),
    ],
    ['files written', String(written), '', ''],
  ]);
}

async function benchEvents(film: string, dir: string): Promise<void> {
  const config = join(dir, 'lookout.yaml');
  const cameras = Array.from({ length: CAMERAS }, (_, i) => `  - { name: camera${i}, input: ${JSON.stringify(film)} }`);
  await writeFile(config, ['cameras:', ...cameras, ''].join('\n'));
  process.stderr.write(`run, busy: ${CAMERAS} cameras, one pass of the demo clip in real time\n`);
  const received: Received[] = [];
  let subscribing: Promise<void> | undefined;
  const usage = await measureTree([...LOOKOUT, 'run', '-c', config, '--data', join(dir, 'busy'), '--http', '127.0.0.1:0'], {
    onStderr: (line) => {
      if (line.includes('"mqtt":"mqtt:')) subscribing ??= subscribe((JSON.parse(line) as { mqtt: string }).mqtt, received);
    },
  });
  await subscribing;
  printLatencies(
    received,
    `run with ${CAMERAS} cameras and ${received.filter(({ alert }) => alert.type === 'ready').length} clips, ${usage.wallSeconds.toFixed(0)} s in real time`,
  );
  printTable('memory and CPU of that run', [
    ['CPU s', 'peak memory (largest of each kind)'],
    [usage.cpuSeconds.toFixed(1), peaksOf(usage)],
  ]);
}

async function subscribe(url: string, received: Received[]): Promise<void> {
  const client = await connectAsync(url, { reconnectPeriod: 0 });
  client.on('message', (_topic, body) => received.push({ alert: JSON.parse(body.toString()) as Alert, receivedMs: Date.now() }));
  await client.subscribeAsync('lookout/+/alert', { qos: 1 });
}

function printLatencies(received: readonly Received[], title: string): void {
  const of = (type: Alert['type']): Received[] => received.filter(({ alert }) => alert.type === type);
  const starts = new Map(of('start').map((start) => [start.alert.id, start]));
  const confirmedMs = ({ alert }: Received): number => Date.parse(alert.startedAt) + alert.latencyMs.detectToConfirm;
  const playable = of('live').map((live) => live.receivedMs - (starts.get(live.alert.id)?.receivedMs ?? live.receivedMs));
  printTable(title, [
    ['', 'p50 ms', 'p95 ms', 'n'],
    row(
      'confirming frame (capture clock) → alert at a subscriber',
      of('start').map((start) => start.receivedMs - confirmedMs(start)),
    ),
    row(
      '… of which frame → detection',
      of('start').map(({ alert }) => alert.latencyMs.frameToDetect),
    ),
    row(
      'first hit → confirming frame',
      of('start').map(({ alert }) => alert.latencyMs.detectToConfirm),
    ),
    row('alert → first playable playlist', playable),
    row(
      `pre-roll delivered (asked: ${PRE_ROLL_MS})`,
      of('ready').map(({ alert }) => alert.preRollMs ?? 0),
    ),
  ]);
}

function row(name: string, values: readonly number[]): string[] {
  return [name, quantile(values, 0.5).toFixed(0), quantile(values, 0.95).toFixed(0), String(values.length)];
}
