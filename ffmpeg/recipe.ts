/**
 * A command line of ffmpeg as typed data: each flag with, where a reader would ask, the reason it stands there.
 * `argvOf` makes the argument array; there is no shell and no string to split.
 */
export interface Flag {
  readonly words: readonly string[];
  readonly why?: string;
}

export type Recipe = readonly Flag[];

/** `flag('-bf', 0).because('…')` reads as a line of a recipe. */
export function flag(...words: readonly (string | number)[]): Flag & { because(why: string): Flag } {
  const texts = words.map(String);
  return { words: texts, because: (why) => ({ words: texts, why }) };
}

export function argvOf(recipe: Recipe): string[] {
  return recipe.flatMap(({ words }) => words);
}

/** First flags of every ffmpeg we start. */
export const quiet: Recipe = [
  flag('-hide_banner'),
  flag('-nostdin').because('ffmpeg reads keys from the terminal otherwise and stops when it is in the background'),
  flag('-loglevel', 'level+warning').because('each line says how serious it is; the last ones become the error message'),
  flag('-nostats'),
];
