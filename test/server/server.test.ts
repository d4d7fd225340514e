import { createServer } from 'node:net';
import { mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/lib/errors.ts';
import { addEvent, httpConfig, ID, openHouse, rawRequest, TestClip, until } from './house.ts';

describe('address', () => {
  it.each(['0.0.0.0:0', '[::]:0'])('%s without a password is refused with the cure', async (listen) => {
    const opening = openHouse({ http: { listen } });
    await expect(opening).rejects.toThrow(`Refusing to listen on ${listen} without a password`);
    const error: unknown = await opening.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).hint).toContain('LOOKOUT_HTTP_PASSWORD');
  });

  it.each(['127.0.0.1:0', 'localhost:0', '127.0.0.2:0'])('%s needs none', async (listen) => {
    await using house = await openHouse({ http: { listen } });
    expect((await fetch(`${house.url}/api/v1/health`)).status).toBe(200);
  });

  it('that is taken gives one sentence, or the next free port where that is asked for', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = (other.address() as { port: number }).port;
    const listen = `127.0.0.1:${port}`;
    await expect(openHouse({ http: { listen } })).rejects.toThrow(`${listen} is taken by another program`);
    const house = await openHouse({ http: { listen }, fallbackPort: true });
    expect(Number(new URL(house.url).port)).toBeGreaterThan(port);
    await house[Symbol.asyncDispose]();
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    ['192.0.2.1:8080', 'is not an address of this machine'],
    [`${'x'.repeat(64)}:8080`, 'is not known on this machine'],
    ['127.0.0.1:99999', 'Expected host:port'],
  ])('%s is a user error', async (listen, message) => {
    await expect(openHouse({ http: { listen, auth: { password: 'long enough' } } })).rejects.toThrow(message);
  });
});

describe('Host header', () => {
  it('that is not ours is refused on loopback without a password', async () => {
    await using house = await openHouse({ http: { publicUrl: 'https://Cam.Example:8443' } });
    const get = async (host: string): Promise<number> =>
      (await rawRequest(house.url, { path: '/api/v1/events', headers: { host } })).status;
    for (const host of ['localhost', 'LOCALHOST:8080', '127.0.0.1:1', '[::1]:8080', 'cam.example:8443', 'cam.example']) {
      expect([host, await get(host)]).toEqual([host, 200]);
    }
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:8080', 'a@localhost', '[::1', ' ']) {
      expect([host, await get(host)]).toEqual([host, 421]);
    }
  });
});

describe('every answer', () => {
  it('carries the security headers and nothing about the software', async () => {
    await using house = await openHouse();
    const { headers } = await fetch(`${house.url}/nothing`);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("media-src 'self' blob:");
    expect(headers.get('content-security-policy')).toContain("worker-src 'self' blob:");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('to a method other than GET and HEAD is 405 with Allow', async () => {
    await using house = await openHouse();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await fetch(`${house.url}/api/v1/events`, { method });
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD']);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  it('to an unknown route is a problem document', async () => {
    await using house = await openHouse();
    const response = await fetch(`${house.url}/api/v2/events`);
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect(await response.json()).toMatchObject({ type: 'about:blank', status: 404, title: 'Not Found' });
  });
});

describe('web app', () => {
  it('says how to build it where it is missing, and shows once it is', async () => {
    await using house = await openHouse();
    const missing = await fetch(house.url);
    expect([missing.status, await missing.text()]).toEqual([503, expect.stringContaining('npm run build')]);
    await build(house.webDir, 'one');
    const page = await fetch(house.url);
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toBe('one');
    const asset = await fetch(`${house.url}/assets/index-DkX0a1bC.js`);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await fetch(`${house.url}/favicon.svg`)).headers.get('cache-control')).toBe('no-cache');

    await writeFile(join(house.webDir, 'assets', 'index-DkX0a1bD.js'), 'two');
    await utimes(join(house.webDir, 'index.html'), 1, 1);
    expect((await fetch(`${house.url}/assets/index-DkX0a1bD.js`)).status).toBe(200);
  });

  it('never leaves its folder', async () => {
    await using house = await openHouse();
    await writeFile(join(house.dir, 'secret.txt'), 'secret');
    await build(house.webDir, 'one');
    await writeFile(join(house.webDir, '.env'), 'secret');
    await symlink('/etc', join(house.webDir, 'etc'));
    await symlink('/etc/passwd', join(house.webDir, 'passwd.txt'));
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/../../secret.txt',
      '//etc/passwd',
      '/etc/passwd',
      '/passwd.txt',
      '/.env',
      '/assets',
      '/assets/',
      '/%00',
    ]) {
      expect([path, (await rawRequest(house.url, { path })).status]).toEqual([path, 404]);
    }
    // A file that becomes a link after the folder was read.
    expect((await fetch(`${house.url}/favicon.svg`)).status).toBe(200);
    await rename(join(house.webDir, 'assets'), join(house.dir, 'elsewhere'));
    await symlink(join(house.dir, 'elsewhere'), join(house.webDir, 'assets'));
    expect((await fetch(`${house.url}/assets/index-DkX0a1bC.js`)).status).toBe(404);
  });
});

describe('close', () => {
  it('lets held requests and streams go at once and frees the port', async () => {
    const house = await openHouse({ holdMs: 60_000 });
    const clip = new TestClip(await addEvent(house, 'open'));
    house.store.attach(ID, clip);
    const held = fetch(`${house.url}/events/${ID}/index.m3u8`);
    const stream = await fetch(`${house.url}/api/v1/stream`);
    await until(() => clip.waiting === 1);
    await Promise.all([house.server.close(), house.server.close()]);
    expect((await held).status).toBe(503);
    await stream.text();
    const port = Number(new URL(house.url).port);
    const again = createServer();
    await new Promise<void>((resolve, reject) => again.on('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => again.close(resolve));
    await house[Symbol.asyncDispose]();
  });

  it('leaves nothing when opening failed', async () => {
    expect(httpConfig({ listen: '127.0.0.1:0' }).listen).toBe('127.0.0.1:0');
    await expect(openHouse({ http: { listen: '0.0.0.0:0' } })).rejects.toThrow(UserError);
  });
});

async function build(webDir: string, page: string): Promise<void> {
  await mkdir(join(webDir, 'assets'), { recursive: true });
  await writeFile(join(webDir, 'index.html'), page);
  await writeFile(join(webDir, 'favicon.svg'), '<svg/>');
  await writeFile(join(webDir, 'assets', 'index-DkX0a1bC.js'), 'script');
}
