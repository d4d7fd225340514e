/**
 * The house: its rooms, floor by floor, and what each may import. The linter (lint-plugin.mjs), the drawing (scripts/rooms.ts) and
 * the tests read this one table. The first floor named is the ground: a room imports only from the floors named before its own,
 * never from a neighbour on its floor. A new room is one line.
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

/** A room is a folder under src/, but for `ffmpeg`, which lies beside src/, and `main`, which is src/main.ts. */
export const FLOORS = [
  {
    floor: 'words and leaves',
    rooms: {
      messages: 'the vocabulary, a file per noun',
      lib: 'leaves without domain words',
    },
  },
  { floor: 'bytes', rooms: { media: 'bytes ↔ meaning, no I/O' } },
  { floor: 'pixels', rooms: { draw: 'what is drawn into pictures' } },
  { floor: 'settings', rooms: { config: 'every setting once' } },
  { floor: 'recipes', rooms: { ffmpeg: 'one recipe per job: argv as data' } },
  { floor: 'ring', rooms: { ring: 'what one camera sent lately: the one stage that others may import' } },
  {
    floor: 'stages',
    rooms: {
      source: 'camera -> packets or pictures',
      gate: 'when to look and at what',
      detector: 'pictures -> detections',
      tracker: 'detections -> tracks',
      event: 'tracks -> visits',
      why: 'what was decided, and why',
      recorder: 'ring + visits -> clip',
      output: 'annotated frames -> stdout',
      store: 'clips on disk',
      alerts: 'what is told',
      publisher: 'alerts and states -> MQTT',
      server: 'clips, live views and states -> HTTP',
      score: 'judging settings on films',
    },
  },
  { floor: 'camera', rooms: { camera: 'one camera, left to right' } },
  { floor: 'app', rooms: { app: 'what cameras share; opens and closes the house' } },
  { floor: 'commands', rooms: { commands: 'one file per command' } },
  { floor: 'door', rooms: { main: 'the only reader of argv and the environment' } },
];

/** Where a package may be imported: in these folders and files. A room may import no package without a line here, but all of Node's. */
export const PACKAGES = {
  'node:child_process': ['src/lib/child.ts'],
  aedes: ['src/publisher'],
  'better-sqlite3': ['src/store', 'src/alerts'],
  commander: ['src/commands', 'src/main.ts'],
  express: ['src/server'],
  'fluent-ffmpeg': ['ffmpeg/short-job.ts'],
  helmet: ['src/server'],
  mqtt: ['src/publisher'],
  'onnxruntime-node': ['src/detector', 'models/measure-ranges.ts'],
  pino: ['src/lib/log.ts'],
  'pino-pretty': ['src/lib/log.ts'],
  sharp: ['src/recorder', 'src/commands'],
  ulid: ['src/app', 'src/store'],
  yaml: ['src/config'],
  zod: ['src/config', 'src/source', 'src/detector', 'src/store', 'src/server', 'src/score'],
};

/** Rooms that do no I/O at all, so that not even Node's own modules are for them. */
const WITHOUT_NODE = new Set(['messages', 'media']);

/** Room -> number of its floor, 0 is the ground. */
export const FLOOR_OF = new Map(FLOORS.flatMap(({ rooms }, floor) => Object.keys(rooms).map((room) => [room, floor])));

const PLACES_OF = new Map(Object.entries(PACKAGES));

/** The room of a file, known or not; `undefined` outside the house. Paths are relative to the repository. */
export function roomOf(path) {
  const [top, room] = path.split('/');
  if (top === 'ffmpeg') return top;
  if (top !== 'src') return undefined;
  return path === 'src/main.ts' ? 'main' : room;
}

/** Whether the table lets the one room import the other. */
export function mayImport(from, to) {
  return from === to || FLOOR_OF.get(to) < FLOOR_OF.get(from);
}

/** Why this file may not stand where it is, in one sentence; `undefined` if it may. */
export function complaintAboutPlace(path) {
  const room = roomOf(path);
  if (room === undefined || FLOOR_OF.has(room)) return undefined;
  return `${path} lies in no room of the house: move it, or give its folder a line in scripts/rooms/rooms.mjs.`;
}

/** Why this file may not import that, in one sentence; `undefined` if it may. */
export function complaint(path, specifier) {
  return specifier.startsWith('.')
    ? complaintAboutFile(path, posix.join(posix.dirname(path), specifier))
    : complaintAboutPackage(path, packageOf(specifier));
}

function complaintAboutFile(path, target) {
  const from = roomOf(path);
  if (from === undefined || mayImport(from, roomOf(target))) return undefined;
  const allowed = [...FLOOR_OF.keys()].filter((room) => room !== from && mayImport(from, room));
  return `${from} may import only ${allowed.join(', ') || 'its own files'}: not ${target}.`;
}

function complaintAboutPackage(path, name) {
  const room = roomOf(path);
  const places = PLACES_OF.get(name);
  if (places) {
    const isAtHome = places.some((place) => path === place || path.startsWith(`${place}/`));
    return isAtHome ? undefined : `${name} may be imported only in ${places.join(', ')}.`;
  }
  if (room === undefined) return undefined;
  if (!name.startsWith('node:')) return `${room} may import only packages with a line in scripts/rooms/rooms.mjs: not ${name}.`;
  return WITHOUT_NODE.has(room) ? `${room} does no I/O and may import nothing of Node: not ${name}.` : undefined;
}

/** `@scope/name/deep.js` -> `@scope/name`; Node's own modules whole and with their prefix. */
function packageOf(specifier) {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
