import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { connectAsync } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { EmbeddedBroker } from '../../src/publisher/broker.ts';
import { Subscriber, until } from './harness.ts';

async function takenPort(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const opened = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return opened;
}

describe('EmbeddedBroker', () => {
  it('says which port is taken and what to do instead', async () => {
    const { server, port } = await takenPort();
    try {
      const opening = EmbeddedBroker.open({ baseTopic: 'lookout', port, fallbackPort: false, log: silentLogger });
      await expect(opening).rejects.toThrow(UserError);
      await expect(opening).rejects.toMatchObject({
        message: `MQTT port 127.0.0.1:${port} is taken by another program`,
        hint: `use --mqtt mqtt://127.0.0.1:${port} to publish to that broker, or set mqtt.port to another port`,
      });
    } finally {
      server.close();
    }
  });

  it('takes the next free port where it may', async () => {
    const { server, port } = await takenPort();
    try {
      await using broker = await EmbeddedBroker.open({ baseTopic: 'lookout', port, fallbackPort: true, log: silentLogger });
      expect(broker.port).toBeGreaterThan(port);
      expect(broker.port).toBeLessThanOrEqual(port + 20);
      expect(broker.url).toBe(`mqtt://127.0.0.1:${broker.port}`);
      expect(await isOpen(broker.port)).toBe(true);
    } finally {
      server.close();
    }
  });

  it('is really gone after close, with subscribers and with sockets that never said a word', async () => {
    const broker = await EmbeddedBroker.open({ baseTopic: 'lookout', port: 0, fallbackPort: false, log: silentLogger });
    const { port } = broker;
    await using subscriber = await Subscriber.open(broker.url);
    const mute = connect(port, '127.0.0.1');
    await once(mute, 'connect');
    const muteClosed = once(mute, 'close');
    mute.resume();
    await Promise.all([broker.close(), broker.close()]);
    await muteClosed;
    expect(subscriber.subscriptions).toBe(1);
    expect(await isOpen(port)).toBe(false);
  });

  it('cuts off a frozen subscriber, so that the others go on hearing', async () => {
    await using broker = await EmbeddedBroker.open({ baseTopic: 'house', port: 0, fallbackPort: false, log: silentLogger });
    await using frozen = await Subscriber.open(broker.url);
    await using subscriber = await Subscriber.open(broker.url);
    frozen.freeze();
    const picture = Buffer.alloc(200_000);
    for (let i = 0; i < 200; i++) subscriber.say('lookout/front/person/snapshot', picture);
    await until(() => subscriber.heard.length === 200);
    expect(frozen.heard.length).toBeLessThan(200);
  });

  it('lets nobody but Lookout talk under its base topic, nor send what is too large', async () => {
    await using broker = await EmbeddedBroker.open({ baseTopic: 'lookout', port: 0, fallbackPort: false, log: silentLogger });
    await using subscriber = await Subscriber.open(broker.url);
    const owner = await connectAsync(broker.url, { ...broker.owner, reconnectPeriod: 0 });
    const forger = await connectAsync(broker.url, { reconnectPeriod: 0, username: broker.owner.username, password: 'guessed' });
    const boaster = await connectAsync(broker.url, { reconnectPeriod: 0 });
    const thrownOut = Promise.all(
      [forger, boaster].map((client) => new Promise<void>((resolve) => client.once('close', resolve))),
    );
    forger.publish('lookout/front/alert', 'forged', { qos: 1 }, () => undefined);
    boaster.publish('other/topic', Buffer.alloc(300_000), { qos: 1 }, () => undefined);
    await thrownOut;
    await owner.publishAsync('lookout/front/alert', 'true', { qos: 1 });
    await until(() => subscriber.heard.length > 0);
    expect(subscriber.texts('lookout/front/alert')).toEqual(['true']);
    await Promise.all([owner, forger, boaster].map((client) => client.endAsync(true)));
  });

  it('keeps nothing for a subscriber that left, though it asked for a session that lasts', async () => {
    await using broker = await EmbeddedBroker.open({ baseTopic: 'lookout', port: 0, fallbackPort: false, log: silentLogger });
    const lasting = { clientId: 'lasting', clean: false, reconnectPeriod: 0 };
    const before = await connectAsync(broker.url, lasting);
    await before.subscribeAsync('lookout/#', { qos: 1 });
    await before.endAsync();
    const owner = await connectAsync(broker.url, { ...broker.owner, reconnectPeriod: 0 });
    await owner.publishAsync('lookout/front/alert', 'while away', { qos: 1 });
    const after = await connectAsync(broker.url, lasting);
    const heard: string[] = [];
    after.on('message', (_topic, payload) => heard.push(payload.toString()));
    await after.subscribeAsync('lookout/#', { qos: 1 });
    await owner.publishAsync('lookout/front/alert', 'back', { qos: 1 });
    await until(() => heard.length > 0);
    expect(heard).toEqual(['back']);
    await Promise.all([owner, after].map((client) => client.endAsync(true)));
  });
});
