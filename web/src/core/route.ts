/** The part of the address after `#` -> a route, and back. Unknown addresses are the timeline. */
export type Route = { readonly name: 'timeline' } | { readonly name: 'event'; readonly id: string };

export function parseRoute(hash: string): Route {
  const [first, second] = hash.replace(/^#?\/?/, '').split(/[/?]/);
  if (first === 'events' && second) return { name: 'event', id: safeDecode(second) };
  return { name: 'timeline' };
}

export function hashOf(route: Route): string {
  return route.name === 'event' ? `#/events/${encodeURIComponent(route.id)}` : '#/';
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % somebody typed
  }
}
