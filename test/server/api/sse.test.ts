import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../../src/messages/event.ts';
import type { Notice } from '../../../src/messages/notice.ts';
import { viewOf } from '../../../src/server/event-view.ts';
import { addEvent, CAMERA, type House, ID, openHouse, rawRequest, until } from '../house.ts';

/** Reads the stream into text until the server ends it. */
async function follow(house: House): Promise<{ text(): string; done: Promise<void>; response: Response }> {
  const response = await fetch(`${house.url}/api/v1/stream`);
  let text = '';
  const read = async (): Promise<void> => {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) text += Buffer.from(chunk).toString();
  };
  return { text: () => text, done: read(), response };
}

describe('GET /api/v1/stream', () => {
  it('says hello with the cameras, then tells of changes, and ends when the server closes', async () => {
    await using house = await openHouse({ heartbeatMs: 20 });
    const stream = await follow(house);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    await until(() => stream.text().includes('hello'));
    expect(stream.text()).toContain('retry: 2000\n');
    expect(stream.text()).toContain(`event: hello\ndata: ${JSON.stringify({ cameras: [CAMERA] })}\n\n`);

    await addEvent(house, 'open');
    const event = viewOf(house.store.event(ID)?.record as EventRecord, house.url);
    house.server.notify({ type: 'event', event });
    house.server.notify({ type: 'camera', camera: CAMERA });
    await until(() => stream.text().includes('event: camera'));
    expect(stream.text()).toContain(`event: event\ndata: ${JSON.stringify({ event })}\n\n`);
    expect(stream.text()).toContain(`event: camera\ndata: ${JSON.stringify({ camera: CAMERA })}\n\n`);
    await until(() => stream.text().includes(':\n\n'));

    await house.server.close();
    await stream.done;
  });

  it('answers HEAD without staying', async () => {
    await using house = await openHouse();
    expect((await rawRequest(house.url, { path: '/api/v1/stream', method: 'HEAD' })).status).toBe(200);
  });

  it('drops a client that does not read and keeps the others', async () => {
    await using house = await openHouse();
    const slow = connect({ port: Number(new URL(house.url).port), host: '127.0.0.1' });
    const closed = new Promise<void>((resolve) => slow.once('close', () => resolve()));
    slow.on('error', () => undefined);
    slow.write('GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => slow.once('readable', resolve));
    const quick = await follow(house);
    await until(() => quick.text().includes('hello'));

    const notice: Notice = { type: 'camera', camera: { ...CAMERA, status: { ...CAMERA.status, reason: 'x'.repeat(200_000) } } };
    let sent = 0;
    for (; sent < 100; sent += 1) {
      house.server.notify(notice);
      await until(() => quick.text().length > (sent + 1) * 200_000);
    }
    // What the kernel still holds for it ends, too: it was told that the connection is over.
    slow.resume();
    await closed;
    expect(quick.text().split('event: camera').length - 1).toBe(sent);
  });

  it('serves a hundred clients and asks the next one to come back', async () => {
    await using house = await openHouse();
    const streams = await Promise.all(Array.from({ length: 100 }, () => follow(house)));
    const refused = await fetch(`${house.url}/api/v1/stream`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    await house.server.close();
    await Promise.all(streams.map(({ done }) => done));
  });
});
