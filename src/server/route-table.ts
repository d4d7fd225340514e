/**
 * A path → what stands at it. Looked up in the order of the list, first match wins, so `/*` comes last; what is known of a path
 * is everything that the list says of the same pattern.
 */
import { HttpError } from './problem.ts';
import type { HttpRoute, Route, SocketRoute } from './route.ts';

/** Everything at one path. */
export interface Place {
  /** the parts of the path; throws a 400 for one that is no text */
  params(): Readonly<Record<string, string>>;
  /** by method; HEAD is GET */
  readonly answers: ReadonlyMap<string, HttpRoute>;
  readonly socket: SocketRoute | undefined;
}

interface Entry {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly answers: Map<string, HttpRoute>;
  socket: SocketRoute | undefined;
}

export class RouteTable {
  readonly #entries = new Map<string, Entry>();

  /** Throws where two routes have the same path and method: one of them would never be reached. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const entry = this.#entries.get(route.path) ?? entryOf(route.path);
      this.#entries.set(route.path, entry);
      if (route.method === 'SOCKET' ? entry.socket : entry.answers.has(route.method))
        throw new Error(`Expected one route for ${route.method} ${route.path} but received two`);
      if (route.method === 'SOCKET') entry.socket = route;
      else entry.answers.set(route.method, route);
    }
  }

  /** Undefined where nothing is. */
  at(path: string): Place | undefined {
    for (const { pattern, names, answers, socket } of this.#entries.values()) {
      const match = pattern.exec(path);
      if (!match) continue;
      const params = () => Object.fromEntries(names.map((name, i) => [name, decoded(match[i + 1] ?? '')]));
      return { params, answers, socket };
    }
    return undefined;
  }
}

function entryOf(path: string): Entry {
  const parts = path.split('/');
  const names = parts.filter((part) => part.startsWith(':')).map((part) => part.slice(1));
  const source = parts.map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '([^/]+)' : escaped(part))).join('/');
  return { pattern: new RegExp(`^${source}$`, 's'), names, answers: new Map(), socket: undefined };
}

function escaped(part: string): string {
  return part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    if (cause instanceof URIError) throw new HttpError(400, '');
    throw cause;
  }
}
