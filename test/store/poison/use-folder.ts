/** Uses a data folder in every way that there is, in a process of its own, and prints what came of it. */
import { configSchema } from '../../../src/config/config.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/log.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import { Server } from '../../../src/server/server.ts';
import { repair } from '../../../src/store/audit/repair.ts';
import { verify } from '../../../src/store/audit/verify.ts';
import { readCandidates } from '../../../src/store/past/candidate-log.ts';
import { readPastEvents } from '../../../src/store/past/past-events.ts';
import { StorageKeeper } from '../../../src/store/retention/keeper.ts';
import { planFor } from '../../../src/store/retention/prune.ts';
import { limitsOf } from '../../../src/store/retention/limits.ts';
import { Store } from '../../../src/store/store.ts';

const [dir = '', good = '', bad = ''] = process.argv.slice(2);
const FILES = ['index.m3u8', 'clip.mp4', 'manifest.mpd', 'detections.json', 'snapshot.jpg', 'init.mp4', '00001.m4s'];
const config = configSchema.parse({
  cameras: [{ input: 'x.mp4' }],
  http: { listen: '127.0.0.1:0' },
  storage: { minFreePercent: 0 },
});
const told: Record<string, unknown> = {};

/** What it came to, or the sentence of what it threw. */
async function tell(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    told[what] = await work();
  } catch (error) {
    told[what] = `threw ${messageOf(error)}`;
  }
}

async function findings(isDeep: boolean): Promise<unknown> {
  const report = await verify({ dir, isDeep, nowAtMs: systemClock.atMs() });
  return report.findings.map(({ kind, id, sentence }) => ({ kind, isGood: id === good, sentence }));
}

async function statuses(url: string, id: string): Promise<Record<string, number>> {
  const found: Record<string, number> = { event: (await fetch(`${url}/api/v1/events/${id}`)).status };
  for (const name of FILES) {
    const answer = await fetch(`${url}/events/${id}/${name}`);
    await answer.arrayBuffer().catch(() => (found[`${name} torn`] = 1));
    found[name] = answer.status;
  }
  return found;
}

async function serve(): Promise<unknown> {
  await using store = await Store.open({ dir, clock: systemClock, log: silentLogger });
  const options = {
    events: store,
    cameras: () => [],
    health: () => ({ ok: true, reasons: [] }),
    why: () => undefined,
    webDir: dir,
  };
  const server = await Server.open({ http: config.http, ...options, log: silentLogger });
  try {
    const list = await fetch(`${server.url}/api/v1/events`);
    const { events } = (await list.json()) as { events: { id: string }[] };
    const answers = { good: await statuses(server.url, good), bad: await statuses(server.url, bad) };
    return { list: list.status, ids: events.map(({ id }) => id), ...answers };
  } finally {
    await server.close();
  }
}

async function retain(): Promise<unknown> {
  await using store = await Store.open({ dir, clock: systemClock, log: silentLogger });
  const given = {
    store,
    limits: limitsOf(config),
    clock: systemClock,
    log: silentLogger,
    onState: () => undefined,
    onFull: () => undefined,
  };
  await using keeper = await StorageKeeper.open(given);
  return keeper.view.state;
}

await tell('verify', async () => await findings(false));
await tell('deep', async () => await findings(true));
await tell('plan', async () => (await planFor(dir, { limits: limitsOf(config), clock: systemClock })).plan.deletions.length);
await tell('what-if', async () => (await readPastEvents(dir)).length + (await readCandidates(dir, 'front')).length);
await tell('serve', serve);
await tell('retention', retain);
await tell('repair', async () => await repair({ dir, isDeep: true, isPrune: false, clock: systemClock, log: silentLogger }));
await tell('after', serve);
process.stdout.write(JSON.stringify(told));
