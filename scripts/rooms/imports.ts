/**
 * Source text -> which file imports which. Read with two patterns, not with a parser: the formatter puts every static import at the
 * start of a line and its name into single quotes. What is forbidden is caught by the linter, which reads the syntax tree.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

/** Paths relative to the repository. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

const COMMENT_LINE = /^\s*(?:\/\/|\/\*|\*).*$/gm;
const STATEMENT = /^(?:import|export)\s(?:[^'";=()]*\sfrom\s)?\s*'([^']+)'/gm;
const CALL_OR_TYPE = /\bimport\(\s*'([^']+)'/g;

/** What a file imports, re-exports, loads later or names in a type: one entry a statement, files only, no packages. */
export function importsOf(path: string, text: string): Import[] {
  const code = text.replaceAll(COMMENT_LINE, '');
  return [STATEMENT, CALL_OR_TYPE]
    .flatMap((pattern) => [...code.matchAll(pattern)].map(([, specifier = '']) => specifier))
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => ({ from: path, to: posix.join(posix.dirname(path), specifier) }));
}

/** Every TypeScript file under a folder, as a path relative to the repository. */
export async function sourcesUnder(root: string, folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder), { recursive: true });
  return names.filter((name) => name.endsWith('.ts')).map((name) => posix.join(folder, name));
}

export async function importsIn(root: string, paths: readonly string[]): Promise<Import[]> {
  return (await Promise.all(paths.map(async (path) => importsOf(path, await readFile(join(root, path), 'utf8'))))).flat();
}
