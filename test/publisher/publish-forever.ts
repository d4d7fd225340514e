/** Opens a Publisher on the broker of argv[2], says `ready` on stdout once it is connected, and stays until it is killed. */
import { setTimeout as delay } from 'node:timers/promises';
import { Publisher } from '../../src/publisher/publisher.ts';
import { optionsFor, until } from './harness.ts';

const publisher = await Publisher.open(optionsFor(process.argv[2] ?? 'off'));
await until(() => publisher.broker.state === 'connected');
process.stdout.write('ready\n');
await delay(600_000);
