/** Events that a crash left open → closed ones, at a start. One whose files cannot be read is told as failed and tried again next time. */
import { codeOf, messageOf } from '../lib/errors.ts';
import type { EventRecord } from '../messages/event.ts';
import type { StoreOptions, StoreParts } from './open-parts.ts';
import { folderOf, type Place } from './folder/place.ts';
import { closed, recoverClip } from './recovery/recovery.ts';
import { entryOf } from './index/scan.ts';

/** `keep` writes a closed event and resolves with it as it is on disk. */
export async function recoverAll(
  { left, claim, catalog }: StoreParts,
  { clock, log }: StoreOptions,
  keep: (place: Place, record: EventRecord) => Promise<EventRecord>,
): Promise<EventRecord[]> {
  const recovered: EventRecord[] = [];
  for (const { place, record } of left) {
    const folder = folderOf(claim.eventsDir, place);
    try {
      const ended = await recoverClip(folder, record, { clock });
      recovered.push(await keep(place, ended));
      const { state, reason, durationMs } = ended;
      log.info({ camera: place.camera, id: place.id, type: state, reason, durationMs }, 'an event that was left open is closed');
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      // Not written: the next start tries again, when the disk may be well.
      const failed = closed(record, { state: 'failed', reason: 'its files cannot be read', atMs: clock.atMs() });
      catalog.put(entryOf(place, failed));
      recovered.push(failed);
      log.error({ folder, cause: messageOf(error) }, 'an event that was left open could not be closed');
    }
  }
  return recovered;
}
