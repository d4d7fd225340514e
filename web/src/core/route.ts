/** The part of the address after `#` -> a route, and back. Unknown addresses are the timeline. */
import { unanswered } from '../../../src/lib/never.ts';

export type Route =
  | { readonly name: 'timeline' }
  | { readonly name: 'event'; readonly id: string }
  /** no time: now */
  | { readonly name: 'why'; readonly camera: string; readonly atMs?: number; readonly windowMs?: number };

export function parseRoute(hash: string): Route {
  const [path = '', search] = hash.replace(/^#?\/?/, '').split('?');
  const [first, second] = path.split('/');
  if (first === 'events' && second) return { name: 'event', id: safeDecode(second) };
  if (first === 'why' && second) return { name: 'why', camera: safeDecode(second), ...whyOf(new URLSearchParams(search)) };
  return { name: 'timeline' };
}

export function hashOf(route: Route): string {
  switch (route.name) {
    case 'event':
      return `#/events/${encodeURIComponent(route.id)}`;
    case 'why': {
      const search = new URLSearchParams();
      if (route.atMs !== undefined) search.set('at', String(Math.round(route.atMs)));
      if (route.windowMs !== undefined) search.set('window', String(route.windowMs));
      return `#/why/${encodeURIComponent(route.camera)}${search.size > 0 ? `?${search.toString()}` : ''}`;
    }
    case 'timeline':
      return '#/';
    default:
      return unanswered(route);
  }
}

function whyOf(search: URLSearchParams): { atMs?: number; windowMs?: number } {
  const [atMs, windowMs] = [wholeOf(search.get('at')), wholeOf(search.get('window'))];
  return { ...(atMs === undefined ? {} : { atMs }), ...(windowMs === undefined ? {} : { windowMs }) };
}

function wholeOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % somebody typed
  }
}
