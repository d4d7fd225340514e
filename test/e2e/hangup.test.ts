/** SIGHUP: a closed terminal ends Lookout; without one it asks for what Lookout cannot do yet. And what is said of a word for a password. */
import { describe, expect, it } from 'vitest';
import { until } from './feed.ts';
import { Lookout } from './lookout.ts';
import { DEMO } from './media.ts';

const INPUT = { cameras: [{ input: DEMO, loop: true }] };

describe('SIGHUP', () => {
  it('without a terminal stops nothing, and says so once for each', async () => {
    await using lookout = await Lookout.start({ inSession: true, config: INPUT });
    for (const from of [0, lookout.lines.items.length + 1]) {
      await lookout.signal('SIGHUP');
      const line = await lookout.line('SIGHUP changes nothing', from);
      expect(line).toMatchObject({ level: 40, cure: expect.stringContaining('restart Lookout') as string });
    }
    expect((await lookout.get('/')).status).toBe(200);
    await lookout.signal('SIGTERM');
    expect(await lookout.exited).toMatchObject({ code: 0 });
    expect(lookout.lines.items.filter(({ msg }) => msg.startsWith('SIGHUP'))).toHaveLength(2);
  });

  it('of a terminal that is closed ends it, with nothing left', async () => {
    await using lookout = await Lookout.spawn({ inTerminal: true, config: INPUT });
    await until(() => Promise.resolve(lookout.stdout.includes('watching: an alert')), { what: 'a start', withinMs: 30_000 });
    const terminal = (await lookout.processes()).find(({ argv }) => argv[0] === 'script');
    process.kill(terminal?.pid ?? 0, 'SIGKILL');
    await until(async () => (await lookout.processes()).length === 0, { what: 'an end', withinMs: 15_000 });
  });
});

describe('SIGHUP of kernel and shell', () => {
  it('that come one after the other do not cut the clean stop short', async () => {
    await using lookout = await Lookout.spawn({ inTerminal: true, config: INPUT });
    await until(() => Promise.resolve(lookout.stdout.includes('watching: an alert')), { what: 'a start', withinMs: 30_000 });
    await lookout.signal('SIGHUP');
    await lookout.signal('SIGHUP');
    expect(await lookout.exited).toMatchObject({ code: 0 });
    expect(lookout.stdout.toString()).toContain('stopped');
  });
});

describe('a word as a password', () => {
  it('is named at the start, once for each, and changes no key and no sentence of the log', async () => {
    const config = {
      cameras: [{ name: 'front', input: 'rtsp://admin:camera@127.0.0.1:1/live' }],
      http: { auth: { password: 'password' } },
    };
    await using lookout = await Lookout.start({ config });
    const lost = await lookout.line('camera lost; trying again');
    expect(lost).toMatchObject({ camera: 'front', level: 40 });
    const named = lookout.lines.items.filter(({ msg }) => msg.includes('anybody guesses'));
    expect(named.map(({ setting }) => setting)).toEqual(['cameras[0].input', 'http.auth.password']);
    expect(JSON.stringify(lookout.lines.items)).not.toContain('admin:');
  });
});
