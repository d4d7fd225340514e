/**
 * An event's playlist -> a video element: hls.js where there is MSE, the browser's own HLS elsewhere.
 * Starts at the clip's beginning (the pre-roll) also while it grows, waits for a held playlist, and recovers from faults
 * a bounded number of times. hls.js is loaded only when the first clip is opened.
 */
import type Hls from 'hls.js';
import type { ErrorData, LoadPolicy } from 'hls.js';
import workerUrl from 'hls.js/dist/hls.worker.js?url';
import { type Fault, isStuck, noTries, recoveryOf, type Tries } from '../core/recovery.ts';

export interface ClipSourceHandlers {
  /** the player waits for the network or starts over; it may still succeed */
  readonly onRetry: () => void;
  /** there is something to be heard */
  readonly onSound: () => void;
  readonly onFailed: (message: string) => void;
}

/** Longer than the recorder holds a playlist (8 s). */
const HELD_MS = 12_000;
const WATCH_MS = 2000;

function policy(tries: number): LoadPolicy {
  const retry = { maxNumRetry: tries, retryDelayMs: 500, maxRetryDelayMs: 4000 };
  return { default: { maxTimeToFirstByteMs: HELD_MS, maxLoadTimeMs: 30_000, timeoutRetry: retry, errorRetry: retry } };
}

/** Ends when the signal aborts. */
export async function openClip(
  video: HTMLVideoElement,
  url: string,
  { signal, ...handlers }: ClipSourceHandlers & { readonly signal: AbortSignal },
): Promise<void> {
  const { default: HlsPlayer } = await import('hls.js/light');
  if (signal.aborted) return;
  if (!HlsPlayer.isSupported()) {
    openNative(video, url, { signal, ...handlers });
    return;
  }
  const hls = new HlsPlayer({
    startPosition: 0,
    lowLatencyMode: false,
    enableWorker: true,
    workerPath: workerUrl,
    backBufferLength: 180,
    manifestLoadPolicy: policy(3),
    playlistLoadPolicy: policy(4),
    fragLoadPolicy: policy(4),
  });
  signal.addEventListener('abort', () => hls.destroy());
  recoverFaults(hls, url, { signal, ...handlers, events: HlsPlayer.Events });
  hls.attachMedia(video);
  hls.loadSource(url);
}

type Session = ClipSourceHandlers & { readonly signal: AbortSignal; readonly events: typeof Hls.Events };

function recoverFaults(hls: Hls, url: string, { signal, onRetry, onSound, onFailed, events }: Session): void {
  let tries: Tries = noTries;
  let bufferedNowMs = performance.now();
  const recover = (fault: Fault): void => {
    const recovery = recoveryOf(fault, tries);
    if (recovery.type === 'giveUp') {
      hls.stopLoad();
      clearInterval(watch);
      onFailed(recovery.message);
      return;
    }
    tries = recovery.tries;
    bufferedNowMs = performance.now();
    onRetry();
    if (recovery.type === 'recoverMedia') hls.recoverMediaError();
    else setTimeout(() => !signal.aborted && loadAgain(hls, url, recovery.type), recovery.waitMs);
  };
  // hls.js can come to rest without an error when the first segment of a growing clip fails a few times (seen with 1.7.4).
  const watch = setInterval(() => {
    const { latestLevelDetails: details, media } = hls;
    if (!details || !media || media.paused) return;
    const bufferedMs = bufferedEndMs(media);
    const idleMs = performance.now() - bufferedNowMs;
    if (isStuck({ idleMs, bufferedMs, edgeMs: details.edge * 1000, positionMs: media.currentTime * 1000 }))
      recover({ kind: 'network', isPlaylist: true });
  }, WATCH_MS);
  signal.addEventListener('abort', () => clearInterval(watch));
  hls.on(events.FRAG_BUFFERED, () => {
    tries = { ...tries, network: 0 };
    bufferedNowMs = performance.now();
  });
  hls.on(events.BUFFER_CREATED, (_name, { tracks }) => {
    if (Object.values(tracks).some((track) => track?.codec?.includes('mp4a') === true)) onSound();
  });
  hls.on(events.ERROR, (_name, data) => {
    if (data.fatal && !signal.aborted) recover(faultOf(data));
  });
}

function loadAgain(hls: Hls, url: string, how: 'reload' | 'resume'): void {
  if (how === 'resume') {
    hls.startLoad();
    return;
  }
  hls.config.startPosition = hls.media?.currentTime ?? 0;
  hls.loadSource(url);
}

/** End of what is buffered where the player is; its position where nothing is. */
function bufferedEndMs({ buffered, currentTime }: HTMLMediaElement): number {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) > currentTime) return buffered.end(i) * 1000;
  }
  return currentTime * 1000;
}

/** by the values of hls.js's ErrorTypes, which is not loaded with this file */
const FAULT_KINDS = new Map<string, Fault['kind']>([
  ['networkError', 'network'],
  ['mediaError', 'media'],
]);

function faultOf({ type, details, response }: ErrorData): Fault {
  return { kind: FAULT_KINDS.get(type) ?? 'other', status: response?.code, isPlaylist: details.startsWith('manifest') };
}

/** iPhones before iOS 17.1, and smart televisions. */
function openNative(
  video: HTMLVideoElement,
  url: string,
  { signal, onRetry, onSound, onFailed }: ClipSourceHandlers & { readonly signal: AbortSignal },
): void {
  let tries: Tries = noTries;
  const options = { signal };
  video.addEventListener(
    'error',
    () => {
      const kind = video.error?.code === MediaError.MEDIA_ERR_DECODE ? 'media' : 'network';
      const recovery = recoveryOf({ kind, isPlaylist: true }, tries);
      if (recovery.type === 'giveUp') {
        onFailed(recovery.message);
        return;
      }
      tries = recovery.tries;
      onRetry();
      setTimeout(() => !signal.aborted && video.load(), recovery.type === 'recoverMedia' ? 0 : recovery.waitMs);
    },
    options,
  );
  video.addEventListener(
    'loadedmetadata',
    () => {
      video.currentTime = 0;
      // Only browsers that play HLS themselves tell.
      const { audioTracks } = video as HTMLVideoElement & { readonly audioTracks?: { readonly length: number } };
      if (audioTracks !== undefined && audioTracks.length > 0) onSound();
    },
    { ...options, once: true },
  );
  video.src = url;
  signal.addEventListener('abort', () => {
    video.removeAttribute('src');
    video.load();
  });
}
