/**
 * Events on disk and in memory. Files are the truth: the list is built from the folders at every start, and an event that a
 * crash left open is closed before the store is handed out. Memory changes at once, the disk follows: a disk that fails makes
 * `create` reject (there is nowhere to record to) but never `save` — alerts keep flowing, `problem` says what is wrong.
 */
import { randomBytes } from 'node:crypto';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { codeOf, messageOf, RetryableError, UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { Alert, EventPage, EventQuery, EventRecord } from '../alert-messages.ts';
import type { ClipFile, Feed, OpenClip } from '../messages.ts';
import { makeFolderDurably } from './folder.ts';
import { FolderLock } from './lock.ts';
import { folderOf, type Place, placeOf } from './place.ts';
import { isOpen } from './record.ts';
import { closed, recoverClip } from './recovery.ts';
import { entryOf, type Scanned, scanEvents } from './scan.ts';
import { Timeline } from './timeline.ts';
import { EventWriter } from './writer.ts';

export interface StoreOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What event.json says beside the alert. */
export interface SavedClip {
  readonly feed: Feed;
  readonly files: readonly ClipFile[];
  readonly droppedFrames: number;
  readonly configHash: string;
}

/** Folders named in the log line about events that cannot be read. */
const NAMED_FOLDERS = 5;

export class Store implements AsyncDisposable {
  /** events that this start closed; the owner publishes their `end` and `ready` or `failed` */
  readonly recovered: readonly EventRecord[];
  readonly #eventsDir: string;
  readonly #lock: FolderLock;
  readonly #writer: EventWriter;
  readonly #timeline = new Timeline();
  /** events that were created and not yet saved */
  readonly #created = new Map<string, Place>();
  readonly #clips = new Map<string, OpenClip>();
  /** requests that wait for the clip of an event */
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<(event: EventRecord) => void>();

  /** Makes the folder, locks it, reads every event and closes what a crash left open. */
  static async open(options: StoreOptions): Promise<Store> {
    const { dir, log } = options;
    const { lock, eventsDir } = await claim(dir);
    try {
      const scanned = await scanEvents(eventsDir);
      reportUnreadable(scanned, log);
      const writer = new EventWriter(log);
      const recovered = await recoverAll(scanned, { eventsDir, writer, options });
      const store = new Store({ lock, eventsDir, writer, recovered: recovered.map(({ record }) => record) });
      store.#timeline.load([...scanned.entries, ...recovered.map(({ place, record }) => entryOf(place, record))]);
      return store;
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(parts: { lock: FolderLock; eventsDir: string; writer: EventWriter; recovered: readonly EventRecord[] }) {
    this.#lock = parts.lock;
    this.#eventsDir = parts.eventsDir;
    this.#writer = parts.writer;
    this.recovered = parts.recovered;
  }

  /** Why events are not on disk, for health; undefined while they are. */
  get problem(): string | undefined {
    return this.#writer.problem;
  }

  /** Tries again what the disk refused; called about once a second. */
  retry(): void {
    this.#writer.retry();
  }

  /** Makes the event's folder durably and returns its absolute path. Rejects with a RetryableError where the disk refuses. */
  async create(camera: string, id: string, startAtMs: number): Promise<string> {
    const place = placeOf(camera, id, startAtMs);
    const folder = folderOf(this.#eventsDir, place);
    try {
      await makeFolderDurably(folder);
    } catch (cause) {
      throw new RetryableError(`The folder of an event could not be made: ${messageOf(cause)}`, {
        hint: 'free some space, or see that the data folder is there and writable',
        cause,
      });
    }
    this.#created.set(id, place);
    return folder;
  }

  /** The event is open: its playlist and boxes come from memory until `ready` or `failed` is saved. */
  attach(id: string, clip: OpenClip): void {
    this.#clips.set(id, clip);
    this.#wake();
  }

  /** The last alert of an event: seen by everybody at once; resolves when it is on disk, or the disk refused it (logged). */
  async save(alert: Alert, more: SavedClip): Promise<EventRecord> {
    const { feed, files, droppedFrames, configHash } = more;
    const record: EventRecord = { ...alert, schema: 1, feed, files, droppedFrames, configHash };
    const place =
      this.#timeline.get(alert.id)?.place ??
      this.#created.get(alert.id) ??
      placeOf(alert.camera, alert.id, Date.parse(alert.startedAt));
    const entry = entryOf(place, record);
    this.#timeline.put(entry);
    this.#created.delete(alert.id);
    if (!isOpen(record)) this.#clips.delete(alert.id);
    for (const listener of this.#listeners) listener(record);
    this.#wake();
    await this.#writer.write(join(folderOf(this.#eventsDir, place), 'event.json'), entry.text);
    return record;
  }

  /** Newest first. Throws a UserError for a cursor that is not one of ours. */
  list(query: EventQuery): EventPage {
    return this.#timeline.list(query);
  }

  find(id: string): EventRecord | undefined {
    return this.#timeline.find(id);
  }

  folder(id: string): string | undefined {
    const place = this.#timeline.get(id)?.place ?? this.#created.get(id);
    return place && folderOf(this.#eventsDir, place);
  }

  clip(id: string): OpenClip | undefined {
    return this.#clips.get(id);
  }

  /** Waits for the clip of an event that has just begun; undefined once the event is closed. */
  async whenClip(id: string, signal: AbortSignal): Promise<OpenClip | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const event = this.find(id);
      if (this.#clips.has(id) || (event && !isOpen(event))) return this.#clips.get(id);
      await this.#change(signal);
    }
  }

  /** Tells of every save, at once. Returns the way to stop it. */
  onChange(listener: (event: EventRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((done) => {
      const settle = (): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        done();
      };
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }

  #wake(): void {
    for (const settle of this.#waiting) settle();
  }

  /** Waits until everything saved is on disk, and gives the folder back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#lock[Symbol.asyncDispose]();
  }
}

/** Makes the folders, tries a write in them and takes the lock. */
async function claim(dir: string): Promise<{ lock: FolderLock; eventsDir: string }> {
  try {
    // Clips show people's homes: a folder that we make is not for every account of the machine.
    await makeFolderDurably(resolve(dir), { mode: 0o750 });
    const eventsDir = join(await realpath(dir), 'events');
    await makeFolderDurably(eventsDir);
    const probe = join(eventsDir, `${randomBytes(4).toString('hex')}.tmp`);
    await writeFile(probe, 'x', { flag: 'wx' });
    await rm(probe);
    return { lock: await FolderLock.take(resolve(dir)), eventsDir };
  } catch (cause) {
    if (cause instanceof UserError || codeOf(cause) === undefined) throw cause;
    throw new UserError(`The data folder ${resolve(dir)} cannot be written: ${messageOf(cause)}`, {
      hint: 'make it writable for this account, or choose another one (--data, or storage.dir in lookout.yaml)',
      cause,
    });
  }
}

function reportUnreadable({ unreadable }: Scanned, log: Logger): void {
  if (unreadable.length === 0) return;
  const folders = unreadable.slice(0, NAMED_FOLDERS);
  log.warn({ count: unreadable.length, folders }, 'event folders without a readable event.json are left alone and not listed');
}

async function recoverAll(
  { open }: Scanned,
  { eventsDir, writer, options }: { eventsDir: string; writer: EventWriter; options: StoreOptions },
): Promise<{ place: Place; record: EventRecord }[]> {
  const { clock, log } = options;
  const recovered: { place: Place; record: EventRecord }[] = [];
  for (const { place, record } of open) {
    const folder = folderOf(eventsDir, place);
    try {
      const ended = await recoverClip(folder, record, clock);
      await writer.write(join(folder, 'event.json'), entryOf(place, ended).text);
      recovered.push({ place, record: ended });
      const { type, reason, durationMs } = ended;
      log.info({ camera: place.camera, id: place.id, type, reason, durationMs }, 'an event that was left open is closed');
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      // Not written: the next start tries again, when the disk may be well.
      recovered.push({ place, record: closed(record, { type: 'failed', reason: 'its files cannot be read', at: clock.atMs() }) });
      log.error({ folder, cause: messageOf(error) }, 'an event that was left open could not be closed');
    }
  }
  return recovered;
}
