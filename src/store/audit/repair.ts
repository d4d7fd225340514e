/**
 * What `verify` found → a data folder that is in order again, as far as that is possible. Video is never deleted unless asked to
 * (`isPrune`): what belongs to no clip is moved to `lost+found/<camera>/<id>/`, and of a segment that has to be cut a copy goes there
 * first. An event that lost something gets a new event.json, and a line in the ledger says that its content is another one now.
 * Bytes that are wrong and events that are missing cannot be made good; they stay findings.
 */
import { copyFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeTime, isValid } from 'ulid';
import type { Clock } from '../../lib/clock.ts';
import { writeDurably } from '../../lib/durable.ts';
import { codeOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import { PLAYLIST_NAME, RECORD_NAME } from '../../media/clip-files.ts';
import { parsePlaylist } from '../../media/hls-playlist.ts';
import type { EventRecord } from '../../messages/event.ts';
import { hashOf } from '../ledger/chain.ts';
import { strayFiles } from './check-event.ts';
import { claimFolder } from '../folder/claim.ts';
import { setAside } from '../index/event-index.ts';
import type { Finding, FindingKind } from './finding.ts';
import { makeFolderDurably } from '../folder/folder.ts';
import { Ledger, type LedgerLine, readLedgers } from '../ledger/ledger.ts';
import { stampOf } from '../index/open-index.ts';
import { folderOf, type Place } from '../folder/place.ts';
import { formatRecord, parseRecord } from '../folder/record.ts';
import { describeFiles, recoverClip } from '../recovery/recovery.ts';
import { removeEvent } from '../removal.ts';
import { findPlaces, readText } from '../index/scan.ts';
import { Store } from '../store.ts';
import { verify } from './verify.ts';

const LOST = 'lost+found';
/** Stands for the id of an event of which only the number is known. */
const NOBODY = '0'.repeat(26);
/** These cost an event files or its playlist, so that it is described anew. */
const DAMAGE: ReadonlySet<FindingKind> = new Set(['missing file', 'wrong size', 'torn segment', 'playlist']);

export interface RepairOptions {
  readonly dir: string;
  /** the id that the folder must carry */
  readonly id?: string | undefined;
  readonly isDeep: boolean;
  readonly isPrune: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What was done, a sentence each. Rejects with a UserError where another Lookout holds the folder. */
export async function repair(options: RepairOptions): Promise<string[]> {
  const { dir, id, isDeep, clock, log } = options;
  const done: string[] = [];
  {
    const { lock, dataDir, eventsDir } = await claimFolder(dir, { id, clock });
    await using _lock = lock;
    const { findings } = await verify({ dir: dataDir, isDeep, nowAtMs: clock.atMs(), isMine: true });
    const places = new Map((await findPlaces(eventsDir)).map((place) => [place.id, place]));
    const workshop = new Workshop({ ...options, dataDir, eventsDir, ledgers: await readLedgers(dataDir) }, done);
    for (const [event, own] of byEvent(findings)) {
      const place = places.get(event);
      if (place) await workshop.mend(place, own);
    }
    if (options.isPrune) await workshop.writeOff(findings.filter((finding) => !places.has(finding.id ?? '')));
    if (findings.some(({ kind }) => kind === 'index')) {
      await setAside(dataDir, stampOf(clock.atMs()));
      done.push('the index was made anew');
    }
    if (options.isPrune) await rm(join(dataDir, LOST), { recursive: true, force: true });
  }
  // A start closes what is open, gives it its link, adds what the ledger is missing and fills the index.
  await using store = await Store.open({ dir, id, tells: false, clock, log });
  for (const one of store.recovered) done.push(`${one.camera}/${one.id}: closed (${one.state})`);
  return done;
}

interface WorkshopOptions extends RepairOptions {
  readonly dataDir: string;
  readonly eventsDir: string;
  readonly ledgers: ReadonlyMap<string, readonly LedgerLine[]>;
}

class Workshop {
  readonly #options: WorkshopOptions;
  readonly #ledger: Ledger;
  readonly #done: string[];

  constructor(options: WorkshopOptions, done: string[]) {
    this.#options = options;
    this.#ledger = new Ledger(options.dataDir);
    this.#done = done;
  }

  async mend(place: Place, findings: readonly Finding[]): Promise<void> {
    const kinds = new Set(findings.map(({ kind }) => kind));
    if (kinds.has('unfinished deletion')) {
      // Perhaps somebody brought it back from a copy: what is deleted for good is asked for.
      if (this.#options.isPrune) await removeEvent(place, this.#options);
      else await this.#moveToLost(place);
      this.#say(place, `the ledger says that it was deleted: ${this.#fateOfStrays}`);
      return;
    }
    const strays = findings.filter(({ kind }) => kind === 'stray file').map(({ file = '' }) => file);
    for (const name of strays) await this.#putAside(place, name);
    strays.push(...(await this.#putLinksAside(place)));
    if (strays.length > 0) this.#say(place, `${strays.length} stray files ${this.#fateOfStrays}`);
    if (kinds.has('unreadable event')) await this.#adopt(place);
    else if ([...kinds].some((kind) => DAMAGE.has(kind))) await this.#describeAnew(place);
  }

  /** Events that are missing get a tombstone: from here on it is known that they are lost. */
  async writeOff(findings: readonly Finding[]): Promise<void> {
    const at = new Date(this.#options.clock.atMs()).toISOString();
    for (const { kind, camera, id = NOBODY, seq } of findings) {
      if (kind !== 'missing event' || camera === undefined || seq === undefined) continue;
      const day = this.#closedLine({ camera, id })?.day ?? at.slice(0, 10).replaceAll('-', '/');
      await this.#ledger.append(camera, [{ deleted: id, day, seq, bytes: 0, reason: 'missing', at }]);
      this.#done.push(`${camera}/${id === NOBODY ? `number ${seq}` : id}: written off, it is missing`);
    }
  }

  get #fateOfStrays(): string {
    return this.#options.isPrune ? 'deleted' : `moved to ${LOST}`;
  }

  /** An event whose event.json is lost: what can be known comes from its id, its playlist and its segments. */
  async #adopt(place: Place): Promise<void> {
    const folder = folderOf(this.#options.eventsDir, place);
    const unreadable = join(folder, RECORD_NAME);
    if ((await readText(unreadable)) !== undefined) await this.#copyAside(place, unreadable);
    const line = this.#closedLine(place);
    const record = draftOf(place, await startOf(folder, place));
    if (line) {
      const { seq, previous, hash } = line;
      await this.#rebuild(place, { ...record, chain: { seq, previous, hash } });
      return;
    }
    const probe = await recoverClip(folder, record, this.#mending(place));
    if (probe.state !== 'ready') {
      await this.#moveAway(place);
      return;
    }
    await writeDurably(join(folder, RECORD_NAME), formatRecord(record));
    this.#say(place, 'adopted, its event.json was lost');
  }

  async #describeAnew(place: Place): Promise<void> {
    const text = await readText(join(folderOf(this.#options.eventsDir, place), RECORD_NAME));
    const record = text === undefined ? undefined : parseRecord(text);
    if (record) await this.#rebuild(place, record);
  }

  /** What can still be played, under the number that the event has. */
  async #rebuild(place: Place, record: EventRecord): Promise<void> {
    const { clock, eventsDir } = this.#options;
    const folder = folderOf(eventsDir, place);
    const found = await recoverClip(folder, record, this.#mending(place));
    const files = found.state === 'ready' ? found.files : await describeFiles(folder, []);
    if (found.state !== 'ready') for (const name of await strayFiles(folder, { files })) await this.#putAside(place, name);
    const { updatedAt, reason, endedAt = found.endedAt } = record;
    const kept = { updatedAt, ...(reason !== undefined && { reason }), ...(endedAt !== undefined && { endedAt }) };
    const mended: EventRecord = found.state === 'ready' ? { ...found, ...kept } : { ...found, files };
    const next: EventRecord = { ...mended, revision: record.revision + 1 };
    if (record.chain) {
      const was = this.#closedLine(place)?.hash ?? record.chain.hash;
      const chain = { ...record.chain, hash: hashOf(next, record.chain) };
      await writeDurably(join(folder, RECORD_NAME), formatRecord({ ...next, chain }));
      const repairedAt = new Date(clock.atMs()).toISOString();
      const line = { repaired: place.id, day: place.day, seq: chain.seq, was, hash: chain.hash, at: repairedAt };
      await this.#ledger.append(place.camera, [line]);
    } else {
      await writeDurably(join(folder, RECORD_NAME), formatRecord(next));
    }
    const lost = record.files.length - files.length;
    this.#say(
      place,
      lost > 0 ? `described anew without ${lost} ${lost === 1 ? 'file that is' : 'files that are'} lost` : 'described anew',
    );
  }

  #mending(place: Place): Parameters<typeof recoverClip>[2] {
    const { clock } = this.#options;
    return { clock, salvage: async (path) => await this.#copyAside(place, path) };
  }

  #closedLine({ camera, id }: Pick<Place, 'camera' | 'id'>): Extract<LedgerLine, { closed: string }> | undefined {
    const line = this.#options.ledgers.get(camera)?.find((one) => 'closed' in one && one.closed === id);
    return line && 'closed' in line ? line : undefined;
  }

  async #putAside(place: Place, name: string): Promise<void> {
    const path = join(folderOf(this.#options.eventsDir, place), name);
    if (this.#options.isPrune) await rm(path, { force: true });
    else await rename(path, join(await this.#lostFolder(place), name));
  }

  async #putLinksAside(place: Place): Promise<string[]> {
    const children = await readdir(folderOf(this.#options.eventsDir, place), { withFileTypes: true });
    const links = children.filter((child) => child.isSymbolicLink()).map(({ name }) => name);
    for (const name of links) await this.#putAside(place, name);
    return links;
  }

  async #copyAside(place: Place, path: string): Promise<void> {
    if (!this.#options.isPrune) await copyFile(path, join(await this.#lostFolder(place), basename(path)));
  }

  /** Nothing in it can be played. */
  async #moveAway(place: Place): Promise<void> {
    if (this.#options.isPrune) await removeEvent(place, this.#options);
    else await this.#moveToLost(place);
    this.#say(place, `nothing in it can be played: ${this.#fateOfStrays}`);
  }

  async #moveToLost(place: Place): Promise<void> {
    const { eventsDir, clock } = this.#options;
    const folder = folderOf(eventsDir, place);
    const target = await this.#lostFolder(place);
    await rename(folder, target).catch(async (error: unknown) => {
      if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
      await rename(folder, `${target}-${stampOf(clock.atMs())}`);
    });
  }

  async #lostFolder({ camera, id }: Place): Promise<string> {
    const folder = join(this.#options.dataDir, LOST, camera, id);
    await makeFolderDurably(folder);
    return folder;
  }

  #say({ camera, id }: Place, what: string): void {
    this.#done.push(`${camera}/${id}: ${what}`);
  }
}

function byEvent(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.id !== undefined) groups.set(finding.id, [...(groups.get(finding.id) ?? []), finding]);
  }
  return groups;
}

/** The playlist dates the first frame; an id that was minted by us begins with its time. */
async function startOf(folder: string, { id, day }: Place): Promise<number> {
  const playlist = parsePlaylist((await readText(join(folder, PLAYLIST_NAME))) ?? '');
  const firstAtMs = playlist.segments[0]?.atMs;
  if (firstAtMs !== undefined) return firstAtMs;
  const dayMs = Date.parse(day.replaceAll('/', '-'));
  const mintedMs = isValid(id) ? decodeTime(id) : dayMs;
  return mintedMs >= dayMs && mintedMs < dayMs + 86_400_000 ? mintedMs : dayMs;
}

/** What is known of an event of which only the folder is left: an open one, which the next start closes. */
function draftOf({ id, camera }: Place, startMs: number): EventRecord {
  const startedAt = new Date(startMs).toISOString();
  return {
    schema: 2,
    revision: 0,
    id,
    camera,
    state: 'ended',
    updatedAt: startedAt,
    label: 'person',
    startedAt,
    score: 0,
    count: 0,
    people: 0,
    box: { x: 0, y: 0, w: 0, h: 0 },
    zones: [],
    reason: 'restart',
    latencyMs: { frameToDetect: 0, detectToConfirm: 0 },
    feed: 'frames',
    files: [],
    preRollMs: 0,
    droppedFrames: 0,
    configHash: '',
  };
}
