// Loaded before Lookout: every fsync takes CHAOS_FSYNC_MS longer, as on a worn-out card.
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const delayMs = Number(process.env['CHAOS_FSYNC_MS'] ?? 0);
const probe = await fs.promises.open(process.execPath, 'r');
const prototype = Object.getPrototypeOf(probe);
await probe.close();
for (const name of ['sync', 'datasync']) {
  const real = prototype[name];
  prototype[name] = async function slow() {
    await delay(delayMs);
    return await real.call(this);
  };
}
