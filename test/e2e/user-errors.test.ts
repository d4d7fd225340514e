/** What the user can fix: one clear sentence and what to do, exit code 2, no stack, nothing left. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LookoutOptions, runLookout } from './lookout.ts';
import { DEMO } from './media.ts';

let folder: string;
let takenPort: number;
const taken: Server = createServer();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookout-errors-'));
  await mkdir(join(folder, 'empty folder'));
  await writeFile(join(folder, 'notes.txt'), 'This is no video and no model.\n');
  await writeFile(join(folder, 'broken.yaml'), 'cameras:\n  - input: "x.mp4\n   name: [\n');
  await writeFile(join(folder, 'unknown.yaml'), 'cameras:\n  - input: x.mp4\n    minscore: 0.5\nmqqt:\n  url: off\n');
  await writeFile(join(folder, 'two.yaml'), 'cameras:\n  - {name: a, input: x.mp4}\n  - {name: b, input: y.mp4}\n');
  await writeFile(join(folder, 'twins.yaml'), 'cameras:\n  - {name: a, input: x.mp4}\n  - {name: a, input: y.mp4}\n');
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  takenPort = (taken.address() as AddressInfo).port;
  await writeFile(join(folder, 'mqtt.yaml'), JSON.stringify({ mqtt: { port: takenPort }, http: { listen: 'off' } }));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  taken.close();
  await once(taken, 'close');
});

/** A run that would be fine but for what the row adds; `FOLDER` and `PORT` are known only later. */
const QUIET = ['--mqtt', 'off', '--http', '127.0.0.1:0'];
const INPUT = ['-i', DEMO];

interface Row {
  readonly what: string;
  readonly args: readonly string[];
  /** all of them stand in what is said */
  readonly says: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly from?: string;
  readonly into?: string;
}

const ROWS: readonly Row[] = [
  { what: 'no input', args: ['run', ...QUIET], says: ['No camera was given', '-i', 'lookout demo'] },
  {
    what: 'a video that does not exist',
    args: ['run', ...QUIET, '-i', 'FOLDER/none.mp4'],
    says: ['FOLDER/none.mp4 does not exist', 'check the path'],
  },
  {
    what: 'a folder for a video',
    args: ['run', ...QUIET, '-i', 'FOLDER/empty folder'],
    says: ['FOLDER/empty folder is a folder', 'name one video file'],
  },
  { what: 'a text for a video', args: ['run', ...QUIET, '-i', 'FOLDER/notes.txt'], says: ['FOLDER/notes.txt is not a video'] },
  {
    what: 'a text for a video, analysed',
    args: ['analyze', 'FOLDER/notes.txt'],
    says: ['FOLDER/notes.txt is not a video'],
  },
  {
    what: 'an address no camera speaks',
    args: ['run', ...QUIET, '-i', 'rtps://admin:Hx7.qT4w@cam/stream'],
    says: ['rtps://***@cam/stream is not an address of a camera', 'rtsp://'],
  },
  {
    what: 'a camera to analyse',
    args: ['analyze', 'rtsp://127.0.0.1:1/cam'],
    says: ['rtsp://127.0.0.1:1/cam has no end', 'lookout run'],
  },
  {
    what: 'a model that does not exist',
    args: ['run', ...QUIET, ...INPUT, '-m', 'FOLDER/none.onnx'],
    says: ['The model FOLDER/none.onnx does not exist', '-m'],
  },
  {
    what: 'a text for a model',
    args: ['run', ...QUIET, ...INPUT, '-m', 'FOLDER/notes.txt'],
    says: ['FOLDER/notes.txt', 'model'],
  },
  {
    what: 'a folder for a model',
    args: ['run', ...QUIET, ...INPUT, '-m', 'FOLDER/empty folder'],
    says: ['The model FOLDER/empty folder is a folder', 'one .onnx file'],
  },
  { what: 'a flag that does not exist', args: ['run', '--inptu', 'x.mp4'], says: ['unknown option', '--inptu', '--input'] },
  { what: 'a command that does not exist', args: ['recrod'], says: ['"recrod" is no command', '--help'] },
  { what: 'a file without -i', args: ['walk.mp4'], says: ['"walk.mp4" is no command', 'lookout run -i walk.mp4'] },
  {
    what: 'a score that is none',
    args: ['run', ...INPUT, '--min-score', '40%'],
    says: ['--min-score', 'Expected a score from 0.1 to 1'],
  },
  {
    what: 'scores the wrong way round',
    args: ['run', ...INPUT, '--min-score', '0.6', '--start-score', '0.5'],
    says: ['startScore', 'at least minScore'],
  },
  { what: 'a name that cannot be a topic', args: ['run', ...INPUT, '--name', 'Front Door'], says: ['a-z, 0-9'] },
  { what: 'a stream that does not exist', args: ['run', ...INPUT, '--stdout', 'mp4'], says: ['--stdout', 'y4m', 'rawvideo'] },
  {
    what: 'a configuration that does not exist',
    args: ['run', '-c', 'FOLDER/none.yaml'],
    says: ['The configuration FOLDER/none.yaml does not exist', '-c'],
  },
  { what: 'broken YAML', args: ['run', '-c', 'FOLDER/broken.yaml'], says: ['FOLDER/broken.yaml is not YAML', 'line'] },
  {
    what: 'unknown keys, all at once',
    args: ['run', '-c', 'FOLDER/unknown.yaml'],
    says: ['FOLDER/unknown.yaml', 'minscore', 'mqqt'],
  },
  { what: 'two cameras of one name', args: ['run', '-c', 'FOLDER/twins.yaml'], says: ['FOLDER/twins.yaml', 'a'] },
  {
    what: 'a flag of one camera with two of them',
    args: ['run', '-c', 'FOLDER/two.yaml', '--min-score', '0.5'],
    says: ['--min-score describes one camera', '2'],
  },
  {
    what: 'frames of two cameras on one stdout',
    args: ['run', '-c', 'FOLDER/two.yaml', '--stdout', 'y4m'],
    says: ['--stdout carries the frames of one camera', '2'],
    into: 'cat',
  },
  {
    what: 'frames for a full disk',
    args: ['run', ...QUIET, ...INPUT, '--stdout', 'y4m'],
    says: ['stdout cannot be written', 'no space left', 'free some space'],
    into: '> /dev/full',
  },
  {
    what: 'a film on stdin that is no y4m',
    args: ['run', ...QUIET, '-i', '-'],
    says: ['stdin does not begin with a YUV4MPEG2 header', '-f yuv4mpegpipe'],
    from: `cat ${DEMO}`,
  },
  {
    what: 'nothing on stdin',
    args: ['analyze', '-'],
    says: ['stdin ended before the first picture', '-f yuv4mpegpipe'],
    from: 'true',
  },
  {
    what: 'a page for everybody without a password',
    args: ['run', ...INPUT, '--mqtt', 'off', '--http', '0.0.0.0:0'],
    says: ['Refusing to listen on 0.0.0.0:0 without a password', 'LOOKOUT_HTTP_PASSWORD'],
  },
  {
    what: 'a file for a data folder',
    args: ['run', ...QUIET, ...INPUT, '--data', 'FOLDER/notes.txt'],
    says: ['FOLDER/notes.txt is a file, not a folder', '--data'],
  },
  {
    what: 'a data folder that nobody may write to',
    args: ['run', ...QUIET, ...INPUT, '--data', '/proc/lookout'],
    says: ['The data folder /proc/lookout cannot be written', '--data'],
  },
  {
    what: 'a taken port for the page',
    args: ['run', ...INPUT, '--mqtt', 'off', '--http', '127.0.0.1:PORT'],
    says: ['127.0.0.1:PORT is taken by another program', '--http'],
  },
  {
    what: 'a taken port for the broker',
    args: ['run', ...INPUT, '-c', 'FOLDER/mqtt.yaml'],
    says: ['MQTT port 127.0.0.1:PORT is taken by another program', 'mqtt.port'],
  },
  { what: 'an address that is no broker', args: ['run', ...INPUT, '--mqtt', 'broker:1883'], says: ['mqtt.url', 'mqtt://'] },
  {
    what: 'no ffmpeg on this machine',
    args: ['run', ...QUIET, ...INPUT],
    env: { PATH: '/nowhere' },
    says: ['was not found on this machine', 'apt install ffmpeg'],
  },
];

describe.concurrent('what the user can fix', () => {
  it.each(ROWS)('$what: one sentence, what to do, exit code 2', async ({ args, says, ...how }) => {
    const options: LookoutOptions = { ...how, args: args.map(known), config: false };
    const { code, lines, sentences, stdout } = await runLookout(options);
    const text = sentences.join('\n');
    for (const words of says) expect(text).toContain(known(words));
    expect(text).not.toMatch(/\n\s+at |this is a bug|secret/);
    expect(sentences.filter((line) => /^(lookout|error): /.test(line))).toHaveLength(1);
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
    expect(stdout.toString()).toBe('');
    expect(code).toBe(2);
  });
});

function known(text: string): string {
  return text.replaceAll('FOLDER', folder).replaceAll('PORT', String(takenPort));
}
