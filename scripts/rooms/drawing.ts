/** A house -> lines for a terminal, the top floor first, so that every arrow should go down. One that does not ends in `↑`. */
import { type Arrow, circlesOf, upwardArrows } from './arrows.ts';
import type { House } from './house.ts';

const WIDTH = 118;

export function drawingOf(house: House): string[] {
  const floors = [...new Set(house.names.map((name) => floorIn(house, name)))].toSorted((a, b) => b - a);
  return [...floors.flatMap((floor) => [...floorLines(house, floor), '']), summary(house, floors.length)];
}

function floorLines(house: House, floor: number): string[] {
  const indent = Math.max(...house.names.map((name) => name.length)) + 5;
  const upward = new Set(upwardArrows(house.arrows, house.floorOf));
  return house.names
    .filter((name) => floorIn(house, name) === floor)
    .flatMap((name, at) => {
      const targets = arrowsFrom(house, name).map((arrow) => `${arrow.to} ${arrow.count}${upward.has(arrow) ? ' ↑' : ''}`);
      return wrapped(`${(at === 0 ? String(floor) : '').padStart(3)}  ${name}`.padEnd(indent), targets);
    });
}

function summary({ of, names, arrows, floorOf }: House, floors: number): string {
  const circles = circlesOf(arrows).map((circle) => circle.join(' ↔ '));
  const named = circles.length > 0 ? ` (${circles.join('; ')})` : '';
  const upward = many(upwardArrows(arrows, floorOf).length, 'upward arrow');
  return `${names.length} ${of}, ${many(floors, 'floor')}, ${many(arrows.length, 'arrow')}, ${many(circles.length, 'circle')}${named}, ${upward}`;
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Those to the nearest floor first. */
function arrowsFrom(house: House, name: string): Arrow[] {
  return house.arrows
    .filter(({ from }) => from === name)
    .toSorted((a, b) => floorIn(house, b.to) - floorIn(house, a.to) || a.to.localeCompare(b.to, 'en'));
}

/** A room that the table does not know is drawn below the ground. */
function floorIn(house: House, name: string): number {
  return house.floorOf.get(name) ?? -1;
}

function wrapped(head: string, words: readonly string[]): string[] {
  const lines = [''];
  for (const word of words) {
    const line = lines.at(-1);
    const longer = line ? `${line} · ${word}` : word;
    if (head.length + longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line, at) =>
    (at === 0 ? `${head} ${line && '→'} ${line}` : `${' '.repeat(head.length)}   ${line}`).trimEnd(),
  );
}
