/** What a viewer chose, remembered in this browser. A browser without storage remembers until the page is left. */
import { effect, type Signal, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

export const theme = remembered<Theme>('theme', ['auto', 'light', 'dark']);
export const boxesShown = remembered<'on' | 'off'>('boxes', ['on', 'off']);
/** Off until somebody asks for it: browsers let no page begin with sound, and people neither. */
export const sound = remembered<'off' | 'on'>('sound', ['off', 'on']);

effect(() => {
  if (theme.value) dispatchEvent(new Event('lookout:theme')); // theme.js, which runs before the first paint, applies it
});

/** A setting with a short list of values; the first is the default. */
function remembered<T extends string>(name: string, values: readonly [T, ...T[]]): Signal<T> {
  const key = `lookout.${name}`;
  const stored = read(key);
  const setting = signal<T>(values.find((value) => value === stored) ?? values[0]);
  effect(() => write(key, setting.value));
  return setting;
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined; // storage is switched off
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return; // storage is switched off or full: the choice holds until the page is left
  }
}
