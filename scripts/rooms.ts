/**
 * `npm run rooms [<folder>]`: draws which room imports which, from the code, floor by floor, with the number of import statements;
 * for a folder (`npm run rooms src/store`) the same for its chapters. Exit code 0 whatever it shows: the tests judge.
 */
import { packagePath } from '../src/lib/package-root.ts';
import { drawingOf } from './rooms/drawing.ts';
import { readChapters, readHouse } from './rooms/house.ts';

const folder = process.argv[2]?.replace(/\/+$/, '');
const house = folder === undefined ? await readHouse(packagePath()) : await readChapters(packagePath(), folder);
console.log(drawingOf(house).join('\n'));
