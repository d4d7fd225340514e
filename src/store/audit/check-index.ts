/** The rows of the index against the folders, both ways. Reads only, also beside a Lookout that runs. */
import { existsSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { RECORD_NAME } from '../../media/clip-files.ts';
import { EventIndex, INDEX_NAME, IndexError, type Row } from '../index/event-index.ts';
import type { Finding } from './finding.ts';
import { folderOf } from '../folder/place.ts';
import type { Entry } from '../index/timeline.ts';

/** `writtenBefore`: an event.json of this wall time or later may still wait for its row. */
export async function checkIndex(
  { dataDir, eventsDir }: { dataDir: string; eventsDir: string },
  { closed, writtenBefore }: { closed: readonly Entry[]; writtenBefore: number },
): Promise<Finding[]> {
  if (!existsSync(join(dataDir, INDEX_NAME))) {
    return closed.length === 0 ? [] : [{ kind: 'index', sentence: 'there is no index; the next start makes one' }];
  }
  try {
    const index = await EventIndex.open(dataDir, { readonly: true });
    try {
      return await compare(index, { eventsDir, closed, writtenBefore });
    } finally {
      index.close();
    }
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    return [{ kind: 'index', sentence: `cannot be read: ${error.message}` }];
  }
}

async function compare(
  index: EventIndex,
  { eventsDir, closed, writtenBefore }: { eventsDir: string; closed: readonly Entry[]; writtenBefore: number },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const rows = new Map(index.rows().map((row) => [row.place.id, row]));
  for (const entry of closed) {
    const { id, camera } = entry.place;
    const row = rows.get(id);
    rows.delete(id);
    const sentence = row ? staleness(row, entry, index.text(id)) : 'has no row in the index';
    if (sentence === undefined) continue;
    const { mtimeMs } = await lstat(join(folderOf(eventsDir, entry.place), RECORD_NAME));
    if (mtimeMs >= writtenBefore) continue;
    findings.push({ kind: 'index', camera, id, sentence });
  }
  for (const { place } of rows.values()) {
    const { id, camera } = place;
    findings.push({ kind: 'index', camera, id, sentence: 'has a row in the index, but no folder with a readable event.json' });
  }
  return findings;
}

function staleness({ place }: Row, entry: Entry, text: string | undefined): string | undefined {
  if (text !== entry.text) return 'the index has another text of its event.json';
  return place.day === entry.place.day && place.camera === entry.place.camera ? undefined : 'lies elsewhere than the index says';
}
