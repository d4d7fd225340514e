import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, loadSettings } from '../../src/config/load.ts';
import type { CameraConfig } from '../../src/config/config.ts';
import { UserError } from '../../src/lib/errors.ts';
import { maskSecrets } from '../../src/lib/secrets.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lookout-config-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

async function yaml(text: string): Promise<string> {
  const path = join(dir, 'lookout.yaml');
  await writeFile(path, text);
  return path;
}

async function refusal(flags: Parameters<typeof loadConfig>[0], env: Parameters<typeof loadConfig>[1] = {}): Promise<UserError> {
  const outcome: unknown = await loadConfig(flags, env).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(UserError);
  return outcome as UserError;
}

const TWO_CAMERAS = 'cameras:\n  - {name: front, input: a.mp4}\n  - {name: back, input: b.mp4}\n';

async function detectOf(flags: { minScore: number; startScore?: number }): Promise<CameraConfig['detect'] | undefined> {
  return (await loadConfig({ input: 'x', ...flags }, {})).cameras[0]?.detect;
}

describe('a setting', () => {
  it('of a flag wins over a variable, a variable over the file, the file over the default', async () => {
    const config = await yaml(`
model: file.onnx
mqtt: {url: 'mqtt://file', baseTopic: house}
http: {listen: '127.0.0.1:1111'}
storage: {dir: ./file}
logLevel: error
cameras: [{input: file.mp4}]
`);
    const env = {
      LOOKOUT_MODEL: 'env.onnx',
      LOOKOUT_MQTT_URL: 'mqtt://env',
      LOOKOUT_STORAGE_DIR: './env',
      LOOKOUT_LOG_LEVEL: 'warn',
    };
    const loaded = await loadConfig({ config, model: 'flag.onnx', data: './flag', logLevel: 'debug' }, env);
    expect(loaded).toMatchObject({
      model: 'flag.onnx',
      mqtt: { url: 'mqtt://env', baseTopic: 'house', port: 1883 },
      http: { listen: '127.0.0.1:1111' },
      storage: { dir: './flag' },
      logLevel: 'debug',
    });
    expect(await loadConfig({ config }, {})).toMatchObject({ model: 'file.onnx', logLevel: 'error', storage: { dir: './file' } });
  });

  it('comes from every variable that there is', async () => {
    const env = {
      LOOKOUT_NODE: 'attic',
      LOOKOUT_MODEL: 'a.onnx',
      LOOKOUT_MQTT_URL: 'off',
      LOOKOUT_MQTT_BASE_TOPIC: 'house',
      LOOKOUT_HTTP_LISTEN: 'off',
      LOOKOUT_HTTP_PUBLIC_URL: 'https://example.org',
      LOOKOUT_HTTP_USER: 'me',
      LOOKOUT_HTTP_PASSWORD: 'password-of-env',
      LOOKOUT_HTTP_TOKEN: 'token-of-env-16-characters',
      LOOKOUT_STORAGE_DIR: '/data',
      LOOKOUT_STORAGE_ID: '0123456789abcdef',
      LOOKOUT_STORAGE_MAX_BYTES: '50 GB',
      LOOKOUT_LOG_LEVEL: 'silent',
      LOOKOUT_UNKNOWN: 'ignored',
      PATH: '/bin',
    };
    expect(await loadConfig({ input: 'a.mp4' }, env)).toMatchObject({
      node: 'attic',
      model: 'a.onnx',
      mqtt: { url: 'off', baseTopic: 'house' },
      http: { listen: 'off', publicUrl: 'https://example.org', auth: { user: 'me', password: 'password-of-env' } },
      storage: { dir: '/data', id: '0123456789abcdef', maxBytes: 50e9 },
      logLevel: 'silent',
    });
  });
});

describe('flags of a camera', () => {
  it('make one without a file', async () => {
    const { cameras } = await loadConfig({ input: 'a.mp4', name: 'front', loop: true, minScore: 0.35, startScore: 0.5 }, {});
    expect(cameras).toMatchObject([
      { name: 'front', input: 'a.mp4', loop: true, detect: { minScore: 0.35, startScore: 0.5, fps: 5 } },
    ]);
  });

  it('change the only one of a file', async () => {
    const config = await yaml('cameras:\n  - input: a.mp4\n    detect: {fps: 3}\n');
    const { cameras } = await loadConfig({ config, input: 'b.mp4', minScore: 0.2 }, {});
    expect(cameras).toMatchObject([{ input: 'b.mp4', detect: { fps: 3, minScore: 0.2 } }]);
  });

  it('are an error with a file of several', async () => {
    const config = await yaml(TWO_CAMERAS);
    for (const flags of [
      { input: 'c.mp4' },
      { gate: 'off' } as const,
      { name: 'x' },
      { minScore: 0.5 },
      { startScore: 0.5 },
      { loop: true },
    ]) {
      const error = await refusal({ config, ...flags });
      expect(error.message).toMatch(/^--[a-z-]+ describes one camera, but .*lookout\.yaml has 2$/);
    }
    expect((await refusal({ config, minScore: 0.5 })).message).toContain('--min-score');
    expect((await loadConfig({ config, logLevel: 'warn' }, {})).cameras).toHaveLength(2);
  });

  it('raise the start with a --min-score above it, but not against an own --start-score', async () => {
    expect(await detectOf({ minScore: 0.6 })).toMatchObject({ minScore: 0.6, startScore: 0.6 });
    expect(await detectOf({ minScore: 0.2 })).toMatchObject({ minScore: 0.2, startScore: 0.4 });
    const error = await refusal({ input: 'x', minScore: 0.6, startScore: 0.5 });
    expect(error.message).toContain('Expected startScore to be at least minScore');
  });

  it('do not make a camera out of something else', async () => {
    for (const cameras of ['front', '[front]', '[[a]]']) {
      const config = await yaml(`cameras: ${cameras}\n`);
      expect((await refusal({ config, name: 'x' })).message).toContain('Expected');
    }
  });
});

describe('without a camera', () => {
  it.each(['', '# nothing yet\n', 'cameras:\n', 'cameras: []\n', 'logLevel: warn\n'])('%j says how to give one', async (text) => {
    const error = await refusal({ config: await yaml(text) });
    expect(error.message).toBe('No camera was given');
    expect(error.hint).toContain('-i');
  });

  it('and without a file, too', async () => {
    expect((await refusal({})).hint).toContain('lookout demo');
  });
});

describe('settings of a command that watches nothing', () => {
  it('need no camera: one is described by flags and defaults', async () => {
    const settings = await loadSettings({ data: './flag', minScore: 0.6 }, { LOOKOUT_STORAGE_MAX_BYTES: '50 GB' });
    expect(settings).toMatchObject({ storage: { dir: './flag', maxBytes: 50e9 }, logLevel: 'info' });
    expect(settings.cameras).toMatchObject([{ name: 'camera', detect: { minScore: 0.6, startScore: 0.6, fps: 5 } }]);
    expect(settings.cameras[0]).not.toHaveProperty('input');
  });

  it.each(['', 'cameras: []\n', 'cameras:\n'])('may come from a file without cameras: %j', async (cameras) => {
    const config = await yaml(`${cameras}storage: {dir: ./file}\n`);
    expect(await loadSettings({ config }, {})).toMatchObject({ storage: { dir: './file' }, cameras: [{ name: 'camera' }] });
  });

  it('are refused with the sentences of every other command', async () => {
    const wrong = [
      'cameras: [{detect: {fps: 99}}]\n',
      'cameras: [{name: a}, {name: a, input: x}]\nmodle: x\n',
      'cameras: front\n',
      '- a\n',
    ];
    for (const text of wrong) {
      const config = await yaml(text);
      const { message, hint } = await refusal({ config });
      await expect(loadSettings({ config }, {})).rejects.toMatchObject({ message, hint });
    }
    const low = { minScore: 0.6, startScore: 0.5 };
    await expect(loadSettings(low, {})).rejects.toMatchObject(await refusal({ input: 'x', ...low }));
  });

  it('take the cameras of a file as they stand there', async () => {
    await expect(loadSettings({ config: await yaml(''), data: './flag' }, {})).rejects.toThrow('holds no keys');
    const settings = await loadSettings({ config: await yaml(TWO_CAMERAS) }, {});
    expect(settings.cameras.map(({ name }) => name)).toEqual(['front', 'back']);
  });
});

describe('a file', () => {
  it('that is missing or a folder is named', async () => {
    expect((await refusal({ config: '/nowhere.yaml' })).message).toBe('The configuration /nowhere.yaml does not exist');
    expect((await refusal({ config: dir })).message).toContain(`The configuration ${dir} cannot be read: EISDIR`);
  });

  it('that is not YAML is named, with the line', async () => {
    const error = await refusal({ config: await yaml('cameras:\n  - input: rtsp://cam\n   name: front\n') });
    expect(error.message).toContain('lookout.yaml is not YAML: ');
    expect(error.message).toMatch(/line [23]/);
  });

  it.each([
    {
      what: 'a secret that is a tag',
      text: 'http:\n  auth: {password: !secret lookout_password}\n',
      says: ['!secret', 'line 2, column 20'],
    },
    { what: 'a tag of a list or of keys', text: 'cameras: !include [x]\n', says: ['!include', 'line 1, column 10'] },
    { what: 'a number that is none', text: 'mqtt:\n  port: !!int x\n', says: ['int', 'line 2, column 9'] },
    { what: 'an unknown directive', text: '%LOOKOUT 1\n---\nlogLevel: info\n', says: ['%LOOKOUT', 'line 1, column 1'] },
    {
      what: 'a template',
      text: 'http:\n  auth:\n    password: {{ lookout_password }}\n',
      says: ['no text', 'line 3, column 16'],
    },
  ])('with $what is refused, with the place and the cure', async ({ text, says }) => {
    const { message, hint } = await refusal({ config: await yaml(text), input: 'a.mp4' });
    for (const words of says) expect(message).toContain(words);
    expect(`${message} ${hint}`).not.toContain('lookout_password');
    expect(hint).not.toBe('');
  });

  it('that is not YAML is quoted by place only: a password may stand there', async () => {
    const { message } = await refusal({ config: await yaml('http:\n  auth: {password: hunter22: x\n') });
    expect(message).toMatch(/line \d+, column \d+$/);
    expect(message).not.toContain('hunter22');
  });

  it('may use the tags of YAML itself', async () => {
    const config = await yaml('http: {auth: {password: !!str 12345678}}\ncameras: [{input: ! a.mp4}]\n');
    expect(await loadConfig({ config }, {})).toMatchObject({ http: { auth: { password: '12345678' } } });
  });

  it('that holds a list, a word or a bomb is refused', async () => {
    expect((await refusal({ config: await yaml('- a\n') })).message).toContain('holds no keys');
    expect((await refusal({ config: await yaml('front\n') })).message).toContain('holds no keys');
    const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(',')}]`);
    const bomb = await refusal({ config: await yaml(['l0: &l0 x', ...levels].join('\n')) });
    expect(bomb.message).toContain('is not YAML that can be used');
  });

  it('with several problems says all of them', async () => {
    const error = await refusal({ config: await yaml('modle: x\ncameras: [{input: a, detect: {fps: 99}}]\nmqtt: {port: -1}\n') });
    expect(error.message.split('\n').slice(1)).toHaveLength(4);
    expect(error.hint).toContain('src/config/config.ts');
  });
});

describe('a secret', () => {
  it('of a configuration is masked from then on, wherever it appears', async () => {
    await loadConfig(
      { input: 'rtsp://me:cam-Pa%24s@cam/stream', mqtt: 'mqtt://me:mqtt-Pass@broker' },
      { LOOKOUT_HTTP_PASSWORD: 'http-Passw0rd', LOOKOUT_HTTP_TOKEN: 'token-0123456789' },
    );
    const printed = 'cam-Pa%24s cam-Pa$s mqtt-Pass http-Passw0rd token-0123456789';
    expect(maskSecrets(`ffmpeg says: ${printed}`)).toBe('ffmpeg says: *** *** *** *** ***');
  });
});
