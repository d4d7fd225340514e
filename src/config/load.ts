/**
 * Flags, LOOKOUT_* variables and lookout.yaml → the configuration. A flag wins over a variable, a variable over the file; then
 * `${NAME}` is filled in. All problems are named at once.
 */
import type { z } from 'zod';
import { isLoose, type Loose, readConfigFile } from './config-file.ts';
import { type Config, configSchema, type Settings, settingsSchema } from './config.ts';
import { CAMERA_DEFAULTS } from './defaults.ts';
import { type Environment, fillIn } from './fill-in.ts';
import { UserError } from '../lib/errors.ts';
import { registerSecret, registerUrl } from '../lib/secrets.ts';
import { explainIssue, problemLines } from './problems.ts';

export const ON_OFF = ['on', 'off'] as const;

export interface ConfigFlags {
  readonly config?: string;
  readonly model?: string;
  readonly modelFamily?: string;
  readonly input?: string;
  readonly name?: string;
  readonly minScore?: number;
  readonly startScore?: number;
  readonly loop?: boolean;
  /** the motion gate */
  readonly gate?: (typeof ON_OFF)[number];
  readonly mqtt?: string;
  readonly http?: string;
  readonly data?: string;
  readonly logLevel?: string;
}

export type StorageFlags = Pick<ConfigFlags, 'config' | 'data'>;

export type { Environment };

/** Which variable stands for which key. */
const VARIABLES = [
  ['LOOKOUT_NODE', ['node']],
  ['LOOKOUT_MODEL', ['model']],
  ['LOOKOUT_MODEL_FAMILY', ['modelFamily']],
  ['LOOKOUT_MQTT_URL', ['mqtt', 'url']],
  ['LOOKOUT_MQTT_BASE_TOPIC', ['mqtt', 'baseTopic']],
  ['LOOKOUT_HTTP_LISTEN', ['http', 'listen']],
  ['LOOKOUT_HTTP_PUBLIC_URL', ['http', 'publicUrl']],
  ['LOOKOUT_HTTP_USER', ['http', 'auth', 'user']],
  ['LOOKOUT_HTTP_PASSWORD', ['http', 'auth', 'password']],
  ['LOOKOUT_HTTP_TOKEN', ['http', 'auth', 'token']],
  ['LOOKOUT_STORAGE_DIR', ['storage', 'dir']],
  ['LOOKOUT_STORAGE_ID', ['storage', 'id']],
  ['LOOKOUT_STORAGE_MAX_BYTES', ['storage', 'maxBytes']],
  ['LOOKOUT_LOG_LEVEL', ['logLevel']],
] as const;

const CAMERA_FLAGS = ['input', 'name', 'minScore', 'startScore', 'loop', 'gate'] as const;

/** For commands that watch. */
export async function loadConfig(flags: ConfigFlags, env: Environment): Promise<Config> {
  const draft = draftOf(await fileOf(flags), { flags, env });
  if (hasNoCamera(draft) && flags.input === undefined) {
    throw new UserError('No camera was given', {
      hint: 'give one with -i (a file, rtsp://…, /dev/video0, or - for stdin) or a file with -c; or try: lookout demo',
    });
  }
  applyCameraFlags(draft, flags);
  return checkConfig(filledIn(draft, { flags, env }), originOf(flags));
}

/**
 * For commands that look at what is stored, and may delete it by what a file says: an empty one is refused. The cameras of a file are
 * checked as for those that watch; without any there is one that flags and defaults describe.
 */
export async function loadSettings(flags: ConfigFlags, env: Environment): Promise<Settings> {
  const file = await fileOf(flags);
  if (flags.config !== undefined && Object.keys(file).length === 0)
    throw new UserError(`${flags.config} holds no keys`, { hint: 'leave -c out to go without a file' });
  const draft = draftOf(file, { flags, env });
  const isCameraless = hasNoCamera(draft);
  applyCameraFlags(draft, flags);
  const filled = filledIn(draft, { flags, env });
  return isCameraless ? check(settingsSchema, filled, originOf(flags)) : checkConfig(filled, originOf(flags));
}

function filledIn(draft: Loose, { flags, env }: { flags: ConfigFlags; env: Environment }): unknown {
  const { value, problems, secrets } = fillIn(draft, env);
  for (const secret of secrets) registerSecret(secret);
  if (problems.length > 0)
    throw notRight(
      originOf(flags),
      problems,
      'a variable is set where Lookout starts: NAME=value lookout run …, or Environment= of its service',
    );
  return value;
}

/** Fills in the defaults; throws one UserError that names every problem. */
export function checkConfig(draft: unknown, origin: string): Config {
  const config = check(configSchema, draft, origin);
  for (const { input } of config.cameras) registerUrl(input);
  return config;
}

function check<T extends Settings>(schema: z.ZodType<T>, draft: unknown, origin: string): T {
  const result = schema.safeParse(draft, { error: explainIssue });
  if (!result.success) {
    const lines = problemLines(result.error.issues, draft);
    throw notRight(origin, lines, 'src/config/config.ts and the files it names list every key with its limits');
  }
  const { mqtt, http } = result.data;
  registerUrl(mqtt.url);
  registerSecret(http.auth.password);
  registerSecret(http.auth.token);
  return result.data;
}

function notRight(origin: string, lines: readonly string[], hint: string): UserError {
  return new UserError(`${origin} is not right:\n${lines.map((line) => `  ${line}`).join('\n')}`, { hint });
}

function originOf({ config = 'the command line' }: ConfigFlags): string {
  return config;
}

async function fileOf({ config }: ConfigFlags): Promise<Loose> {
  return config === undefined ? {} : await readConfigFile(config);
}

/** The file, and over it variables and flags. */
function draftOf(draft: Loose, { flags, env }: { flags: ConfigFlags; env: Environment }): Loose {
  for (const [variable, path] of VARIABLES) setAt(draft, path, env[variable]);
  setAt(draft, ['model'], flags.model);
  setAt(draft, ['modelFamily'], flags.modelFamily);
  setAt(draft, ['mqtt', 'url'], flags.mqtt);
  setAt(draft, ['http', 'listen'], flags.http);
  setAt(draft, ['storage', 'dir'], flags.data);
  setAt(draft, ['logLevel'], flags.logLevel);
  return draft;
}

function hasNoCamera({ cameras }: Loose): boolean {
  return (cameras ?? undefined) === undefined || (Array.isArray(cameras) && cameras.length === 0);
}

function applyCameraFlags(draft: Loose, flags: ConfigFlags): void {
  const given = CAMERA_FLAGS.filter((flag) => flags[flag] !== undefined);
  const cameras: unknown = draft['cameras'] ?? [];
  // What is wrong with it is said by the check.
  if (!Array.isArray(cameras) || !cameras.every(isLoose)) return;
  if (cameras.length > 1 && given.length > 0) {
    throw new UserError(`--${kebab(given[0] ?? '')} describes one camera, but ${flags.config} has ${cameras.length}`, {
      hint: 'set it in the file, camera by camera',
    });
  }
  const camera: Loose = cameras[0] ?? {};
  setAt(camera, ['input'], flags.input);
  setAt(camera, ['name'], flags.name);
  setAt(camera, ['loop'], flags.loop);
  setAt(camera, ['detect', 'gate', 'enabled'], flags.gate === undefined ? undefined : flags.gate === 'on');
  setAt(camera, ['detect', 'minScore'], flags.minScore);
  setAt(camera, ['detect', 'startScore'], flags.startScore ?? impliedStartScore(flags));
  draft['cameras'] = cameras.length > 1 ? cameras : [camera];
}

/** Who raises only --min-score means both: a start below the score of a hit makes no sense. */
function impliedStartScore({ minScore }: ConfigFlags): number | undefined {
  return minScore !== undefined && minScore > CAMERA_DEFAULTS.detect.startScore ? minScore : undefined;
}

function setAt(target: Loose, path: readonly string[], value: unknown): void {
  if (value === undefined) return;
  const last = path.at(-1) ?? '';
  let at = target;
  for (const key of path.slice(0, -1)) {
    const inner: Loose = isLoose(at[key]) ? at[key] : {};
    at[key] = inner;
    at = inner;
  }
  at[last] = value;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
