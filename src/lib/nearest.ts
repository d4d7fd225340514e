/** A word that nobody knows -> the known one that was meant: `clear` -> `clear_intervals`, `clearIntervals`, `licnece`. Pure. */

/** Undefined where none is near. Case, `_` and `-` do not count; the beginning of a word is near to it. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = plainOf(word);
  if (plain === '') return undefined;
  const begins = known.find((candidate) => plain.length >= 3 && isBeginning(plain, plainOf(candidate)));
  if (begins !== undefined) return begins;
  const [best] = known
    .map((candidate) => ({ candidate, edits: editsBetween(plain, plainOf(candidate)) }))
    .sort((a, b) => a.edits - b.edits);
  return best && best.edits <= Math.max(1, Math.floor(plain.length / 3)) ? best.candidate : undefined;
}

function plainOf(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]/g, '');
}

function isBeginning(a: string, b: string): boolean {
  return b.startsWith(a) || a.startsWith(b);
}

/** Levenshtein's distance, with one row in memory. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
