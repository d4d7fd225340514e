/** The bar under the video: pre-roll, people, post-roll, how many over time, and where the player is. Also the seek slider. */
import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { EventView } from '../../../src/messages/event.ts';
import { phaseOf, visitMs } from '../core/events.ts';
import { clipTime, countText, durationText } from '../core/format.ts';
import { areaPath, countSteps, type Span, spansOf } from '../core/timeline.ts';
import type { Playback } from './playback.ts';
import type { TrackLines } from './track-lines.ts';

const WIDTH = 1000;
const HEIGHT = 100;
const KEY_STEPS_MS = new Map([
  ['ArrowLeft', -1000],
  ['ArrowRight', 1000],
  ['PageDown', -5000],
  ['PageUp', 5000],
]);
const KIND_TEXT: Record<Span['kind'], string> = { preRoll: 'Before', person: 'In view', empty: 'Nobody', postRoll: 'After' };

interface ClipBarProps {
  readonly event: EventView;
  readonly lines: TrackLines;
  readonly playback: ReadonlySignal<Playback | undefined>;
}

export function ClipBar({ event, lines, playback }: ClipBarProps) {
  const player = playback.value;
  const shape = shapeOf(event, lines, player);
  const { durationMs } = shape;
  const spans = spansOf(shape);
  const steps = countSteps(shape.lines);
  const most = Math.max(0, ...steps.map(({ count }) => count));
  return (
    <div class="clip-bar">
      <Slider player={player} durationMs={durationMs}>
        <svg class="people-area" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path d={areaPath(steps, { durationMs, width: WIDTH, height: HEIGHT })} />
        </svg>
        <div class="spans" aria-hidden="true">
          {spans.map(({ kind, fromMs, toMs }) => (
            <span key={fromMs} data-kind={kind} style={{ flexGrow: toMs - fromMs }} />
          ))}
        </div>
      </Slider>
      <div class="legend">
        {legendOf(spans).map(({ kind, ms }) => (
          <span key={kind} data-kind={kind}>
            {KIND_TEXT[kind]} <b>{durationText(ms)}</b>
          </span>
        ))}
        {most > 0 && <span class="most">at most {countText(most, event.label)} at once</span>}
      </div>
    </div>
  );
}

function shapeOf(event: EventView, lines: TrackLines, player: Playback | undefined) {
  const isOpen = phaseOf(event) === 'live';
  const preRollMs = event.preRollMs ?? 0;
  const knownMs = Math.max(lines.value.at(-1)?.ptsMs ?? 0, player?.edgeMs.value ?? 0);
  return {
    durationMs: event.durationMs ?? knownMs,
    preRollMs,
    lines: lines.value,
    lastSeenMs: event.endedAt === undefined ? undefined : preRollMs + visitMs(event, 0),
    isOpen,
  };
}

function legendOf(spans: readonly Span[]): readonly { readonly kind: Span['kind']; readonly ms: number }[] {
  const totals = new Map<Span['kind'], number>();
  for (const { kind, fromMs, toMs } of spans) totals.set(kind, (totals.get(kind) ?? 0) + toMs - fromMs);
  return [...totals].map(([kind, ms]) => ({ kind, ms }));
}

interface SliderProps {
  readonly player: Playback | undefined;
  readonly durationMs: number;
  readonly children: ComponentChildren;
}

function Slider({ player, durationMs, children }: SliderProps) {
  const track = useRef<HTMLDivElement>(null);
  const hoverMs = useSignal<number | undefined>(undefined);
  const msAt = ({ clientX }: PointerEvent): number => {
    const { left, width } = track.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return Math.min(1, Math.max(0, (clientX - left) / width)) * durationMs;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const stepMs = KEY_STEPS_MS.get(event.key);
    if (stepMs !== undefined) player?.seekBy(stepMs);
    else if (event.key === 'Home') player?.seek(0);
    else if (event.key === 'End') player?.seek(durationMs);
    else return;
    event.preventDefault();
  };
  const positionText = useComputed(() => clipTime(player?.positionMs.value ?? 0)).value;
  return (
    <div
      ref={track}
      class="clip-track"
      role="slider"
      tabIndex={0}
      aria-label="Position in the clip"
      aria-valuemin={0}
      aria-valuemax={Math.round(durationMs / 1000)}
      aria-valuenow={Math.floor((player?.positionMs.peek() ?? 0) / 1000)}
      aria-valuetext={`${positionText} of ${clipTime(durationMs)}`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        track.current?.setPointerCapture(event.pointerId);
        player?.seek(msAt(event));
      }}
      onPointerMove={(event) => {
        const atMs = msAt(event);
        hoverMs.value = event.pointerType === 'mouse' ? atMs : undefined;
        if (event.buttons === 1) player?.seek(atMs);
      }}
      onPointerLeave={() => (hoverMs.value = undefined)}
    >
      {children}
      {hoverMs.value !== undefined && durationMs > 0 && (
        <span class="hover" style={{ left: `${(hoverMs.value / durationMs) * 100}%` }}>
          {clipTime(hoverMs.value)}
        </span>
      )}
      {player && <Playhead player={player} durationMs={durationMs} />}
    </div>
  );
}

/** Of its own, so that a frame of video re-renders one element. */
function Playhead({ player, durationMs }: { readonly player: Playback; readonly durationMs: number }) {
  const share = durationMs > 0 ? Math.min(1, player.positionMs.value / durationMs) : 0;
  return <span class="playhead" style={{ left: `${share * 100}%` }} aria-hidden="true" />;
}
