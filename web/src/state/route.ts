/** Where the viewer is: the address, and whether list and stage stand side by side. */
import { signal } from '@preact/signals';
import { parseRoute, type Route } from '../core/route.ts';

/** Wide enough for list and player side by side; the style sheet says the same. */
const WIDE = '(min-width: 1080px)';

export const route = signal<Route>(parseRoute(location.hash));
export const isWide = signal(matchMedia(WIDE).matches);

export function startRoute(): void {
  addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash);
  });
  matchMedia(WIDE).addEventListener('change', ({ matches }) => {
    isWide.value = matches;
  });
}
