import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/lib/clock.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { maskSecrets } from '../../src/lib/secrets.ts';
import { openHouse, rawRequest } from './house.ts';

const auth = { user: 'me', password: 'correct horse', token: 'a-token-of-enough-length' };
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('credentials', () => {
  it('are asked for on every route', async () => {
    await using house = await openHouse({ http: { auth } });
    for (const path of ['/', '/api/v1/health', '/api/v1/events', '/api/v1/stream', '/events/x/index.m3u8', '/nothing']) {
      const response = await fetch(`${house.url}${path}`);
      expect([path, response.status]).toEqual([path, 401]);
      expect(response.headers.get('www-authenticate')).toContain('Basic realm="Lookout"');
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  it.each([
    ['the right password', basic('me', 'correct horse'), 200],
    ['the right token', 'Bearer a-token-of-enough-length', 200],
    ['the scheme in lower case', 'bearer a-token-of-enough-length', 200],
    ['a wrong password', basic('me', 'correct hors'), 401],
    ['a wrong user', basic('you', 'correct horse'), 401],
    ['the password as a token', 'Bearer correct horse', 401],
    ['the token as a password', basic('me', 'a-token-of-enough-length'), 401],
    ['a wrong token', 'Bearer a-token-of-enough-lengtH', 401],
    ['rubbish', 'Basic', 401],
  ])('%s', async (_name, authorization, status) => {
    await using house = await openHouse({ http: { auth } });
    expect((await fetch(`${house.url}/api/v1/health`, { headers: { authorization } })).status).toBe(status);
  });

  it('are masked wherever text leaves', async () => {
    await using house = await openHouse({ http: { auth } });
    expect(house.url).toContain('127.0.0.1');
    expect(maskSecrets(`${auth.password} ${auth.token} ${basic('me', auth.password)}`)).toBe('*** *** Basic ***');
  });

  it('make any Host header acceptable, because browsers keep them per name', async () => {
    await using house = await openHouse({ http: { auth } });
    const headers = { host: 'lookout.example', authorization: basic('me', auth.password) };
    expect((await rawRequest(house.url, { path: '/api/v1/health', headers })).status).toBe(200);
  });

  it('that are wrong slow down further wrong ones of their address, never the right one, and time heals it', async () => {
    let nowMs = 0;
    const clock: Clock = { ...systemClock, nowMs: () => nowMs };
    await using house = await openHouse({ http: { auth }, clock });
    const status = async (password: string): Promise<number> =>
      (await fetch(`${house.url}/api/v1/health`, { headers: { authorization: basic('me', password) } })).status;
    for (let i = 0; i < 10; i += 1) expect(await status('wrong password')).toBe(401);
    expect(await status('wrong password')).toBe(429);
    expect(await status('correct horse')).toBe(200);
    expect(await status('wrong password')).toBe(429);
    nowMs += 1000;
    expect(await status('wrong password')).toBe(401);
    expect(await status('wrong password')).toBe(429);
    // Asking without a password is what every browser does first; it costs nothing.
    expect((await fetch(`${house.url}/api/v1/health`)).status).toBe(401);
  });
});
