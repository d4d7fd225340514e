/**
 * A video element as signals and actions, in clip time (ms). One Playback per shown clip: it starts loading with `begin`
 * (a person pressed play, or the event is live) and lets go of everything with `close`.
 */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { clipUrl } from '../api.ts';
import { sound } from '../state/settings.ts';
import { openClip } from './clip-source.ts';

/** How far behind the newest frame "live" is: a segment, so that playback does not stall at once. */
const LIVE_EDGE_MS = 1200;
const FRAME_MS = 1000 / 15;

export type PlaybackState = 'idle' | 'loading' | 'playing' | 'paused' | 'ended' | 'failed';

export class Playback {
  readonly state: Signal<PlaybackState> = signal('idle');
  readonly isWaiting: Signal<boolean> = signal(false);
  readonly positionMs: Signal<number> = signal(0);
  /** end of what can be played by now */
  readonly edgeMs: Signal<number> = signal(0);
  readonly rate: Signal<number> = signal(1);
  readonly hasSound: Signal<boolean> = signal(false);
  readonly message: Signal<string | undefined> = signal(undefined);
  readonly video: HTMLVideoElement;
  readonly #id: string;
  readonly #isOpen: ReadonlySignal<boolean>;
  readonly #life = new AbortController();
  #session: AbortController | undefined;
  #wishMs: number | undefined;

  constructor(video: HTMLVideoElement, { id, isOpen }: { readonly id: string; readonly isOpen: ReadonlySignal<boolean> }) {
    this.video = video;
    this.#id = id;
    this.#isOpen = isOpen;
    this.#listen();
  }

  /** Loads the clip and plays it from its beginning; once more after a failure. */
  begin(): void {
    this.#session?.abort();
    const session = new AbortController();
    this.#session = session;
    this.state.value = 'loading';
    this.message.value = undefined;
    this.video.muted = sound.peek() === 'off';
    openClip(this.video, clipUrl(this.#id, 'index.m3u8'), {
      signal: session.signal,
      onRetry: () => {
        this.isWaiting.value = true;
      },
      onSound: () => {
        this.hasSound.value = true;
      },
      onFailed: (message) => this.#fail(message),
    }).catch(() => this.#fail('The player could not be loaded. Reload the page.'));
    this.#play();
  }

  toggle(): void {
    if (this.state.value === 'idle' || this.state.value === 'failed') this.begin();
    else if (this.video.paused) this.#play();
    else this.video.pause();
  }

  /** Before the clip is loaded the wish is kept until it is. */
  seek(clipMs: number): void {
    if (this.video.readyState === HTMLMediaElement.HAVE_NOTHING) {
      this.#wishMs = clipMs;
      if (this.state.value === 'idle') this.begin();
      return;
    }
    const toMs = Math.min(Math.max(0, clipMs), Math.max(0, this.edgeMs.value - 50));
    this.video.currentTime = toMs / 1000;
    this.positionMs.value = toMs;
  }

  seekBy(ms: number): void {
    this.seek(this.positionMs.value + ms);
  }

  stepFrame(direction: 1 | -1): void {
    this.video.pause();
    this.seekBy(direction * FRAME_MS);
  }

  jumpToLive(): void {
    this.seek(this.edgeMs.value - LIVE_EDGE_MS);
    this.setRate(1);
    this.#play();
  }

  setRate(rate: number): void {
    this.rate.value = rate;
    this.video.playbackRate = rate;
  }

  /** Also for the clips that are opened after this one. */
  toggleSound(): void {
    if (!this.hasSound.value) return;
    sound.value = sound.value === 'on' ? 'off' : 'on';
    this.video.muted = sound.value === 'off';
  }

  close(): void {
    this.#life.abort();
    this.#session?.abort();
  }

  #play(): void {
    this.video.play().catch((error: unknown) => {
      // A browser that forbids playing without a tap, or a load that replaced this one: the button says so.
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      this.state.value = 'paused';
      if (this.video.muted) return;
      // With sound it wants a tap; without, it may begin.
      this.video.muted = true;
      sound.value = 'off';
      this.#play();
    });
  }

  #fail(message: string): void {
    this.isWaiting.value = false;
    this.state.value = 'failed';
    this.message.value = message;
  }

  #listen(): void {
    const { video } = this;
    const on = (names: string, run: () => void): void => {
      for (const name of names.split(' ')) video.addEventListener(name, run, { signal: this.#life.signal });
    };
    const settle = (state: PlaybackState) => () => {
      if (this.state.value !== 'failed') this.state.value = state;
    };
    on('playing', settle('playing'));
    on('playing canplay seeked ended', () => {
      this.isWaiting.value = false;
    });
    on('pause', () => !video.ended && settle('paused')());
    on('ended', settle('ended'));
    on('waiting seeking', () => {
      this.isWaiting.value = true;
      if (this.#isOpen.value && this.rate.value > 1) this.setRate(1); // it has caught up with the present
    });
    on('timeupdate seeked loadedmetadata', () => {
      this.positionMs.value = video.currentTime * 1000;
    });
    on('loadeddata', () => {
      if (this.#wishMs !== undefined) this.seek(this.#wishMs);
      this.#wishMs = undefined;
    });
    on('durationchange progress loadedmetadata timeupdate', () => this.#noteEdge());
  }

  #noteEdge(): void {
    const { seekable, duration } = this.video;
    const end = seekable.length > 0 ? seekable.end(seekable.length - 1) : duration;
    if (Number.isFinite(end)) this.edgeMs.value = end * 1000;
  }
}
