/**
 * Keeps the data folder within its limits: looks at the start, every minute, before a recording begins and every second while one
 * runs. What the plan says goes, one event after the other; where nothing may be recorded any more, `admit` refuses and recordings
 * that run are told to stop. A disk that fails costs the deletions, never a recording.
 */
import { type Clock, pause } from '../../lib/clock.ts';
import { codeOf, messageOf, RetryableError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import type { StorageState, StorageView } from '../../messages/health.ts';
import { diskSpace, folderBytes } from './disk-usage.ts';
import { type Limits, type Plan, planRetention, type Stock } from './retention.ts';
import type { Holding } from '../index/shelf.ts';
import type { Store } from '../store.ts';
import { rememberLimits } from './limits-file.ts';
import { WallClock } from './wall-clock.ts';

const LOOK_EVERY_MS = 60_000;
/** Events measured on the disk per look: all of 10,000 within two hours. */
const MEASURED_PER_LOOK = 100;
/** Before anything goes for space the largest are measured: one event.json that lies must not cost all others. */
const LARGEST = 20;
/** How long a recording, or a start, waits for deletions. */
const PATIENCE_MS = 1500;
/** A recording may grow this much more until the next look than it did since the one before. */
const GROWTH_MARGIN = 2;

export interface KeeperOptions {
  readonly store: Store;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Logger;
  /** at every change of state, else at most once a minute */
  readonly onState: (view: StorageView) => void;
  /** recordings of this camera, or of all, must end */
  readonly onFull: (camera: string | undefined, reason: string) => void;
}

export class StorageKeeper implements AsyncDisposable {
  readonly #options: KeeperOptions;
  readonly #wallClock: WallClock;
  #plan: Plan | undefined;
  #freeBytes = 0;
  #lookedNowMs = Number.NEGATIVE_INFINITY;
  #toldNowMs = Number.NEGATIVE_INFINITY;
  #told: StorageState['state'] | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;
  #measuredUpTo = '';
  /** of the largest, those that were measured */
  #checked: ReadonlySet<string> = new Set();
  /** of recordings at the last look */
  #openBytes = new Map<string, number>();
  #fault: string | undefined;
  /** the data folder is not there, or is another one: nothing is recorded, and nothing is known of it */
  #isAway = false;
  #wasInDoubt = false;

  /** The first look has begun; where it has much to delete it goes on while cameras start. */
  static async open(options: KeeperOptions): Promise<StorageKeeper> {
    const keeper = new StorageKeeper(options, await WallClock.open(options.store.dir, options.clock));
    await keeper.#guarded(async () => await rememberLimits(options.store.dir, options.limits));
    await keeper.#lookSoon();
    return keeper;
  }

  private constructor(options: KeeperOptions, wallClock: WallClock) {
    this.#options = options;
    this.#wallClock = wallClock;
  }

  get view(): StorageView {
    const { store, limits } = this.#options;
    const { state = 'ok', usedBytes = 0 } = this.#plan ?? {};
    const common = { usedBytes, maxBytes: limits.maxBytes, events: store.shelf.count };
    return this.#isAway ? { ...common, state: 'full', freeBytes: 0 } : { ...common, state, freeBytes: this.#freeBytes };
  }

  /** What keeps clips from being recorded, or old ones from being deleted. */
  get problems(): readonly string[] {
    return [...new Set(this.#plan?.full.values()), ...(this.#fault === undefined ? [] : [this.#fault])];
  }

  /** To be called once a second. */
  tick(): void {
    const isDue = this.#options.clock.nowMs() - this.#lookedNowMs >= LOOK_EVERY_MS;
    if (this.#isLooking || !(isDue || this.#options.store.recordings.length > 0)) return;
    this.#looking = this.#looking.then(async () => await this.#look());
  }

  /** Makes room for a recording; rejects with a RetryableError that says why there is none. */
  async admit(camera: string): Promise<void> {
    await this.#lookSoon();
    const reason = this.#plan?.full.get('') ?? this.#plan?.full.get(camera);
    if (reason !== undefined) throw new RetryableError(reason, { hint: 'free some space, or raise storage.maxBytes' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#looking;
    await this.#guarded(async () => {
      await this.#options.store.check();
      await this.#wallClock.remember({ isLast: true });
    });
  }

  /** A look of its own; not waited for where it has much to delete: the plan is known then, and a recording must not wait. */
  async #lookSoon(): Promise<void> {
    const looking = this.#looking.then(async () => await this.#look());
    this.#looking = looking;
    const over = new AbortController();
    const patience = pause(this.#options.clock, PATIENCE_MS, over.signal);
    await Promise.race([looking, patience]);
    over.abort();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    try {
      await this.#guarded(async () => {
        await this.#options.store.check();
        const isDue = this.#options.clock.nowMs() - this.#lookedNowMs >= LOOK_EVERY_MS;
        if (isDue) await this.#measureSome();
        await this.#apply(await this.#planSafely(await this.#stock()));
        if (isDue) this.#lookedNowMs = this.#options.clock.nowMs();
        await this.#wallClock.remember();
      });
    } finally {
      this.#isLooking = false;
    }
    this.#tell();
  }

  /** A disk that fails is said once, and is tried again at the next look. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#fault = undefined;
      this.#isAway = false;
    } catch (error) {
      if (codeOf(error) === undefined && !(error instanceof RetryableError)) throw error;
      // That the whole folder is gone is said by the store.
      this.#isAway = error instanceof RetryableError;
      const fault = error instanceof RetryableError ? undefined : `old events cannot be deleted (${messageOf(error)})`;
      if (fault !== undefined && this.#fault === undefined)
        this.#options.log.error({ reason: messageOf(error) }, 'retention fails');
      this.#fault = fault;
      this.#lookedNowMs = this.#options.clock.nowMs();
    }
  }

  async #stock(): Promise<Stock> {
    const { store } = this.#options;
    const openBytes = new Map<string, number>();
    const open = new Map<string, { bytes: number; growthBytes: number }>();
    for (const { camera, folder } of store.recordings) {
      const bytes = await folderBytes(folder);
      openBytes.set(folder, bytes);
      const before = open.get(camera) ?? { bytes: 0, growthBytes: 0 };
      const growthBytes = Math.max(0, bytes - (this.#openBytes.get(folder) ?? bytes)) * GROWTH_MARGIN;
      open.set(camera, { bytes: before.bytes + bytes, growthBytes: before.growthBytes + growthBytes });
    }
    this.#openBytes = openBytes;
    const disk = await diskSpace(store.dir);
    this.#freeBytes = disk?.freeBytes ?? 0;
    return { holdings: store.shelf.all, open, disk, nowAtMs: this.#readWallClock() };
  }

  async #planSafely(stock: Stock): Promise<Plan> {
    const { store, limits } = this.#options;
    for (;;) {
      const plan = planRetention({ ...stock, holdings: store.shelf.all }, limits);
      const isForSpace = plan.deletions.some(({ why }) => why !== 'age');
      if (!isForSpace || !(await this.#measureLargest())) return plan;
    }
  }

  #readWallClock(): number | undefined {
    const nowAtMs = this.#wallClock.read();
    const isInDoubt = nowAtMs === undefined;
    if (isInDoubt && !this.#wasInDoubt) {
      this.#options.log.warn('the clock of this machine leapt: until it is steady for 24 hours nothing is deleted for its age');
    }
    this.#wasInDoubt = isInDoubt;
    return nowAtMs;
  }

  async #apply(plan: Plan): Promise<void> {
    const { store, log, onFull } = this.#options;
    this.#plan = plan;
    const done = new Map<string, { events: number; bytes: number }>();
    for (const { holding, why } of plan.deletions) {
      if ((await store.delete(holding.place.id, why)) !== 'deleted') continue;
      const { events, bytes } = done.get(why) ?? { events: 0, bytes: 0 };
      done.set(why, { events: events + 1, bytes: bytes + holding.bytes });
    }
    for (const [why, { events, bytes }] of done) log.info({ why, events, bytes }, 'old events deleted');
    const freed = [...done.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    this.#plan = { ...plan, usedBytes: plan.usedBytes - freed };
    this.#freeBytes += freed;
    for (const [camera, reason] of plan.full) onFull(camera === '' ? undefined : camera, reason);
  }

  /** event.json says what the files took when they were closed; what they take now counts. */
  async #measureSome(): Promise<void> {
    const { store } = this.#options;
    const ordered = [...store.shelf.all].sort((a, b) => (a.place.id < b.place.id ? -1 : 1));
    const from = Math.max(
      0,
      ordered.findIndex(({ place }) => place.id > this.#measuredUpTo),
    );
    const some = ordered.slice(from, from + MEASURED_PER_LOOK);
    this.#measuredUpTo = some.at(-1)?.place.id ?? '';
    for (const holding of some) await this.#measure(holding);
  }

  /** True where one of them takes something else than it said. */
  async #measureLargest(): Promise<boolean> {
    const largest = [...this.#options.store.shelf.all].sort((a, b) => b.bytes - a.bytes).slice(0, LARGEST);
    let isChanged = false;
    for (const holding of largest) {
      if (!this.#checked.has(holding.place.id)) isChanged = (await this.#measure(holding)) || isChanged;
    }
    this.#checked = new Set(largest.map(({ place }) => place.id));
    return isChanged;
  }

  async #measure(holding: Holding): Promise<boolean> {
    const { store } = this.#options;
    const folder = store.event(holding.place.id)?.folder;
    const bytes = folder === undefined ? holding.bytes : await folderBytes(folder);
    if (bytes !== holding.bytes) store.shelf.measured({ ...holding, bytes });
    return bytes !== holding.bytes;
  }

  #tell(): void {
    const { log, onState, clock } = this.#options;
    const { view } = this;
    const isNews = view.state !== this.#told;
    if (!isNews && clock.nowMs() - this.#toldNowMs < LOOK_EVERY_MS) return;
    const { state, usedBytes, freeBytes } = view;
    if (isNews && state !== 'ok' && !this.#isAway)
      log.warn({ state, usedBytes, freeBytes, reasons: this.problems }, sentenceOf(state));
    if (isNews && state === 'ok' && this.#told !== undefined) log.info({ usedBytes, freeBytes }, 'there is room again');
    this.#told = state;
    this.#toldNowMs = clock.nowMs();
    onState(view);
  }
}

function sentenceOf(state: 'low' | 'full'): string {
  return state === 'full' ? 'the disk is full: nothing more is recorded, alerts go on' : 'the disk is nearly full';
}
