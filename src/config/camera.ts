/** The settings of one camera; a page of config.ts with a file of its own. */
import { z } from 'zod';
import { noPlaceholder } from './placeholders.ts';
import { cameraStorage } from './storage.ts';

export const NAME = /^[a-z0-9_-]+$/;
/** MQTT topics of the node itself; a camera of that name would collide with them. */
const RESERVED_NAMES = new Set(['status', 'replay', 'node']);

const RECORDS_TOO_FEW = { path: ['record', 'fps'], message: 'Expected record.fps to be at least detect.fps' };

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

const mask = z.strictObject({
  name: z.string().min(1).max(64).optional().describe('for the reader of this file'),
  points: polygon.describe('corners of what nobody may see'),
  style: z.enum(['fill', 'pixelate']).default('fill').describe('black, or coarse blocks of colour'),
});

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

const burnIn = z.strictObject({
  time: z.boolean().default(false).describe('name of the camera and local time are drawn into the recorded picture'),
  boxes: z.boolean().default(false).describe('boxes and scores are drawn into the recorded picture'),
});

const record = z.strictObject({
  feed: z
    .enum(['auto', 'packets', 'frames'])
    .default('auto')
    .describe(
      'packets records what the camera sends, untouched; frames encodes anew; auto takes packets where browsers play them',
    ),
  size: z
    .string()
    .regex(/^[1-9]\d{2,3}x[1-9]\d{2,3}$/, 'Expected a size like 1280x720')
    .default('1280x720')
    .describe('recording is scaled down to fit, never up (frames feed)'),
  fps: z
    .number()
    .int()
    .min(1)
    .max(30)
    .default(15)
    .describe('recorded pictures a second, at most; a multiple of detect.fps is taken (frames feed)'),
  maxRingBytes: z.number().int().min(1_000_000).default(268_435_456).describe('memory for the pre-roll of one camera, at most'),
  burnIn: burnIn.prefault({}),
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

const name = z
  .string()
  .regex(NAME, 'Expected a camera name of a-z, 0-9, _ and -')
  .refine(
    (text) => !RESERVED_NAMES.has(text),
    'Expected another camera name: status, replay and node are topics of the node itself',
  )
  .default('camera')
  .describe('part of topics, folders and addresses');

const input = z
  .string()
  .min(1)
  .superRefine(noPlaceholder)
  .describe('file, rtsp://, rtmp://, srt://, http(s)://, /dev/videoN, or - for y4m on stdin');

const settings = {
  loop: z.boolean().default(false).describe('a file starts over when it ends'),
  detect: detect.prefault({}),
  event: event.prefault({}),
  record: record.prefault({}),
  why: why.prefault({}),
  storage: cameraStorage.prefault({}),
  masks: z
    .array(mask)
    .max(32)
    .default([])
    .describe('never shown, recorded or searched for people: windows of neighbours, a screen'),
};

/** How a camera is watched, and not where its pictures come from. */
export const cameraSettings = z.strictObject({ name, ...settings }).refine(recordsAllThatIsSeen, RECORDS_TOO_FEW);

export const camera = z.strictObject({ name, input, ...settings }).refine(recordsAllThatIsSeen, RECORDS_TOO_FEW);

function recordsAllThatIsSeen({ record: { fps }, detect: { fps: detectFps } }: z.output<z.ZodObject<typeof settings>>): boolean {
  return fps >= Math.min(detectFps, 30);
}
