/** Callers that may not do or see everything, in front of the real routes. */
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { CameraView } from '../../src/messages/camera.ts';
import type { EventRecord } from '../../src/messages/event.ts';
import { NOTICE_TYPES } from '../../src/messages/notice.ts';
import { EventStream } from '../../src/server/api/sse.ts';
import { application } from '../../src/server/application.ts';
import { Caller, type Right } from '../../src/server/caller.ts';
import { Holds } from '../../src/server/clip/hold.ts';
import { viewOf } from '../../src/server/event-view.ts';
import { RouteTable } from '../../src/server/route-table.ts';
import { routesOf } from '../../src/server/routes.ts';
import { Upgrades } from '../../src/server/upgrades.ts';
import { addEvent, CAMERA, type House, ID, openHouse, until } from './house.ts';

const BACK_ID = '01KAGYZ0000000000000000002';
const BACK: CameraView = { ...CAMERA, name: 'back' };

const cameras = (): CameraView[] => [CAMERA, BACK];

let house: House;
let http: HttpServer;
let stream: EventStream;

/** A header says who asks, so that several kinds are served by one application. */
function callerOf({ headers }: IncomingMessage): Caller {
  const only = headers['x-right'] as Right | undefined;
  const camera = headers['x-camera'] as string | undefined;
  return new Caller({ proof: 'open', ...(only && { rights: [only] }), ...(camera && { cameras: [camera] }) });
}

beforeEach(async () => {
  house = await openHouse();
  const { store, webDir } = house;
  await addEvent(house, 'ready', { files: { 'thumb.webp': 'front' } });
  await addEvent(house, 'ready', { event: { id: BACK_ID, camera: 'back' }, files: { 'thumb.webp': 'back' } });
  stream = new EventStream({ cameras });
  const sources = { events: store, cameras, health: () => ({ ok: true, reasons: [] }), why: () => undefined };
  const routes = routesOf(sources, { stream, holds: new Holds(100), webDir, baseUrl: '', clock: systemClock });
  http = createServer(application({ table: new RouteTable(routes), callerOf, upgrades: new Upgrades(), log: silentLogger }));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  stream.close();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  await house[Symbol.asyncDispose]();
});

async function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<Response> {
  return await fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`, { method, headers });
}

async function textOf(path: string, headers: Record<string, string>): Promise<string> {
  return await (await ask(path, headers)).text();
}

describe('a caller with one right', () => {
  it.each([
    ['watch', [200, 403, 403, 403]],
    ['change', [403, 200, 403, 403]],
    ['health', [403, 403, 200, 403]],
    ['page', [403, 403, 403, 503]],
  ] as const)('of %s may do that and nothing else', async (right, expected) => {
    const headers = { 'x-right': right };
    const asked = [
      await ask('/api/v1/events', headers),
      await ask(`/api/v1/events/${ID}/protected`, headers, 'PUT'),
      await ask('/api/v1/health', headers),
      await ask('/', headers),
    ];
    expect(asked.map(({ status }) => status)).toEqual(expected);
  });
});

describe('a caller of one camera', () => {
  const headers = { 'x-camera': 'back' };

  it('is told of that camera and its events, and of no others', async () => {
    const { events } = JSON.parse(await textOf('/api/v1/events', headers)) as { events: EventRecord[] };
    expect(events.map(({ id }) => id)).toEqual([BACK_ID]);
    expect(JSON.parse(await textOf('/api/v1/events?camera=front', headers))).toEqual({ events: [] });
    expect(JSON.parse(await textOf('/api/v1/cameras', headers))).toEqual({ cameras: [BACK] });
    expect(await textOf('/api/v1/cameras/front/why', headers)).toContain('there is back');
  });

  it('finds its events and clips, and nothing where another camera has one', async () => {
    for (const [path, method] of [
      ['/api/v1/events/:id', 'GET'],
      ['/events/:id/thumb.webp', 'GET'],
      ['/events/:id/detections.json', 'GET'],
      ['/api/v1/events/:id/protected', 'PUT'],
      ['/api/v1/events/:id/protected', 'DELETE'],
    ] as const) {
      expect([path, (await ask(path.replace(':id', BACK_ID), headers, method)).status]).toEqual([path, 200]);
      expect([path, (await ask(path.replace(':id', ID), headers, method)).status]).toEqual([path, 404]);
    }
    for (const name of ['index.m3u8', 'clip.mp4', 'manifest.mpd', 'init.mp4'])
      expect(await textOf(`/events/${ID}/${name}`, headers)).toContain('There is no such event');
    expect((await ask(`/api/v1/events/${ID}`, headers, 'DELETE')).status).toBe(404);
    expect(house.store.event(ID)?.record).toBeDefined();
  });

  it('follows that camera while others follow everything', async () => {
    const [back, all] = [await follow(headers), await follow({})];
    await until(() => [back, all].every((text) => text().includes('hello')));
    expect(back()).toContain(`data: ${JSON.stringify({ cameras: [BACK] })}\n\n`);
    expect(all()).toContain(`data: ${JSON.stringify({ cameras: [CAMERA, BACK] })}\n\n`);

    stream.notify({ type: 'event', event: viewOf(house.store.event(ID)?.record as EventRecord, '') });
    stream.notify({ type: 'camera', camera: CAMERA });
    stream.notify({ type: 'event', event: viewOf(house.store.event(BACK_ID)?.record as EventRecord, '') });
    stream.notify({ type: 'camera', camera: BACK });
    stream.notify({ type: 'gone', camera: 'front' });
    stream.notify({ type: 'gone', camera: 'back' });
    stream.notify({ type: 'deleted', id: ID });
    await until(() => [back, all].every((text) => text().includes('event: deleted')));
    expect(told(all())).toEqual(['hello', 'event', 'camera', 'event', 'camera', 'gone', 'gone', 'deleted']);
    expect(told(back())).toEqual(['hello', ...NOTICE_TYPES]);
    expect(back()).not.toContain('"front"');
  });
});

/** What a client has heard so far. */
async function follow(headers: Record<string, string>): Promise<() => string> {
  const { body } = await ask('/api/v1/stream', headers);
  let text = '';
  const read = async (): Promise<void> => {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) text += Buffer.from(chunk).toString();
  };
  void read();
  return () => text;
}

function told(text: string): string[] {
  return [...text.matchAll(/^event: (\w+)$/gm)].map(([, name = '']) => name);
}
