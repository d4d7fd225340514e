/** Keys of the player, anywhere on the page except where a key already means something (a focused button, the slider). */
import type { ReadonlySignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { boxesShown } from '../state/settings.ts';
import type { Playback } from './playback.ts';

export const RATES = [0.5, 1, 2] as const;
const SEEK_MS = 5000;

export function toggleBoxes(): void {
  boxesShown.value = boxesShown.value === 'on' ? 'off' : 'on';
}

export function toggleFullScreen(frame: HTMLElement | null): void {
  const request = document.fullscreenElement ? document.exitFullscreen() : frame?.requestFullscreen?.();
  request?.catch(() => undefined); // refused by the browser: the page stays as it is
}

export function usePlayerKeys(playback: ReadonlySignal<Playback | undefined>, frame: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const life = new AbortController();
    const onKey = (event: KeyboardEvent): void => {
      const { value: player } = playback;
      if (!player || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector('dialog[open]')) return;
      const isOnButton = event.target instanceof Element && event.target.closest('button, input, select, textarea') !== null;
      if (isOnButton && event.key === ' ') return;
      const action = actionOf(event.key, { player, frame: frame.current });
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', onKey, { signal: life.signal });
    return () => life.abort();
  }, []);
}

function actionOf(
  key: string,
  { player, frame }: { readonly player: Playback; readonly frame: HTMLElement | null },
): (() => void) | undefined {
  const actions = new Map<string, () => void>([
    [' ', () => player.toggle()],
    ['ArrowLeft', () => player.seekBy(-SEEK_MS)],
    ['ArrowRight', () => player.seekBy(SEEK_MS)],
    [',', () => player.stepFrame(-1)],
    ['.', () => player.stepFrame(1)],
    ['b', toggleBoxes],
    ['f', () => toggleFullScreen(frame)],
    ['m', () => player.toggleSound()],
    ['l', () => player.jumpToLive()],
    ...RATES.map((rate, i) => [String(i + 1), () => player.setRate(rate)] as const),
  ]);
  return actions.get(key);
}
