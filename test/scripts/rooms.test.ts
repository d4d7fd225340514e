import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { arrowsOf, circlesOf, floorsOf, upwardArrows } from '../../scripts/rooms/arrows.ts';
import { drawingOf } from '../../scripts/rooms/drawing.ts';
import { type House, readChapters, readHouse } from '../../scripts/rooms/house.ts';
import { type Import, importsOf } from '../../scripts/rooms/imports.ts';
import { FLOOR_OF, mayImport, PACKAGES, roomOf } from '../../scripts/rooms/rooms.mjs';
import { packagePath } from '../../src/lib/package-root.ts';

const isAllowed = ({ from, to }: Import): boolean => mayImport(roomOf(from) ?? from, roomOf(to) ?? to);
const topFolder = (path: string): string | undefined => path.split('/')[0];
const asText = ({ from, to }: Import): string => `${from} -> ${to}`;

describe('the house as it stands', () => {
  let house: House;
  beforeAll(async () => {
    house = await readHouse(packagePath());
  });

  it('has no arrow back up', () => {
    const upward = house.imports.filter((each) => !isAllowed(each));
    expect(upward.map(asText)).toEqual([]);
  });

  it('has no circle', () => {
    expect(circlesOf(arrowsOf(house.imports, roomOf))).toEqual([]);
  });

  it('has exactly the rooms of the table, and no loose file but main.ts', () => {
    expect(house.names).toEqual([...FLOOR_OF.keys()].toSorted());
  });

  it('names the packages that are installed, and no others', async () => {
    const text = await readFile(packagePath('package.json'), 'utf8');
    const { dependencies, optionalDependencies } = JSON.parse(text) as Record<string, object>;
    // The build ships it (scripts/ship-onnxruntime.ts).
    const names = ['onnxruntime-node', ...Object.keys({ ...dependencies, ...optionalDependencies })];
    const named = Object.keys(PACKAGES).filter((name) => !name.startsWith('node:'));
    expect(named.toSorted()).toEqual(names.toSorted());
  });

  it('has no circle between the chapters of the store', async () => {
    const chapters = await readChapters(packagePath(), 'src/store');
    expect(chapters.names).toContain('folder');
    expect(circlesOf(chapters.arrows)).toEqual([]);
  });
});

describe('the imports of a file', () => {
  it('are found in every form, packages and comments apart', () => {
    const text = [
      "import './a.ts';",
      "import type { B } from '../b/b.ts';",
      "import {\n  c,\n  type D,\n} from '../c.ts';",
      "export * from './d.ts';",
      "export { e } from './e.ts';",
      "type F = import('./f.ts').F;",
      "const g = await import('./g.ts');",
      "import { z } from 'zod';",
      "// import './no.ts';",
      "export const said = 'from';",
      "export function h() {\n  return split(' from ', './no.ts');\n}",
    ].join('\n');
    const found = importsOf('src/x/x.ts', text).map(({ to }) => to);
    expect(found).toEqual(['a', '../b/b', '../c', 'd', 'e', 'f', 'g'].map((name) => join('src/x', `${name}.ts`)));
  });
});

describe('arrows', () => {
  const arrows = arrowsOf(
    [
      { from: 'top/a.ts', to: 'left/a.ts' },
      { from: 'top/b.ts', to: 'left/b.ts' },
      { from: 'left/a.ts', to: 'right/a.ts' },
      { from: 'left/a.ts', to: 'left/b.ts' },
      { from: 'right/a.ts', to: 'left/b.ts' },
      { from: 'right/a.ts', to: 'ground/a.ts' },
    ],
    topFolder,
  );

  it('count the statements between two rooms and none within a room', () => {
    expect(arrows.map(({ from, to, count }) => `${from} ${to} ${count}`)).toEqual([
      'top left 2',
      'left right 1',
      'right left 1',
      'right ground 1',
    ]);
  });

  it('that form a circle are found, and only those', () => {
    expect(circlesOf(arrows)).toEqual([['left', 'right']]);
    expect(circlesOf(arrows.filter(({ from, to }) => from !== 'right' || to !== 'left'))).toEqual([]);
  });

  it('say on which floor a chapter lies', () => {
    const floors = floorsOf(['top', 'left', 'right', 'ground'], arrows);
    expect(Object.fromEntries(floors)).toEqual({ top: 2, left: 1, right: 1, ground: 0 });
  });

  it('that go up, sideways or nowhere are found', () => {
    const floors = new Map(Object.entries({ low: 0, high: 1, beside: 1 }));
    const [down, up, sideways, nowhere] = [
      { from: 'high', to: 'low', count: 1 },
      { from: 'low', to: 'high', count: 1 },
      { from: 'high', to: 'beside', count: 1 },
      { from: 'high', to: 'attic', count: 1 },
    ] as const;
    expect(upwardArrows([down, up, sideways, nowhere], floors)).toEqual([up, sideways, nowhere]);
  });

  it('are drawn from the top floor down, with a line that sums up', () => {
    const floorOf = new Map(Object.entries({ ground: 0, right: 1, left: 2, top: 3 }));
    expect(drawingOf({ of: 'rooms', names: [...floorOf.keys()], imports: [], arrows, floorOf })).toEqual([
      '  3  top    → left 2',
      '',
      '  2  left   → right 1',
      '',
      '  1  right  → left 1 ↑ · ground 1',
      '',
      '  0  ground',
      '',
      '4 rooms, 4 floors, 4 arrows, 1 circle (left ↔ right), 1 upward arrow',
    ]);
  });
});
