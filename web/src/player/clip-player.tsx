/** The player of one event: video, boxes over it, what the player waits for, the bar and the buttons. Mount with `key={id}`. */
import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { EventView } from '../../../src/messages/event.ts';
import { clipUrl } from '../api.ts';
import { phaseOf } from '../core/events.ts';
import { boxesShown } from '../state/settings.ts';
import { Icon } from '../parts/icon.tsx';
import { BoxesLayer } from './boxes-layer.tsx';
import { ClipBar } from './clip-bar.tsx';
import { Controls } from './controls.tsx';
import { Playback } from './playback.ts';
import { usePlayerKeys } from './player-keys.ts';
import { useTrackLines } from './track-lines.ts';

/** Shape of the picture per camera, so that the page does not jump when the next clip of it opens. */
const ratios = new Map<string, number>();

interface ClipPlayerProps {
  readonly event: EventView;
  readonly autoplay: boolean;
  /** the clip is being loaded, to be watched */
  readonly onBegin: () => void;
}

export function ClipPlayer({ event, autoplay, onBegin }: ClipPlayerProps) {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const playback = useSignal<Playback | undefined>(undefined);
  const ratio = useSignal(ratios.get(event.camera) ?? 16 / 9);
  const phase = phaseOf(event);
  const isOpen = useSignal(phase === 'live');
  isOpen.value = phase === 'live';
  const lines = useTrackLines(event.id, phase);
  const noteRatio = (width: number, height: number): void => {
    if (width === 0 || height === 0) return;
    ratio.value = width / height;
    ratios.set(event.camera, ratio.value);
  };
  const hasClip = phase !== 'failed' || event.files.length > 0;

  useEffect(() => {
    if (!video.current) return undefined;
    const made = new Playback(video.current, { id: event.id, isOpen });
    playback.value = made;
    return () => made.close();
  }, [event.id]);
  useEffect(() => {
    if (autoplay && hasClip && playback.value?.state.peek() === 'idle') playback.value.begin();
  }, [autoplay, hasClip, playback.value]);
  useSignalEffect(() => {
    if (playback.value?.state.value === 'loading') onBegin();
  });
  usePlayerKeys(playback, frame);
  const hasPoster = event.urls.snapshot !== undefined || (phase !== 'live' && phase !== 'failed');
  const poster = hasPoster ? clipUrl(event.id, 'snapshot.jpg') : undefined;
  useEffect(() => {
    if (poster === undefined || ratios.has(event.camera)) return;
    const picture = new Image();
    picture.addEventListener('load', () => noteRatio(picture.naturalWidth, picture.naturalHeight));
    picture.src = poster;
  }, [poster]);

  return (
    <div class="player">
      <div class="video-frame" ref={frame} style={{ aspectRatio: ratio.value }}>
        <video
          ref={video}
          data-testid="player-video"
          muted
          playsInline
          preload="none"
          aria-label={`Clip of ${event.camera}`}
          onClick={() => playback.value?.toggle()}
          onLoadedMetadata={({ currentTarget }) => noteRatio(currentTarget.videoWidth, currentTarget.videoHeight)}
          {...(poster !== undefined && { poster })}
        />
        <BoxesLayer playback={playback} lines={lines} camera={event.camera} isShown={boxesShown.value === 'on'} />
        {hasClip ? <Cover playback={playback} isOpen={isOpen} /> : <NoClip reason={event.reason} />}
      </div>
      {hasClip && <ClipBar event={event} lines={lines} playback={playback} />}
      {hasClip && <Controls event={event} playback={playback} frame={frame} />}
    </div>
  );
}

/** What lies over the picture while it does not play. */
function Cover({
  playback,
  isOpen,
}: {
  readonly playback: Signal<Playback | undefined>;
  readonly isOpen: Signal<boolean>;
}): VNode | null {
  const player = playback.value;
  if (!player) return null;
  switch (player.state.value) {
    case 'idle':
    case 'ended':
      return (
        <button type="button" class="cover-button" aria-label="Play" onClick={() => player.toggle()}>
          <Icon name={player.state.value === 'ended' ? 'replay' : 'play'} />
        </button>
      );
    case 'loading':
      return <Waiting text={isOpen.value ? 'Preparing the clip' : ''} isFirst />;
    case 'failed':
      return (
        <div class="cover-message" role="alert">
          <p>{player.message.value}</p>
          <button type="button" class="button" onClick={() => player.begin()}>
            Try again
          </button>
        </div>
      );
    case 'paused':
      return null;
    default:
      return player.isWaiting.value ? <Waiting text="" /> : null;
  }
}

function Waiting({ text, isFirst = false }: { readonly text: string; readonly isFirst?: boolean }) {
  return (
    <div class="waiting" data-first={isFirst} role="status">
      <span class="spinner" />
      {text}
    </div>
  );
}

function NoClip({ reason }: { readonly reason: string | undefined }) {
  return (
    <div class="cover-message">
      <p>There is no clip of this event.</p>
      {reason !== undefined && <p class="cover-reason">{reason}</p>}
    </div>
  );
}
