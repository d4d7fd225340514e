/** Opens a store in a process of its own, adds an event, deletes one, and prints what it lists and logs. */
import { facts, listeningLog, openStore, START_MS } from './folder.ts';

const [dir = ''] = process.argv.slice(2);
const { log, lines } = listeningLog();
const store = await openStore(dir, log);
const ids = (): string[] => store.list({ limit: 10 }).events.map(({ id }) => id);
const before = ids();
const id = '01KAGYZ0000000000000000007';
await store.save(facts('ready', { id, startedAt: new Date(START_MS + 9).toISOString() }));
await store.delete(before[1] ?? '', 'asked');
const after = ids();
await store[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify({ before, after, logged: lines.map(({ msg }) => msg) }));
