/** Publisher and brokers that take only so much, or refuse. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EmbeddedBroker } from '../../src/publisher/broker.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { Publisher } from '../../src/publisher/publisher.ts';
import { Gate } from './gate.ts';
import { draft, type Line, openPublisher, readableLog, Subscriber, seqs, until } from './harness.ts';
import { Mosquitto } from './mosquitto.ts';

const ALL = Array.from({ length: 16 }, (_, i) => i + 1);
const SNAPSHOT = 'lookout/front/person/snapshot';

function setState({ board }: Publisher, snapshotBytes: number): void {
  board.setCameraStatus('front', { state: 'online', since: '2026-11-20T10:00:00.000Z' });
  board.setPersonCount('front', { count: 1, total: 3 });
  board.setSnapshot('front', new Uint8Array(snapshotBytes));
  board.setStats('front', { fps: 15, detectFps: 5, latencyMs: 40, drops: 0, inferencesSaved: 0.9 });
}

/** A subscriber that is there later finds all state but what was left out. */
async function expectState(url: string, { hasSnapshot }: { hasSnapshot: boolean }): Promise<void> {
  await using late = await Subscriber.open(url);
  const topics = ['front/person', 'front/stats', 'front/status', 'status'].map((topic) => `lookout/${topic}`);
  if (hasSnapshot) topics.push(SNAPSHOT);
  const heard = (): Set<string> => new Set(late.heard.map(({ topic }) => topic));
  await until(() => heard().size >= topics.length);
  await delay(100);
  expect([...heard()].toSorted()).toEqual(topics.toSorted());
}

function warnings(lines: readonly Line[]): string[] {
  return lines.filter(({ level }) => level >= 40).map(({ msg }) => msg);
}

describe('Publisher and a broker that takes small packets only', () => {
  it.each([
    ['MQTT 5', 5],
    ['MQTT 3.1.1', 4],
  ] as const)('brings every alert in order over %s, leaves a large snapshot out and says so once', async (_, version) => {
    await using mosquitto = await Mosquitto.start({ lines: ['max_packet_size 20000'] });
    await using gate = await Gate.open(mosquitto.port);
    gate.maxVersion = version;
    await using subscriber = await Subscriber.open(mosquitto.url);
    const { log, lines } = readableLog();
    await using opened = await openPublisher(gate.url, { log });
    const { publisher, alerts } = opened;
    setState(publisher, 30_000);
    for (const i of ALL) {
      alerts.add(draft(`e${i}`));
      publisher.board.setSnapshot('front', new Uint8Array(30_000 + i));
      await delay(100);
    }
    await until(() => new Set(seqs(subscriber.alerts)).size === 16 && publisher.broker.waitingAlerts === 0);
    expect([...new Set(seqs(subscriber.alerts))]).toEqual(ALL);
    await until(() => publisher.broker.state === 'connected');
    await expectState(mosquitto.url, { hasSnapshot: false });
    const leftOut = warnings(lines).filter((msg) => msg.includes('left out'));
    expect(leftOut).toEqual([
      expect.stringMatching(/^lookout\/front\/person\/snapshot of 30\d{3} bytes is left out: the MQTT broker takes/),
    ]);
    expect(warnings(lines).join()).not.toContain('same client id');
    expect(warnings(lines).length).toBeLessThanOrEqual(version === 5 ? 1 : 3);
    expect(publisher.broker).toMatchObject({ state: 'connected', refusals: [] });

    await subscriber[Symbol.asyncDispose]();
    await mosquitto.kill();
    await mosquitto.start({ lines: ['max_packet_size 20000'] });
    await until(() => publisher.broker.state === 'connected');
    publisher.board.setSnapshot('front', new Uint8Array(10_000));
    await expectState(mosquitto.url, { hasSnapshot: true });
  });

  it('tries a large snapshot again after the broker was restarted with a higher limit', async () => {
    await using mosquitto = await Mosquitto.start({ lines: ['max_packet_size 20000'] });
    await using gate = await Gate.open(mosquitto.port);
    gate.maxVersion = 4;
    const { log, lines } = readableLog();
    await using opened = await openPublisher(gate.url, { log });
    setState(opened.publisher, 30_000);
    await until(() => warnings(lines).some((msg) => msg.includes('left out')));
    await mosquitto.kill();
    await delay(1000);
    await mosquitto.start();
    await until(() => opened.publisher.broker.state === 'connected');
    await expectState(mosquitto.url, { hasSnapshot: true });
  });
});

describe('Publisher and a broker that refuses', () => {
  const ACL = [
    'topic readwrite lookout/status',
    'topic readwrite lookout/front/person/#',
    'topic readwrite lookout/front/status',
  ];
  const MAY_ALL = ['topic readwrite lookout/#'];

  it('names topic and reason of what is refused, keeps it, and brings it once it is allowed', async () => {
    await using mosquitto = await Mosquitto.start({ acl: [...ACL, 'topic read lookout/#', 'topic write lookout/back/alert'] });
    await using gate = await Gate.open(mosquitto.port);
    const { log, lines } = readableLog();
    await using opened = await openPublisher(gate.url, { log });
    const { publisher, alerts } = opened;
    await using subscriber = await Subscriber.open(mosquitto.url);
    for (const i of ALL) alerts.add(draft(`e${i}`));
    const sentence = 'the MQTT broker refuses lookout/front/alert: not authorized (135)';
    await until(() => publisher.broker.refusals.length > 0);
    expect(publisher.broker).toMatchObject({ state: 'connected', waitingAlerts: 16, refusals: [sentence] });
    expect(warnings(lines)).toEqual([sentence]);
    expect(lines.find(({ msg }) => msg === sentence)).toMatchObject({ hint: expect.stringContaining('lookout/#') });

    for (let i = 17; i <= 160; i++) alerts.add(draft(`e${i}`));
    alerts.add({ ...draft('other'), camera: 'back' });
    await until(() => subscriber.alerts.length === 1);
    expect(subscriber.alerts).toMatchObject([{ camera: 'back', seq: 161 }]);

    gate.isOpen = false;
    await mosquitto.stop();
    await mosquitto.start({ acl: MAY_ALL });
    await until(() => subscriber.subscriptions === 2);
    gate.isOpen = true;
    await until(() => publisher.broker.waitingAlerts === 0);
    await until(() => subscriber.alerts.length === 161);
    expect(seqs(subscriber.alerts)).toEqual([161, ...Array.from({ length: 160 }, (_, i) => i + 1)]);
    expect(publisher.broker.refusals).toEqual([]);
    expect(lines.map(({ msg }) => msg)).toContain('the MQTT broker takes the topic again');
  });

  it('does not wait for what is refused when it ends, and says how much that is', async () => {
    await using mosquitto = await Mosquitto.start({ acl: ACL });
    const { log, lines } = readableLog();
    const { publisher, alerts } = await openPublisher(mosquitto.url, { log });
    alerts.add(draft('e1'));
    await until(() => publisher.broker.refusals.length > 0);
    const startMs = performance.now();
    await publisher.close();
    expect(performance.now() - startMs).toBeLessThan(1500);
    expect(lines.at(-1)).toMatchObject({ msg: 'stopped before all MQTT alerts were delivered', lostAlerts: 1 });
  });

  it('says over MQTT 3.1.1 that the broker may refuse alerts that do not come back, and takes it back', async () => {
    await using mosquitto = await Mosquitto.start({ acl: [...ACL, 'topic read lookout/#'] });
    await using gate = await Gate.open(mosquitto.port);
    gate.maxVersion = 4;
    const { log, lines } = readableLog();
    await using opened = await openPublisher(gate.url, { log });
    const { publisher, alerts } = opened;
    for (const i of ALL) alerts.add(draft(`e${i}`));
    await until(() => publisher.broker.refusals.length > 0);
    const sentence = expect.stringMatching(/^the MQTT broker may refuse lookout\/front\/alert: .*did not come back/);
    expect(publisher.broker).toMatchObject({ state: 'connected', refusals: [sentence] });
    expect(warnings(lines)).toEqual([sentence]);
    await mosquitto.stop();
    await mosquitto.start({ acl: MAY_ALL });
    await until(() => publisher.broker.state === 'connected');
    alerts.add(draft('e17'));
    await until(() => lines.some(({ msg }) => msg === 'the MQTT broker takes the topic again'));
    expect(publisher.broker.refusals).toEqual([]);
  });
});

describe('Publisher and a broker that speaks MQTT 3.1.1 only', () => {
  it('brings every alert in order and says nothing, with all state', async () => {
    await using broker = await EmbeddedBroker.open({ baseTopic: 'unused', port: 0, fallbackPort: false, log: silentLogger });
    await using subscriber = await Subscriber.open(broker.url);
    const { log, lines } = readableLog();
    await using opened = await openPublisher(broker.url, { log });
    const { publisher, alerts } = opened;
    setState(publisher, 30_000);
    for (const i of ALL) alerts.add(draft(`e${i}`));
    await until(() => subscriber.alerts.length === 16);
    expect(seqs(subscriber.alerts)).toEqual(ALL);
    await expectState(broker.url, { hasSnapshot: true });
    await delay(5500);
    expect(lines.map(({ msg }) => msg)).toEqual(['connected to the MQTT broker']);
    expect(publisher.broker.refusals).toEqual([]);
  });
});
