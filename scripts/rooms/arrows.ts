/** Imports -> arrows between rooms (or chapters of a room), and what is wrong with them: circles, and arrows that do not go down. */
import type { Import } from './imports.ts';

/** `count` import statements in files of `from` name files of `to`. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** What has no name is left out, and so is what a room imports from itself. */
export function arrowsOf(imports: readonly Import[], nameOf: (path: string) => string | undefined): Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const each of imports) {
    const [from, to] = [nameOf(each.from), nameOf(each.to)];
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from} -> ${to}`;
    arrows.set(key, { from, to, count: (arrows.get(key)?.count ?? 0) + 1 });
  }
  return [...arrows.values()];
}

/** The names that reach each other, a list a circle: the strongly connected components of more than one name. */
export function circlesOf(arrows: readonly Arrow[]): string[][] {
  const names = [...new Set(arrows.map(({ from }) => from))].toSorted();
  const reach = new Map(names.map((name) => [name, reachedFrom(name, arrows)]));
  const circles: string[][] = [];
  for (const name of names) {
    if (!reach.get(name)?.has(name) || circles.some((circle) => circle.includes(name))) continue;
    circles.push(names.filter((other) => reach.get(name)?.has(other) && reach.get(other)?.has(name)));
  }
  return circles;
}

/** Name -> number of its floor where no table says it: one above the highest that it imports; a circle lies on one floor. */
export function floorsOf(names: readonly string[], arrows: readonly Arrow[]): Map<string, number> {
  const circles = circlesOf(arrows);
  const floors = new Map<string, number>();
  const floorOf = (name: string): number => {
    const known = floors.get(name);
    if (known !== undefined) return known;
    const together = circles.find((circle) => circle.includes(name)) ?? [name];
    const below = arrows.filter(({ from, to }) => together.includes(from) && !together.includes(to));
    const floor = Math.max(-1, ...below.map(({ to }) => floorOf(to))) + 1;
    for (const each of together) floors.set(each, floor);
    return floor;
  };
  for (const name of names) floorOf(name);
  return floors;
}

/** Arrows to the same floor or to one above, or between names that have no floor. */
export function upwardArrows(arrows: readonly Arrow[], floorOf: ReadonlyMap<string, number>): Arrow[] {
  return arrows.filter(({ from, to }) => {
    const [start, end] = [floorOf.get(from), floorOf.get(to)];
    return start === undefined || end === undefined || end >= start;
  });
}

function reachedFrom(name: string, arrows: readonly Arrow[]): Set<string> {
  const reached = new Set<string>();
  const todo = [name];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    for (const { from, to } of arrows) {
      if (from !== at || reached.has(to)) continue;
      reached.add(to);
      todo.push(to);
    }
  }
  return reached;
}
