import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { UserError } from '../../src/lib/errors.ts';
import type { AlertType } from '../../src/messages/alert.ts';
import { Publisher } from '../../src/publisher/publisher.ts';
import { Gate } from './gate.ts';
import { draft, mqttConfig, openPublisher, optionsFor, Subscriber, seqs, until } from './harness.ts';
import { Mosquitto } from './mosquitto.ts';

const LIFE: readonly AlertType[] = ['start', 'live', 'update', 'end', 'ready'];
const SINCE = '2026-11-20T10:00:00.000Z';

describe('Publisher', () => {
  it.each(['mosquitto', 'embedded'] as const)('lets subscribers of %s read alerts and people in order', async (kind) => {
    await using mosquitto = await Mosquitto.start();
    await using opened = await openPublisher(kind === 'embedded' ? kind : mosquitto.url);
    const { publisher, alerts } = opened;
    await using subscriber = await Subscriber.open(publisher.broker.url);
    await until(() => publisher.broker.state === 'connected');
    const sent = LIFE.map((type) => alerts.add(draft('e1', type)));
    publisher.board.personLeft('front', 12_345);
    await until(() => subscriber.alerts.length === 5 && subscriber.texts('lookout/front/person/duration').length === 1);
    expect(subscriber.alerts).toEqual(sent);
    expect(sent).toMatchObject(LIFE.map((type, i) => ({ v: 1, node: 'test', seq: i + 1, type, camera: 'front' })));
    expect(new Set(sent.map(({ epoch }) => epoch)).size).toBe(1);
    expect(subscriber.texts('lookout/front/person/duration')).toEqual(['{"duration":12.3}']);
    expect(subscriber.heard.filter(({ topic, retain }) => topic.endsWith('/alert') && retain)).toEqual([]);
  });

  it('gives a late subscriber all state, with the latest value of each', async () => {
    await using opened = await openPublisher('embedded');
    const { publisher } = opened;
    publisher.board.setCameraStatus('front', { state: 'degraded', reason: 'slow', since: SINCE });
    publisher.board.setCameraStatus('front', { state: 'online', since: SINCE });
    for (let count = 1; count <= 50; count++) publisher.board.setPersonCount('front', { count, total: count });
    publisher.board.setSnapshot('front', Uint8Array.of(0xff, 0xd8, 0xff));
    publisher.board.setStats('front', { fps: 15, detectFps: 5, latencyMs: 40, drops: 0, inferencesSaved: 0.9 });
    await using late = await Subscriber.open(publisher.broker.url);
    await until(() => late.texts('lookout/front/person').at(-1)?.includes('50') === true);
    await using later = await Subscriber.open(publisher.broker.url);
    await until(() => later.retained().size === 5);
    expect(Object.fromEntries(later.retained())).toEqual({
      'lookout/front/person': '{"count":50,"total":50}',
      'lookout/front/person/snapshot': expect.anything(),
      'lookout/front/stats': '{"fps":15,"detectFps":5,"latencyMs":40,"drops":0,"inferencesSaved":0.9}',
      'lookout/front/status': JSON.stringify({ state: 'online', since: SINCE }),
      'lookout/status': 'online',
    });
    const jpeg = later.heard.find(({ topic }) => topic.endsWith('/snapshot'))?.payload;
    expect([...(jpeg ?? [])]).toEqual([0xff, 0xd8, 0xff]);
  });

  it('says on every camera where it stands before anybody tells it', async () => {
    await using opened = await openPublisher('embedded');
    const { publisher } = opened;
    publisher.board.add('back');
    await until(() => publisher.broker.state === 'connected');
    await using subscriber = await Subscriber.open(publisher.broker.url);
    await until(() => subscriber.retained().size === 5);
    expect(subscriber.retained().get('lookout/back/person')).toBe('{"count":null,"total":0}');
    expect(subscriber.retained().get('lookout/back/status')).toContain('"state":"offline","reason":"starting"');
  });

  it('clears all that is retained of a camera that left, also what an earlier run left, and nothing of the others', async () => {
    await using mosquitto = await Mosquitto.start();
    {
      await using earlier = await openPublisher(mosquitto.url);
      earlier.publisher.board.setSnapshot('front', Uint8Array.of(1));
    }
    await using opened = await openPublisher(mosquitto.url);
    const { publisher, alerts } = opened;
    await until(() => publisher.broker.state === 'connected');
    publisher.board.add('back');
    publisher.board.forget('front');
    // The last news of a camera come after it was taken away; its alerts are still told.
    publisher.board.setPersonCount('front', { count: 1, total: 1 });
    alerts.add(draft('e1', 'end'));
    await until(() => publisher.broker.waitingAlerts === 0);
    await using late = await Subscriber.open(mosquitto.url);
    await until(() => late.retained().size === 3);
    expect([...late.retained().keys()].toSorted()).toEqual(['lookout/back/person', 'lookout/back/status', 'lookout/status']);
    publisher.board.add('front');
    await until(() => late.texts('lookout/front/person').length === 1);
    expect(JSON.parse(late.texts('lookout/front/status')[0] ?? '')).toMatchObject({ state: 'offline', reason: 'starting' });
  });

  it('clears a camera that left while the broker was away once it is there', async () => {
    await using mosquitto = await Mosquitto.start();
    {
      await using earlier = await openPublisher(mosquitto.url);
      await until(() => earlier.publisher.broker.state === 'connected');
    }
    await using gate = await Gate.open(mosquitto.port);
    gate.isOpen = false;
    await using opened = await openPublisher(gate.url);
    const { publisher } = opened;
    await until(() => publisher.broker.reason !== 'not connected yet');
    publisher.board.forget('front');
    await using subscriber = await Subscriber.open(mosquitto.url);
    await until(() => subscriber.retained().size === 3);
    gate.isOpen = true;
    await until(() => ['status', 'person'].every((topic) => subscriber.texts(`lookout/front/${topic}`).at(-1) === ''));
    await using late = await Subscriber.open(mosquitto.url);
    await until(() => late.retained().size === 1);
    expect([...late.retained().keys()]).toEqual(['lookout/status']);
  });

  it('says stopped last when it is closed, with no will after it and no claim about the picture', async () => {
    await using mosquitto = await Mosquitto.start();
    await using subscriber = await Subscriber.open(mosquitto.url);
    const { publisher, alerts } = await openPublisher(mosquitto.url);
    publisher.board.setPersonCount('front', { count: 2, total: 7 });
    for (let i = 0; i < 300; i++) alerts.add(draft(`e${i}`));
    await Promise.all([publisher.close(), publisher.close()]);
    await until(() => subscriber.texts('lookout/status').includes('stopped'));
    expect(subscriber.texts('lookout/status')).toEqual(['online', 'stopped']);
    expect(subscriber.heard.at(-1)?.topic).toBe('lookout/status');
    expect(seqs(subscriber.alerts)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    await using late = await Subscriber.open(mosquitto.url);
    await until(() => late.retained().size === 3);
    expect(late.retained().get('lookout/status')).toBe('stopped');
    expect(late.retained().get('lookout/front/person')).toBe('{"count":null,"total":7}');
    expect(late.retained().get('lookout/front/status')).toContain('"state":"offline","reason":"stopped"');
  });

  it('lets the broker say offline when its process is killed', async () => {
    await using mosquitto = await Mosquitto.start();
    await using subscriber = await Subscriber.open(mosquitto.url);
    const script = new URL('./publish-forever.ts', import.meta.url).pathname;
    await using child = await Child.start({
      name: 'publisher process',
      command: process.execPath,
      args: ['--import', 'tsx', script, mosquitto.url],
      stdin: 'ignore',
      dieWithParent: true,
    });
    await once(child.stdout, 'data');
    await until(() => subscriber.texts('lookout/status').includes('online'));
    await child.kill();
    await until(() => subscriber.texts('lookout/status').at(-1) === 'offline');
    await using late = await Subscriber.open(mosquitto.url);
    await until(() => late.retained().get('lookout/status') === 'offline');
  });

  it('leaves no port of the embedded broker open', async () => {
    const { publisher } = await openPublisher('embedded');
    const { port } = new URL(publisher.broker.url);
    await using subscriber = await Subscriber.open(publisher.broker.url);
    expect(subscriber.subscriptions).toBe(1);
    await publisher.close();
    const [error] = (await once(connect(Number(port), '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('refuses to start where the port of its broker is taken, and takes the next one if allowed', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const mqtt = mqttConfig({ url: 'embedded', port });
      await expect(Publisher.open({ ...optionsFor('embedded'), mqtt })).rejects.toThrow(UserError);
      await using publisher = await Publisher.open({ ...optionsFor('embedded'), mqtt, fallbackPort: true });
      expect(Number(new URL(publisher.broker.url).port)).toBeGreaterThan(port);
      await until(() => publisher.broker.state === 'connected');
    } finally {
      server.close();
    }
  });

  it.each([
    ['mqtt://host:99999', 'mqtt://host:99999'],
    ['mqtt://user:pass/word@host', 'mqtt://***@host'],
    ['mqtt:///x', 'mqtt:///x'],
    ['off', 'off'],
  ])('refuses %s as an address, and shows no password', async (url, shown) => {
    await expect(Publisher.open(optionsFor(url))).rejects.toThrow(`Expected the address of an MQTT broker but received ${shown}`);
  });
});
