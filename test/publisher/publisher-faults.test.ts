/** Publisher while the broker is away, hangs, is killed or says no. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Publisher } from '../../src/publisher/publisher.ts';
import { Gate } from './gate.ts';
import { draft, openPublisher, readableLog, Subscriber, seqs, until } from './harness.ts';
import { Mosquitto } from './mosquitto.ts';

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}

async function connected(publisher: Publisher): Promise<void> {
  await until(() => publisher.broker.state === 'connected');
}

describe('Publisher and a broker that fails', () => {
  it('delivers what was published while the broker was away, in order and without a gap', async () => {
    await using mosquitto = await Mosquitto.reserve();
    const { log, lines } = readableLog();
    await using opened = await openPublisher(mosquitto.url, { log });
    const { publisher, alerts } = opened;
    await until(() => publisher.broker.reason !== 'not connected yet');
    for (let i = 0; i < 250; i++) alerts.add(draft(`e${i}`));
    expect(publisher.broker).toMatchObject({ state: 'away', waitingAlerts: 250 });
    await delay(1000);
    expect(lines.map(({ msg }) => msg)).toEqual(['nothing listens at the address of the MQTT broker; alerts wait']);
    await mosquitto.start();
    await until(() => publisher.broker.waitingAlerts === 0);
    expect(lines).toMatchObject([{ level: 40 }, { level: 30, msg: 'connected to the MQTT broker', waitingAlerts: 250 }]);
  });

  it('lets a subscriber read what was published while the broker was away, in order and without a gap', async () => {
    await using mosquitto = await Mosquitto.start();
    await using gate = await Gate.open(mosquitto.port);
    await using opened = await openPublisher(gate.url);
    const { publisher, alerts } = opened;
    await connected(publisher);
    await using subscriber = await Subscriber.open(mosquitto.url);
    gate.isOpen = false;
    await mosquitto.kill();
    await until(() => publisher.broker.state === 'away');
    for (let i = 0; i < 250; i++) alerts.add(draft(`e${i}`));
    await mosquitto.start();
    await until(() => subscriber.subscriptions === 2);
    gate.isOpen = true;
    await until(() => subscriber.alerts.length >= 250);
    expect(seqs(subscriber.alerts)).toEqual(upTo(250));
  });

  it('lets every alert arrive when the broker is killed in the middle of a stream', async () => {
    await using mosquitto = await Mosquitto.start();
    await using gate = await Gate.open(mosquitto.port);
    await using opened = await openPublisher(gate.url);
    const { publisher, alerts } = opened;
    await connected(publisher);
    await using subscriber = await Subscriber.open(mosquitto.url);
    const stream = (async (): Promise<void> => {
      for (let i = 1; i <= 300; i++) {
        alerts.add(draft(`e${i}`));
        await delay(2);
      }
    })();
    await until(() => subscriber.alerts.length >= 100);
    gate.isOpen = false;
    await mosquitto.kill();
    await mosquitto.start();
    await until(() => subscriber.subscriptions === 2);
    gate.isOpen = true;
    await stream;
    await until(() => new Set(seqs(subscriber.alerts)).size === 300);
    await until(() => publisher.broker.waitingAlerts === 0);
    expect([...new Set(seqs(subscriber.alerts))].toSorted((a, b) => a - b)).toEqual(upTo(300));
  });

  it('restores all state on a broker that forgot everything', async () => {
    await using mosquitto = await Mosquitto.start();
    await using opened = await openPublisher(mosquitto.url);
    const { publisher } = opened;
    publisher.board.setCameraStatus('front', { state: 'online', since: '2026-11-20T10:00:00.000Z' });
    publisher.board.setPersonCount('front', { count: 1, total: 3 });
    publisher.board.setSnapshot('front', Uint8Array.of(1, 2, 3));
    publisher.board.setStats('front', { fps: 15, detectFps: 5, latencyMs: 40, drops: 0, inferencesSaved: 0.9 });
    await connected(publisher);
    await mosquitto.kill();
    await until(() => publisher.broker.state === 'away');
    publisher.board.setPersonCount('front', { count: 2, total: 4 });
    await mosquitto.start();
    await connected(publisher);
    await using late = await Subscriber.open(mosquitto.url);
    const state = (): Map<string, string> => new Map(late.heard.map(({ topic, text }) => [topic, text]));
    await until(() => state().size === 5);
    expect(state().get('lookout/status')).toBe('online');
    expect(state().get('lookout/front/status')).toContain('online');
    expect(state().get('lookout/front/person')).toBe('{"count":2,"total":4}');
  });

  it('says once and clearly that the password is wrong, without showing it, and goes on when it is right', async () => {
    await using mosquitto = await Mosquitto.start({ login: { user: 'lookout', password: 'another-password' } });
    const { log, lines } = readableLog();
    const url = mosquitto.url.replace('//', '//lookout:s3cret-pass%21@');
    await using opened = await openPublisher(url, { log });
    const { publisher, alerts } = opened;
    alerts.add(draft('e1'));
    await until(() => publisher.broker.reason === 'the MQTT broker refuses the user name or password');
    await delay(1500);
    expect(lines).toMatchObject([
      {
        level: 40,
        msg: 'the MQTT broker refuses the user name or password; alerts wait',
        url: mosquitto.url.replace('//', '//***@'),
        hint: 'check mqtt.url: mqtt://user:password@host:1883',
      },
    ]);
    await mosquitto.stop();
    await mosquitto.start({ login: { user: 'lookout', password: 's3cret-pass!' } });
    await until(() => publisher.broker.waitingAlerts === 0);
    await connected(publisher);
    expect(JSON.stringify([lines, publisher.broker])).not.toContain('s3cret');
  });

  it('delays nobody while a broker accepts connections and says nothing', async () => {
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).resume();
    }).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { log, lines } = readableLog();
    const url = `mqtt://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    try {
      await using opened = await openPublisher(url, { log, maxAlerts: 500 });
      const { publisher, alerts } = opened;
      for (let i = 0; i < 2000; i++) {
        alerts.add(draft(`e${i}`));
        publisher.board.setPersonCount('front', { count: i, total: i });
        publisher.board.setSnapshot('front', new Uint8Array(50_000));
      }
      // No turn of the event loop yet: nobody waited for anything.
      expect(publisher.broker).toMatchObject({ state: 'away', waitingAlerts: 500, droppedAlerts: 1500 });
      expect(lines.map(({ msg }) => msg)).toEqual(['too many MQTT alerts wait, the oldest are dropped']);
      await until(() => publisher.broker.reason === 'the MQTT broker accepts the connection but does not answer');
    } finally {
      for (const socket of sockets) socket.destroy();
      mute.close();
    }
  });

  it('keeps what is on the wire bounded while a broker is frozen, and loses nothing', async () => {
    await using mosquitto = await Mosquitto.start();
    await using opened = await openPublisher(mosquitto.url);
    const { publisher, alerts } = opened;
    await connected(publisher);
    await using subscriber = await Subscriber.open(mosquitto.url);
    mosquitto.freeze();
    for (let i = 0; i < 900; i++) {
      alerts.add(draft(`e${i}`));
      publisher.board.setSnapshot('front', new Uint8Array(100_000));
    }
    await delay(200);
    expect(publisher.broker.waitingAlerts).toBe(900);
    mosquitto.thaw();
    await until(() => subscriber.alerts.length === 900);
    expect(seqs(subscriber.alerts)).toEqual(upTo(900));
    expect(subscriber.texts('lookout/front/person/snapshot').length).toBeLessThan(10);
  });

  it('ends soon and says what it could not deliver when the broker stays away', async () => {
    await using mosquitto = await Mosquitto.reserve();
    const { log, lines } = readableLog();
    const { publisher, alerts } = await openPublisher(mosquitto.url, { log });
    alerts.add(draft('e1'));
    await publisher.close();
    expect(lines.at(-1)).toMatchObject({ msg: 'stopped before all MQTT alerts were delivered', lostAlerts: 1 });
    expect(alerts.add(draft('e2')).seq).toBe(2);
  });

  it('names a second client with the same id as the likely cause of being thrown out again and again', async () => {
    const accepting = createServer((socket) => {
      // CONNACK, accepted; and then thrown out
      socket.on('error', () => undefined).once('data', () => socket.end(Buffer.from([0x20, 2, 0, 0])));
    }).listen(0, '127.0.0.1');
    await once(accepting, 'listening');
    try {
      const { port } = accepting.address() as AddressInfo;
      await using opened = await openPublisher(`mqtt://127.0.0.1:${port}`);
      const { publisher } = opened;
      await until(() => publisher.broker.reason === 'the MQTT broker keeps closing the connection at once');
    } finally {
      accepting.close();
    }
  });
});
