/** Buttons under the bar. */
import { type ReadonlySignal, useComputed } from '@preact/signals';
import type { RefObject } from 'preact';
import type { EventView } from '../../../src/messages/event.ts';
import { clipUrl } from '../api.ts';
import { phaseOf } from '../core/events.ts';
import { clipTime, timeText } from '../core/format.ts';
import { boxesShown, sound } from '../state/settings.ts';
import { Icon } from '../parts/icon.tsx';
import { RATES, toggleBoxes, toggleFullScreen } from './player-keys.ts';
import type { Playback } from './playback.ts';

/** Further behind the newest frame than this, a jump is worth offering. */
const BEHIND_MS = 3500;

interface ControlsProps {
  readonly event: EventView;
  readonly playback: ReadonlySignal<Playback | undefined>;
  readonly frame: RefObject<HTMLDivElement | null>;
}

export function Controls({ event, playback, frame }: ControlsProps) {
  const player = playback.value;
  const isPlaying = player?.state.value === 'playing' || player?.state.value === 'loading';
  const areBoxesOn = boxesShown.value === 'on';
  return (
    <div class="controls">
      <button
        type="button"
        class="icon-button play"
        aria-label={isPlaying ? 'Pause' : 'Play'}
        title={isPlaying ? 'Pause (Space)' : 'Play (Space)'}
        onClick={() => player?.toggle()}
      >
        <Icon name={isPlaying ? 'pause' : 'play'} />
      </button>
      {player && <Times event={event} player={player} />}
      {player && phaseOf(event) === 'live' && player.edgeMs.value > 0 && <JumpToLive player={player} />}
      <span class="push" />
      <Rates player={player} />
      <button
        type="button"
        class="toggle"
        data-testid="boxes-toggle"
        aria-pressed={areBoxesOn}
        title={areBoxesOn ? 'Hide the boxes (B)' : 'Show the boxes (B)'}
        onClick={toggleBoxes}
      >
        <Icon name="boxes" />
        <span>Boxes</span>
      </button>
      {player?.hasSound.value === true && <Sound player={player} />}
      <Download event={event} />
      <button
        type="button"
        class="icon-button"
        aria-label="Full screen"
        title="Full screen (F)"
        onClick={() => toggleFullScreen(frame.current)}
      >
        <Icon name="expand" />
      </button>
    </div>
  );
}

function Sound({ player }: { readonly player: Playback }) {
  const isOn = sound.value === 'on';
  const label = isOn ? 'Mute' : 'Sound on';
  return (
    <button
      type="button"
      class="icon-button"
      data-testid="sound-toggle"
      aria-pressed={isOn}
      aria-label={label}
      title={`${label} (M)`}
      onClick={() => player.toggleSound()}
    >
      <Icon name={isOn ? 'sound' : 'mute'} />
    </button>
  );
}

/** The clip as one file, once it is complete; its name comes from the recorder. */
function Download({ event }: { readonly event: EventView }) {
  const hasFile = phaseOf(event) === 'ready';
  return (
    <a
      class="icon-button"
      data-testid="download"
      aria-label="Download the clip"
      title={hasFile ? 'Download the clip (MP4)' : 'The clip can be downloaded once it is complete'}
      aria-disabled={!hasFile}
      {...(hasFile && { href: `${clipUrl(event.id, 'clip.mp4')}?download`, download: true })}
    >
      <Icon name="download" />
    </a>
  );
}

function Times({ event, player }: { readonly event: EventView; readonly player: Playback }) {
  const beginMs = Date.parse(event.startedAt) - (event.preRollMs ?? 0);
  const position = useComputed(() => clipTime(player.positionMs.value)).value;
  const wall = useComputed(() => timeText(beginMs + Math.floor(player.positionMs.value / 1000) * 1000)).value;
  const end = clipTime(event.durationMs ?? player.edgeMs.value);
  return (
    <span class="times">
      <b>{position}</b> / {end}
      <span class="wall" title="Time of day in the picture">
        {wall}
      </span>
    </span>
  );
}

function JumpToLive({ player }: { readonly player: Playback }) {
  const isBehind = useComputed(() => player.edgeMs.value - player.positionMs.value > BEHIND_MS).value;
  return (
    <button
      type="button"
      class="jump"
      data-behind={isBehind}
      disabled={!isBehind}
      onClick={() => player.jumpToLive()}
      title="Jump to live (L)"
    >
      <span class="dot" />
      {isBehind ? 'Jump to live' : 'At live'}
    </button>
  );
}

function Rates({ player }: { readonly player: Playback | undefined }) {
  return (
    <div class="rates" role="group" aria-label="Speed">
      {RATES.map((rate) => (
        <button
          type="button"
          key={rate}
          aria-pressed={(player?.rate.value ?? 1) === rate}
          aria-label={`Speed ${rate}`}
          onClick={() => player?.setRate(rate)}
        >
          {rate === 0.5 ? '½' : rate}×
        </button>
      ))}
    </div>
  );
}
