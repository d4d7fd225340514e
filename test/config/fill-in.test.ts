import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { type Environment, loadConfig, loadSettings } from '../../src/config/load.ts';
import { UserError } from '../../src/lib/errors.ts';
import { maskSecrets } from '../../src/lib/secrets.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lookout-fill-in-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

async function load(text: string, env: Environment = {}): Promise<Config> {
  const config = join(dir, 'lookout.yaml');
  await writeFile(config, text);
  return await loadConfig({ config }, env);
}

async function refusal(attempt: Promise<unknown>): Promise<UserError> {
  const outcome: unknown = await attempt.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(UserError);
  return outcome as UserError;
}

async function inputOf(input: string, env: Environment): Promise<string | undefined> {
  return (await loadConfig({ input }, env)).cameras[0]?.input;
}

describe('${NAME}', () => {
  it('is filled in from the environment in every text of the file, of variables and of flags', async () => {
    const env = { CAM: 'cam-one', PW: 'long-enough-1', ROOT: '/srv', LOOKOUT_MQTT_URL: 'mqtt://me:${PW}@broker' };
    const text = `
node: \${CAM}
cameras: [{name: "x-\${CAM}", input: 'rtsp://me:\${PW}@\${CAM}/s', detect: {labels: ["\${CAM}"]}}]
http: {auth: {password: "\${PW}"}}
storage: {dir: "\${ROOT}/data"}
`;
    expect(await load(text, env)).toMatchObject({
      node: 'cam-one',
      cameras: [{ name: 'x-cam-one', input: 'rtsp://me:long-enough-1@cam-one/s', detect: { labels: ['cam-one'] } }],
      mqtt: { url: 'mqtt://me:long-enough-1@broker' },
      http: { auth: { password: 'long-enough-1' } },
      storage: { dir: '/srv/data' },
    });
    expect(await inputOf('rtsp://me:${PW}@cam/s', env)).toBe('rtsp://me:long-enough-1@cam/s');
    expect((await loadSettings({ data: '${ROOT}/x' }, env)).storage.dir).toBe('/srv/x');
  });

  it('without a variable, or of an empty one, is named with its place, all at once', async () => {
    const text = "cameras: [{input: 'rtsp://me:${CAM_PASSWORD}@cam/s'}]\nhttp: {auth: {password: '${EMPTY}'}}\n";
    const { message, hint } = await refusal(load(text, { EMPTY: '' }));
    expect(message).toContain('cameras[0].input: Expected CAM_PASSWORD in the environment');
    expect(message).toContain('http.auth.password: Expected EMPTY in the environment for ${EMPTY} but that variable is empty');
    expect(hint).toContain('NAME=value');
  });

  it.each(['${CAM_PASSWORD:-x}', '${}', '${1}', '${CAM', '${a b}'])('takes no other form: %s is named', async (form) => {
    expect((await refusal(inputOf(`x-${form}`, { CAM: 'a', CAM_PASSWORD: 'b' }))).message).toContain(`but received ${form}`);
  });

  it('stays as it is behind a second $, and what is filled in is not looked at again', async () => {
    expect(await inputOf('film-$${NAME}.mp4', {})).toBe('film-${NAME}.mp4');
    expect(await inputOf('film-${A}.mp4', { A: '${B}', B: 'x' })).toBe('film-${B}.mp4');
  });

  it.each([
    { password: 'p@ss/w#rd?', sent: 'p%40ss%2Fw%23rd%3F' },
    { password: 'p%40ss', sent: 'p%40ss' },
    { password: '100% {real}', sent: '100%25%20%7Breal%7D' },
  ])('may be $password: it does not end the login of an address early', async ({ password, sent }) => {
    expect(await inputOf('rtsp://me:${PW}@cam/s', { PW: password })).toBe(`rtsp://me:${sent}@cam/s`);
    expect(maskSecrets(`401 for ${password}, ${sent}`)).toBe('401 for ***, ***');
  });

  it('is encoded where it is a value of the query, and not where it is a path or a whole address', async () => {
    const env = { PW: 'a&b#c', PATH_OF: 'h264/ch1', URL_OF: 'rtsp://me:p%40@cam/s?x=1' };
    expect(await inputOf('srt://cam:9000?passphrase=${PW}', env)).toBe('srt://cam:9000?passphrase=a%26b%23c');
    expect(await inputOf('rtsp://cam/${PATH_OF}', env)).toBe('rtsp://cam/h264/ch1');
    expect(await inputOf('${URL_OF}', env)).toBe(env.URL_OF);
  });

  it('that is a secret by its name is not shown where it stands in the wrong place', async () => {
    const { message } = await refusal(
      load('cameras: [{name: "${DOOR_PASSWORD}", input: a.mp4}]', { DOOR_PASSWORD: 'Sw0rdfish!' }),
    );
    expect(message).toContain('cameras[0].name');
    expect(maskSecrets(message)).not.toContain('Sw0rdfish');
  });

  it('does not lose its way in aliases, also of a list that holds itself', async () => {
    const text = 'cameras:\n  - &one {name: "${A}", input: x}\n  - {<<: *one, name: b}\n';
    expect((await refusal(load(text, { A: 'a' }))).message).toContain('<<');
    expect((await refusal(load('cameras: &a [*a]\n'))).hint).toContain('without aliases');
  });
});

describe('what other programs fill in', () => {
  it.each([
    'rtsp://admin:{FRIGATE_RTSP_PASSWORD}@cam/s',
    'rtsp://admin:x{FRIGATE_RTSP_PASSWORD}y@cam/s',
    'rtsp://{user}:pw@cam/s',
    'rtsp://admin:{{ cam_password }}@cam/s',
    'rtsp://admin:$X@cam/s',
    'rtsp://admin:$cam_password@cam/s',
    'rtsp://admin:pw@$CAM_HOST:554/s',
    'rtsp://admin:%CAM_PASSWORD%@cam/s',
    'rtsp://admin:%PW%@cam/s',
    'rtsp://admin:<password>@cam/s',
    'rtsp://admin:!secret cam@cam/s',
    'rtsp://admin:$(cat secret)@cam/s',
    'rtmp://cam/bcs?user=admin&password={PW}',
  ])('is not sent as it stands: %s', async (address) => {
    for (const flags of [{ input: address }, { input: 'a.mp4', mqtt: address.replace(/^[a-z]+/, 'mqtt') }]) {
      const { message } = await refusal(loadConfig(flags, {}));
      expect(message).toMatch(
        /(cameras\[0\]\.input|mqtt\.url): Expected the value itself but .* nobody fills that in: write \$\{\w+\}/,
      );
    }
  });

  it.each(['{LOOKOUT_PASSWORD}', '$LOOKOUT_PASSWORD', '%LOOKOUT_PASSWORD%', '!secret lookout_password', '!env LOOKOUT_PASSWORD'])(
    'is no password or token of the page either: %s',
    async (text) => {
      for (const name of ['LOOKOUT_HTTP_PASSWORD', 'LOOKOUT_HTTP_TOKEN'])
        expect((await refusal(loadConfig({ input: 'a.mp4' }, { [name]: text }))).message).toContain(`but ${text} stands there`);
    },
  );

  it.each([
    'rtsp://admin:a$b{c}d%e@cam/s',
    'rtsp://admin:$ecret1@cam/s',
    'rtsp://admin:%7BNAME%7D@cam/s',
    'rtsp://admin:100%25@cam/s',
    'rtsp://admin:%CA%FE%20@cam/s',
    'http://cam/live?size=<640&x=1',
    '/films/{MY_FILM}/$1.mp4',
  ])('is not found in what is meant: %s', async (input) => {
    expect(await inputOf(input, {})).toBe(input);
  });
});
