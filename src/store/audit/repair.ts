/**
 * What `verify` found → a data folder that is in order again, as far as that is possible. Video is never deleted unless asked to
 * (`isPrune`): what belongs to no clip is moved to `lost+found/<camera>/<id>/`, and of a segment that has to be cut a copy goes there
 * first. An event that lost something gets a new event.json, and a line in the ledger says that its content is another one now.
 * Bytes that are wrong and events that are missing cannot be made good; they stay findings.
 */
import { existsSync } from 'node:fs';
import { constants, copyFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { writeDurably } from '../../lib/durable.ts';
import { codeOf, messageOf } from '../../lib/errors.ts';
import { readIfFit, unfitnessOf } from '../../lib/plain-file.ts';
import type { Logger } from '../../lib/log.ts';
import { DETECTIONS_NAME, isVideo, PICTURE_NAMES, PLAYLIST_NAME, RECORD_NAME } from '../../media/clip-files.ts';
import { MAX_RECORD_BYTES } from '../../media/file-bounds.ts';
import type { EventRecord } from '../../messages/event.ts';
import { hashOf } from '../ledger/chain.ts';
import { strayFiles } from './check-event.ts';
import { draftOf } from './draft-event.ts';
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
import { findPlaces } from '../index/scan.ts';
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
      if (place) await workshop.mendOrSay(place, own);
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

  /** One event that the disk does not let go costs the others nothing. */
  async mendOrSay(place: Place, findings: readonly Finding[]): Promise<void> {
    try {
      await this.#mend(place, findings);
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      this.#say(place, `could not be put in order: ${messageOf(error)}`);
    }
  }

  async #mend(place: Place, findings: readonly Finding[]): Promise<void> {
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
    strays.push(...(await this.#putUnfitAside(place)));
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
    if (await isFit(unreadable)) await this.#putAside(place, RECORD_NAME);
    const line = this.#closedLine(place);
    const record = await draftOf(folder, place);
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
    const text = await readIfFit(join(folderOf(this.#options.eventsDir, place), RECORD_NAME), MAX_RECORD_BYTES);
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
    return {
      clock,
      salvage: async (path, { isCut }) => await (isCut ? this.#copyAside(place, path) : this.#putAside(place, basename(path))),
    };
  }

  #closedLine({ camera, id }: Pick<Place, 'camera' | 'id'>): Extract<LedgerLine, { closed: string }> | undefined {
    const line = this.#options.ledgers.get(camera)?.find((one) => 'closed' in one && one.closed === id);
    return line && 'closed' in line ? line : undefined;
  }

  async #putAside(place: Place, name: string): Promise<void> {
    const path = join(folderOf(this.#options.eventsDir, place), name);
    if (this.#options.isPrune) await rm(path, { force: true, recursive: true });
    else await rename(path, join(await this.#lostFolder(place), name));
  }

  /** Links, pipes, and folders by the name of a file: nothing of a clip. */
  async #putUnfitAside(place: Place): Promise<string[]> {
    const children = await readdir(folderOf(this.#options.eventsDir, place), { withFileTypes: true });
    const names = children
      .filter((child) => !child.isFile() && (!child.isDirectory() || isOurs(child.name)))
      .map(({ name }) => name);
    for (const name of names) await this.#putAside(place, name);
    return names;
  }

  async #copyAside(place: Place, path: string): Promise<void> {
    if (this.#options.isPrune) return;
    const target = join(await this.#lostFolder(place), basename(path));
    await rm(target, { force: true, recursive: true });
    await copyFile(path, target, constants.COPYFILE_EXCL);
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
    await makeFolderDurably(folder, { within: this.#options.dataDir });
    return folder;
  }

  #say({ camera, id }: Place, what: string): void {
    this.#done.push(`${camera}/${id}: ${what}`);
  }
}

function isOurs(name: string): boolean {
  return isVideo(name) || [RECORD_NAME, PLAYLIST_NAME, DETECTIONS_NAME, ...PICTURE_NAMES].includes(name);
}

async function isFit(path: string): Promise<boolean> {
  return existsSync(path) && (await unfitnessOf(path)) === undefined;
}

function byEvent(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.id !== undefined) groups.set(finding.id, [...(groups.get(finding.id) ?? []), finding]);
  }
  return groups;
}
