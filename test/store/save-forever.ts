/** Closes events, one after the other, on two cameras at once, and deletes old ones, until it is killed. Says each that is on disk. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { Store } from '../../src/store/store.ts';
import { facts } from './folder.ts';

const [dir = ''] = process.argv.slice(2);
const store = await Store.open({ dir, clock: systemClock, log: silentLogger });

async function oneAfterTheOther(camera: string): Promise<never> {
  for (let n = 0; ; n += 1) {
    const id = ulid();
    const startedAt = new Date().toISOString();
    const folder = await store.create(camera, id, Date.parse(startedAt));
    await store.save(facts('open', { id, camera, startedAt }));
    await writeFile(join(folder, 'detections.jsonl'), '{}\n');
    const files = [{ name: 'detections.jsonl', bytes: 3, sha256: '', startMs: 0, durationMs: 0 }];
    await store.save(facts('failed', { id, camera, startedAt, files }));
    process.stdout.write(`closed ${id}\n`);
    const oldest = store.shelf.all.filter(({ place }) => place.camera === camera).sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0))[0];
    if (n % 3 !== 2 || !oldest) continue;
    process.stdout.write(`deleting ${oldest.place.id}\n`);
    await store.delete(oldest.place.id, 'space');
  }
}

await Promise.all(['front', 'back'].map(oneAfterTheOther));
