import { describe, expect, it } from 'vitest';
import { commonPasswords } from '../../src/config/common-passwords.ts';
import { loadConfig } from '../../src/config/load.ts';

describe('a common password', () => {
  it.each([
    { input: 'rtsp://admin:camera@cam/s', named: ['cameras[0].input'] },
    { input: 'rtsp://admin:Admin123@cam/s', named: ['cameras[0].input'] },
    { input: 'rtsp://admin:p%40ssw0rd@cam/s', named: ['cameras[0].input'] },
    { input: 'rtmp://cam/bcs?user=admin&password=12345', named: ['cameras[0].input'] },
    { input: 'a.mp4', mqtt: 'mqtt://lookout:lookout@broker', named: ['mqtt.url'] },
    { input: 'a.mp4', env: { LOOKOUT_HTTP_PASSWORD: 'password' }, named: ['http.auth.password'] },
    { input: 'rtsp://admin:888888@cam/s', mqtt: 'mqtt://a:cam@b', named: ['cameras[0].input', 'mqtt.url'] },
    { input: 'rtsp://camera:v6Hs-pe2@camera/camera', mqtt: 'mqtt://broker', named: [] },
    { input: 'rtsp://admin:@cam/s', named: [] },
  ])('is named by its setting: $input $mqtt', async ({ named, env = {}, ...flags }) => {
    expect(commonPasswords(await loadConfig(flags, env))).toEqual(named);
  });
});
