/**
 * Every setting once: type, default, limit, one sentence. The types, the checks and the README's table come from here.
 * A flag of the command line, a LOOKOUT_* variable and a key of lookout.yaml of the same meaning all end in this schema.
 */
import { z } from 'zod';

const NAME = /^[a-z0-9_-]+$/;
/** MQTT topics of the node itself; a camera of that name would collide with them. */
const RESERVED_NAMES = new Set(['status', 'replay', 'node']);

const score = z.number().min(0.1).max(1);

/** Corners in order, each `[x, y]` as a share of the picture's width and height. */
const polygon = z
  .array(z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)], 'Expected a corner [x, y], each from 0 to 1'))
  .min(3, 'Expected at least three corners')
  .max(64);

const gate = z.strictObject({
  enabled: z.boolean().default(true).describe('pictures in which nothing moves are not given to the model'),
  heartbeatMs: z
    .number()
    .int()
    .min(200)
    .max(2000)
    .default(1000)
    .describe('while somebody is there the model looks at least this often, moving or not'),
  emptyHeartbeatMs: z.number().int().min(200).max(60_000).default(5000).describe('… and this often while nobody is there'),
});

const zone = z.strictObject({
  name: z.string().regex(NAME, 'Expected a zone name of a-z, 0-9, _ and -').describe('stands in alerts'),
  points: polygon.describe('corners of the zone'),
  frames: z.number().int().min(1).max(60).default(3).describe('pictures in a row with the feet inside before a person counts'),
  maxSpeed: z
    .number()
    .min(0.1)
    .default(12)
    .describe('feet that move faster, in own sizes a second, are a leap of the tracker and not a visit'),
});

const detect = z
  .strictObject({
    fps: z.number().int().min(1).max(30).default(5).describe('pictures a second given to the model'),
    minScore: score.default(0.3).describe('a detection below this score is no hit'),
    startScore: score.default(0.4).describe('mean score of the hits that confirm a person'),
    labels: z.array(z.string().min(1)).min(1).default(['person']).describe('classes of the model that count'),
    hits: z.number().int().min(1).max(30).default(3).describe('hits that confirm a person …'),
    window: z.number().int().min(1).max(60).default(5).describe('… within this many pictures'),
    gate: gate.prefault({}),
    minArea: z.number().min(0).max(1).default(0).describe('a smaller box, as a share of the picture, is nobody'),
    maxArea: z.number().min(0).max(1).default(1).describe('a larger box, as a share of the picture, is nobody'),
    minAspect: z.number().min(0).default(0).describe('a narrower box, width by height, is nobody'),
    maxAspect: z.number().min(0).default(100).describe('a wider box, width by height, is nobody'),
    zones: z
      .array(zone)
      .max(32)
      .default([])
      .describe('only people who stand in one of these count; without any, people everywhere'),
    ignore: z.array(polygon).max(32).default([]).describe('who stands in one of these polygons is nobody'),
  })
  .refine((d) => d.minArea <= d.maxArea, { path: ['maxArea'], message: 'Expected maxArea to be at least minArea' })
  .refine((d) => d.minAspect <= d.maxAspect, { path: ['maxAspect'], message: 'Expected maxAspect to be at least minAspect' })
  .refine((d) => new Set(d.zones.map(({ name }) => name)).size === d.zones.length, {
    path: ['zones'],
    message: 'Expected every zone to have a name of its own',
  })
  .refine((d) => d.hits <= d.window, { path: ['hits'], message: 'Expected hits to be at most window' })
  .refine((d) => d.minScore <= d.startScore, { path: ['startScore'], message: 'Expected startScore to be at least minScore' });

const event = z.strictObject({
  preRollMs: z
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(5000)
    .describe('how much of the clip lies before the person is first seen'),
  postRollMs: z
    .number()
    .int()
    .min(500)
    .max(300_000)
    .default(5000)
    .describe('an event ends this long after the last person was seen'),
  maxDurationMs: z.number().int().min(5000).max(3_600_000).default(120_000).describe('a longer event is split into linked parts'),
  settleMs: z
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(1000)
    .describe('after a camera comes back or the whole picture changes, nobody is confirmed for this long'),
});

const record = z.strictObject({
  size: z
    .string()
    .regex(/^[1-9]\d{2,3}x[1-9]\d{2,3}$/, 'Expected a size like 1280x720')
    .default('1280x720')
    .describe('recording is scaled down to fit, never up'),
  fps: z
    .number()
    .int()
    .min(1)
    .max(30)
    .default(15)
    .describe('recorded pictures a second, at most; a multiple of detect.fps is taken'),
  maxRingBytes: z.number().int().min(1_000_000).default(268_435_456).describe('memory for the pre-roll of one camera, at most'),
});

const why = z.strictObject({
  keepMs: z
    .number()
    .int()
    .min(60_000)
    .default(21_600_000)
    .describe('how long every decision is remembered, for the answer to “why?” …'),
  maxBytes: z.number().int().min(65_536).default(4_000_000).describe('… and in how much memory for one camera, at most'),
});

/** `10 GB`, `500 MB`, `1.5 TB`, `512 MiB`, or a number of bytes; `off` and 0 are no limit. */
const SIZE = /^(\d+(?:\.\d+)?)\s*([kMGT]i?)?B?$/i;
const bytes = z
  .union([z.number(), z.string()], 'Expected a size like 10 GB, a number of bytes, or off')
  .refine(
    (size) => Number.isSafeInteger(bytesOf(size)) && bytesOf(size) >= 0,
    'Expected a size like 10 GB, a number of bytes, or off',
  )
  .transform(bytesOf);

const days = z
  .union([z.number().min(0), z.literal('off')], 'Expected a number of days of at least 0, or off')
  .transform((value) => (value === 'off' ? 0 : value));

/** NaN where the text is no size. */
function bytesOf(size: number | string): number {
  if (typeof size === 'number') return size;
  if (size.trim() === 'off') return 0;
  const [, count, unit = ''] = SIZE.exec(size.trim()) ?? [];
  const power = ['', 'k', 'm', 'g', 't'].indexOf(unit.slice(0, 1).toLowerCase());
  return Math.round(Number(count ?? Number.NaN) * (unit.length === 2 ? 1024 : 1000) ** power);
}

const cameraStorage = z.strictObject({
  keepDays: days.optional().describe('overrides storage.keepDays for this camera'),
  maxBytes: bytes.optional().describe('its own share: its oldest events go when they take more; 0 or off: no share of its own'),
});

const storage = z.strictObject({
  dir: z.string().min(1).default('./data').describe('where events are kept'),
  id: z
    .string()
    .regex(/^[0-9a-z-]{8,64}$/, 'Expected the id that stands in lookout.json of the data folder')
    .optional()
    .describe('refuses to start on a folder that does not carry this id: the disk is not mounted, or it is another one'),
  keepDays: days.default(7).describe('older events are deleted; 0 or off: age deletes nothing'),
  maxBytes: bytes.default(10_000_000_000).describe('all events together, as 10 GB or a number; 0 or off: no limit'),
  minFreePercent: z.number().min(0).max(90).default(5).describe('of the disk stay free; 0: only 16 MB do'),
  whenFull: z
    .enum(['delete-oldest', 'stop'])
    .default('delete-oldest')
    .describe('makes room by deleting the oldest event, or records nothing more; alerts go on either way'),
});

const camera = z
  .strictObject({
    name: z
      .string()
      .regex(NAME, 'Expected a camera name of a-z, 0-9, _ and -')
      .refine(
        (name) => !RESERVED_NAMES.has(name),
        'Expected another camera name: status, replay and node are topics of the node itself',
      )
      .default('camera')
      .describe('part of topics, folders and addresses'),
    input: z.string().min(1).describe('file, rtsp://, rtmp://, srt://, http(s)://, /dev/videoN, or - for y4m on stdin'),
    loop: z.boolean().default(false).describe('a file starts over when it ends'),
    detect: detect.prefault({}),
    event: event.prefault({}),
    record: record.prefault({}),
    why: why.prefault({}),
    storage: cameraStorage.prefault({}),
  })
  .refine(({ record: { fps }, detect: { fps: detectFps } }) => fps >= Math.min(detectFps, 30), {
    path: ['record', 'fps'],
    message: 'Expected record.fps to be at least detect.fps',
  });

const mqtt = z.strictObject({
  url: z
    .string()
    .regex(
      /^(off|embedded|mqtts?:\/\/.+|wss?:\/\/.+)$/,
      'Expected embedded, off, or an address like mqtt://user:password@host:1883',
    )
    .default('embedded')
    .describe('broker to publish to; embedded starts one on 127.0.0.1'),
  baseTopic: z
    .string()
    .regex(/^[^\s#+/][^\s#+]*$/, 'Expected a topic without spaces, # and +')
    .default('lookout')
    .describe('first part of every topic'),
  port: z.number().int().min(0).max(65_535).default(1883).describe('port of the embedded broker'),
});

const http = z.strictObject({
  listen: z
    .string()
    .regex(/^(off|.+:\d{1,5})$/, 'Expected host:port, for example 127.0.0.1:8080, or off')
    .default('127.0.0.1:8080')
    .describe('address of the page and the API'),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('how others reach the page; addresses in alerts start with it'),
  auth: z
    .strictObject({
      user: z.string().min(1).default('lookout').describe('name for the browser’s password question'),
      password: z.string().min(8).optional().describe('password for the browser’s question'),
      token: z.string().min(16).optional().describe('bearer token for programs'),
    })
    .prefault({}),
});

export const configSchema = z
  .strictObject({
    node: z
      .string()
      .regex(NAME, 'Expected a node name of a-z, 0-9, _ and -')
      .optional()
      .describe('name of this machine in alerts (default: its host name)'),
    model: z.string().min(1).optional().describe('ONNX model (default: the bundled NanoDet-Plus-m)'),
    modelFamily: z
      .string()
      .min(1)
      .optional()
      .describe('states how the model’s answers are read, where Lookout cannot tell (lookout inspect names the families)'),
    cameras: z.array(camera).min(1, 'Expected at least one camera'),
    mqtt: mqtt.prefault({}),
    http: http.prefault({}),
    storage: storage.prefault({}),
    logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('how much is written to stderr'),
  })
  .superRefine(({ cameras }, context) => {
    const seen = new Set<string>();
    for (const [i, { name }] of cameras.entries()) {
      if (seen.has(name))
        context.addIssue({
          code: 'custom',
          path: ['cameras', i, 'name'],
          message: `Expected each camera name once but "${name}" stands twice`,
        });
      seen.add(name);
    }
  });

/** The whole configuration, every default filled in. */
export type Config = z.output<typeof configSchema>;
/** The configuration as a person may write it. */
export type ConfigInput = z.input<typeof configSchema>;
export type CameraConfig = Config['cameras'][number];
export type MqttConfig = Config['mqtt'];
export type HttpConfig = Config['http'];
export type StorageConfig = Config['storage'];
