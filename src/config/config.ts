/**
 * Every setting once: type, default, limit, one sentence. The types and the checks come from here.
 * A flag of the command line, a LOOKOUT_* variable and a key of lookout.yaml of the same meaning all end in this schema.
 */
import { z } from 'zod';
import { ipRange } from '../lib/ip.ts';
import { LOG_LEVELS } from '../lib/log.ts';
import { camera, cameraSettings, NAME } from './camera.ts';
import { noPlaceholder } from './placeholders.ts';
import { storage } from './storage.ts';

const mqtt = z.strictObject({
  url: z
    .string()
    .regex(
      /^(off|embedded|mqtts?:\/\/.+|wss?:\/\/.+)$/,
      'Expected embedded, off, or an address like mqtt://user:password@host:1883',
    )
    .superRefine(noPlaceholder)
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
    .superRefine(noPlaceholder)
    .optional()
    .describe('how others reach the page; addresses in alerts start with it'),
  trustedProxies: z
    .array(
      z
        .string()
        .refine((text) => ipRange(text) !== undefined, {
          message: 'Expected the address of a proxy, or a range, for example 192.168.1.5 or 172.16.0.0/12',
          abort: true,
        })
        .refine((text) => ipRange(text)?.bits !== 0, 'Expected the addresses of proxies, not of everybody'),
    )
    .default([])
    .describe('proxies whose word is taken for the address of a client (X-Forwarded-For, Forwarded)'),
  auth: z
    .strictObject({
      user: z.string().min(1).default('lookout').describe('name for the browser’s password question'),
      password: z.string().min(8).superRefine(noPlaceholder).optional().describe('password for the browser’s question'),
      token: z.string().min(16).superRefine(noPlaceholder).optional().describe('bearer token for programs'),
    })
    .prefault({}),
});

const node = z
  .string()
  .regex(NAME, 'Expected a node name of a-z, 0-9, _ and -')
  .optional()
  .describe('name of this machine in alerts (default: its host name)');

const model = {
  model: z.string().min(1).optional().describe('ONNX model (default: the bundled NanoDet-Plus-m)'),
  modelFamily: z
    .string()
    .min(1)
    .optional()
    .describe('states how the model’s answers are read, where Lookout cannot tell (lookout inspect names the families)'),
  detectThreads: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('threads of the model, which all cameras share; a second one costs more than it gives unless cores are idle'),
};

const shared = {
  mqtt: mqtt.prefault({}),
  http: http.prefault({}),
  storage: storage.prefault({}),
  logLevel: z.enum(LOG_LEVELS).default('info').describe('how much is written to stderr'),
};

export const configSchema = z
  .strictObject({ node, ...model, cameras: z.array(camera).min(1, 'Expected at least one camera'), ...shared })
  .superRefine(({ cameras }, context) => {
    for (const { path, message } of clashesOf(cameras)) context.addIssue({ code: 'custom', path, message });
  });

/** Where nothing is watched: no camera is needed, and one that is described needs no input. */
export const settingsSchema = z.strictObject({ node, ...model, cameras: z.array(cameraSettings), ...shared });

/** What each camera for itself has right, but not all of them together. */
function clashesOf(cameras: readonly CameraConfig[]): { path: PropertyKey[]; message: string }[] {
  return cameras.flatMap(({ name, input }, i) => {
    const before = cameras.slice(0, i);
    const reader = input === '-' ? before.find((other) => other.input === '-') : undefined;
    return [
      ...(before.some((other) => other.name === name)
        ? [{ path: ['cameras', i, 'name'], message: `Expected each camera name once but "${name}" stands twice` }]
        : []),
      ...(reader
        ? [{ path: ['cameras', i, 'input'], message: `Expected - for one camera only but "${reader.name}" reads stdin already` }]
        : []),
    ];
  });
}

/** The whole configuration, every default filled in. */
export type Config = z.output<typeof configSchema>;
/** The configuration as a person may write it. */
export type ConfigInput = z.input<typeof configSchema>;
/** A configuration of which the cameras may be missing, and their inputs. */
export type Settings = z.output<typeof settingsSchema>;
export type CameraConfig = Config['cameras'][number];
export type CameraSettings = Settings['cameras'][number];

export type MqttConfig = Config['mqtt'];
export type HttpConfig = Config['http'];
export type StorageConfig = Config['storage'];
