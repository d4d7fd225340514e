/** What is known of one camera right now, from its source, its people and its events; says when something changed. No I/O. */
import { unanswered } from '../lib/never.ts';
import type { CameraStatus, CameraView, PersonCount } from '../messages/camera.ts';
import type { Feed, SourceState } from '../messages/video.ts';

type Situation = Omit<CameraStatus, 'since'>;

export class CameraState {
  readonly name: string;
  #situation: Situation = { state: 'offline', reason: 'starting' };
  #source: Situation = this.#situation;
  #trouble: string | undefined;
  #sinceMs: number;
  #people = { count: 0, total: 0 };
  /** a picture was looked at since the source is there */
  #isCounted = false;
  #openEvent: string | undefined;
  #feed: Feed = 'frames';
  readonly #zones: CameraView['zones'];

  constructor(name: string, atMs: number, zones?: CameraView['zones']) {
    this.name = name;
    this.#sinceMs = atMs;
    this.#zones = zones;
  }

  get status(): CameraStatus {
    return { ...this.#situation, since: new Date(this.#sinceMs).toISOString() };
  }

  /** Whoever was in view when a camera went away may be gone, and somebody else there. */
  get person(): PersonCount {
    const { count, total } = this.#people;
    return { count: this.#situation.state === 'online' && this.#isCounted ? count : null, total };
  }

  /** what the camera is recorded from now */
  get feed(): Feed {
    return this.#feed;
  }

  get view(): CameraView {
    return {
      name: this.name,
      status: this.status,
      person: this.person,
      ...(this.#openEvent === undefined ? {} : { openEvent: this.#openEvent }),
      ...(this.#zones === undefined ? {} : { zones: this.#zones }),
    };
  }

  /** True when the status is another one than before. */
  onSource(state: SourceState, atMs: number): boolean {
    this.#source = situationOf(state);
    if (state.type === 'opened') this.#feed = state.format.feed;
    else this.#isCounted = false;
    return this.#settle(atMs);
  }

  /** What keeps an online camera from being watched, for example a detector that is being restarted; undefined when all is well. */
  onTrouble(reason: string | undefined, atMs: number): boolean {
    this.#trouble = reason;
    return this.#settle(atMs);
  }

  /** Also of a camera that is away: its people leave, and that is no look at who is there. */
  onPeople(people: { readonly count: number; readonly total: number }): void {
    this.#people = people;
    this.#isCounted = this.#source.state === 'online';
  }

  onEvent(id: string | undefined): void {
    this.#openEvent = id;
  }

  #settle(atMs: number): boolean {
    const next: Situation =
      this.#source.state === 'online' && this.#trouble !== undefined
        ? { state: 'degraded', reason: this.#trouble }
        : this.#source;
    if (next.state === this.#situation.state && next.reason === this.#situation.reason) return false;
    // `since` is that of the state; another reason for the same state does not make it newer.
    if (next.state !== this.#situation.state) this.#sinceMs = atMs;
    this.#situation = next;
    return true;
  }
}

function situationOf(state: SourceState): Situation {
  switch (state.type) {
    case 'opened':
      return { state: 'online' };
    case 'lost':
      return { state: 'offline', reason: state.reason };
    case 'ended':
      return { state: 'offline', reason: 'the input ended' };
    default:
      return unanswered(state);
  }
}
