/** Names of a model's classes: from its manifest, a file beside it, its metadata, or COCO's list. Pure. */
import { UserError } from '../lib/errors.ts';
import { COCO_LABELS } from './coco-labels.ts';

/** What nobody can look through; the largest vocabularies of detectors have a tenth of it. */
const MAX_CLASSES = 10_000;

/** Names beside the model file, and where they stand. */
export interface GivenLabels {
  readonly names: readonly string[];
  /** for people: the manifest, a file's path, the metadata */
  readonly from: string;
}

/** Keys under which exporters write names into a model. */
const KEYS = ['names', 'classes', 'class_names', 'labels'];

/** COCO numbers its 80 classes 1 … 90 with ten gaps; models that kept the numbers have 90 or, with "nothing" as 0, 91. */
const GAPS = new Set([12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);
const COCO_90: readonly string[] = Array.from({ length: 90 }, (_, i) => i + 1).map((id) =>
  GAPS.has(id) ? `unused ${id}` : (COCO_LABELS[id - 1 - [...GAPS].filter((gap) => gap < id).length] ?? ''),
);

/** Names in a model's metadata: a dictionary or list as Python writes it (Ultralytics), JSON, or lines. */
export function namesOf(metadata: ReadonlyMap<string, string>): readonly string[] | undefined {
  const text = KEYS.map((key) => metadata.get(key)).find((value) => value !== undefined && value.trim() !== '');
  if (text === undefined) return undefined;
  const quoted = [...text.matchAll(/(?:["']?(\d+)["']?\s*:\s*)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)];
  const names: string[] = [];
  for (const [i, [, index, single, double]] of quoted.entries()) {
    const at = index === undefined ? i : Number(index);
    if (at < 10_000) names[at] = (single ?? double ?? '').replace(/\\(.)/g, '$1');
  }
  if (names.length === 0) return /^[^{[]/.test(text) ? linesOf(text.replaceAll(',', '\n')) : undefined;
  return Array.from(names, (name, i) => name ?? `class ${i}`);
}

/** One name a line; empty lines at the end do not count. */
export function linesOf(text: string): string[] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
}

/**
 * One name per class. `classes` is undefined where the graph does not say how many there are. Throws a UserError where somebody
 * gave another number of names than the model has classes, or for a model of more classes than can be.
 */
export function labelsFor(
  classes: number | undefined,
  { given, isNumberedFrom1, shown }: { given: GivenLabels | undefined; isNumberedFrom1: boolean; shown: string },
): { readonly labels: readonly string[]; readonly from: string } {
  const count = classes ?? given?.names.length ?? 0;
  if (count > MAX_CLASSES)
    throw new UserError(`The model ${shown} has ${count} classes; ${MAX_CLASSES} is the most`, {
      hint: 'its output may be turned round: export it again as a detector of fewer classes',
    });
  if (given) {
    if (classes !== undefined && given.names.length !== classes)
      throw new UserError(`${given.from} names ${given.names.length} classes, but the model ${shown} has ${classes}`, {
        hint: 'give one name for each class, in the model’s order',
      });
    return { labels: given.names, from: given.from };
  }
  if (classes === 90 || (classes === undefined && isNumberedFrom1)) return { labels: COCO_90, from: 'COCO’s list of 90 numbers' };
  if (classes === 91) return { labels: ['nothing', ...COCO_90], from: 'COCO’s list of 91 numbers' };
  if (classes === undefined || classes === COCO_LABELS.length) return { labels: COCO_LABELS, from: 'COCO’s list of 80' };
  if (classes === 1) return { labels: ['person'], from: 'a guess: a model of one class is taken for a person detector' };
  return { labels: Array.from({ length: classes }, (_, i) => `class ${i}`), from: 'nobody: no names were found' };
}

/** What several look for together, each class once; all of them, which is an empty list, where one of them names none. */
export function unionOf(lists: readonly (readonly string[])[]): string[] {
  return lists.some(({ length }) => length === 0) ? [] : [...new Set(lists.flat())];
}

/** Which classes of a model have these names; all of them where none is named. Throws a UserError for a name that no class has. */
export function indicesOf(
  wanted: readonly string[],
  { labels, shown }: { readonly labels: readonly string[]; readonly shown: string },
): number[] {
  if (wanted.length === 0) return labels.map((_, i) => i);
  return wanted.map((label) => {
    const index = labels.indexOf(label);
    if (index >= 0) return index;
    const known = labels.length > 100 ? `${labels.slice(0, 100).join(', ')} …` : labels.join(', ');
    throw new UserError(`The model ${shown} knows no class "${label}"`, {
      hint: `its classes are: ${known}; name them in labels.txt beside the model, one a line`,
    });
  });
}
