/** The code as it lies on disk -> what the drawing and the tests look at: the rooms of the house, or the chapters of one folder. */
import { type Arrow, arrowsOf, floorsOf } from './arrows.ts';
import { type Import, importsIn, sourcesUnder } from './imports.ts';
import { FLOOR_OF, roomOf } from './rooms.mjs';

export interface House {
  /** `rooms`, or `chapters` of a folder. */
  readonly of: string;
  readonly names: readonly string[];
  readonly imports: readonly Import[];
  readonly arrows: readonly Arrow[];
  readonly floorOf: ReadonlyMap<string, number>;
}

/** The rooms that are there, on the floors that the table gives them. */
export async function readHouse(root: string): Promise<House> {
  const paths = [...(await sourcesUnder(root, 'src')), ...(await sourcesUnder(root, 'ffmpeg'))];
  const imports = await importsIn(root, paths);
  return { of: 'rooms', names: namesOf(paths, roomOf), imports, arrows: arrowsOf(imports, roomOf), floorOf: FLOOR_OF };
}

/** What lies in a folder, each subfolder and each loose file a chapter, on the floors that follow from the arrows. */
export async function readChapters(root: string, folder: string): Promise<House> {
  const chapterOf = (path: string): string | undefined =>
    path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split('/')[0] : undefined;
  const paths = await sourcesUnder(root, folder);
  const names = namesOf(paths, chapterOf);
  const imports = await importsIn(root, paths);
  const arrows = arrowsOf(imports, chapterOf);
  return { of: 'chapters', names, imports, arrows, floorOf: floorsOf(names, arrows) };
}

function namesOf(paths: readonly string[], nameOf: (path: string) => string | undefined): string[] {
  return [...new Set(paths.map(nameOf).filter((name) => name !== undefined))].toSorted();
}
