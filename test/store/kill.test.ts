import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { verify } from '../../src/store/audit/verify.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { listeningLog, openStore, tempFolder } from './folder.ts';

expectNoLeftovers();

const KILLS = 8;
const SCRIPT = join(import.meta.dirname, 'save-forever.ts');

/** Runs the script for so long and kills it; what it said. */
async function runAndKill(dir: string, ms: number): Promise<string[]> {
  await using child = await Child.start({
    name: 'save-forever',
    command: process.execPath,
    args: ['--import', import.meta.resolve('tsx'), SCRIPT, dir],
    stdin: 'ignore',
    dieWithParent: true,
  });
  let text = '';
  let isKilled = false;
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (isKilled) continue;
    isKilled = true;
    void delay(ms).then(() => process.kill(child.pid ?? 0, 'SIGKILL'));
  }
  await child.exited;
  return text.split('\n').filter(Boolean);
}

describe('kill -9 at any time', () => {
  it('loses no event that was on disk, breaks no chain, leaves no half deletion, and the index agrees', async () => {
    await using data = await tempFolder();
    const closed = new Set<string>();
    const deleting = new Set<string>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      for (const line of await runAndKill(data.dir, 40 + kill * 17)) {
        const [what, id = ''] = line.split(' ');
        (what === 'closed' ? closed : deleting).add(id);
      }
      const { log, lines } = listeningLog();
      await using store = await openStore(data.dir, log);
      expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
      for (const id of closed) if (!deleting.has(id)) expect(store.event(id)?.record?.state, id).toBe('failed');
    }
    const { findings, chains } = await verify({ dir: data.dir, isDeep: false, nowAtMs: Date.now() });
    expect(findings).toEqual([]);
    expect(chains.get('front')?.head.seq).toBeGreaterThan(KILLS);
  });
});
