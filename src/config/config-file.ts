/** lookout.yaml → the keys in it, of which nothing is known yet but that they are keys. */
import { readFile } from 'node:fs/promises';
import { type Document, isCollection, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import { codeOf, messageOf, UserError } from '../lib/errors.ts';

/** Keys and values that nobody has checked. */
export type Loose = Record<string, unknown>;

export function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws a UserError for a file that is not there, is not YAML or holds no keys. */
export async function readConfigFile(path: string): Promise<Loose> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      codeOf(cause) === 'ENOENT'
        ? `The configuration ${path} does not exist`
        : `The configuration ${path} cannot be read: ${messageOf(cause)}`,
      {
        hint: 'check the path given to -c',
        cause,
      },
    );
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error)
    throw new UserError(`${path} is not YAML: ${sentenceOf(error)}`, {
      hint: 'mind the indentation; a value with a colon or # needs quotes',
      cause: error,
    });
  refuseWarnings(document, path);
  refuseKeysThatAreNoText(document, { path, lines });
  const content = contentOf(document, path) ?? {};
  if (!isLoose(content)) throw new UserError(`${path} holds no keys`, { hint: 'begin with:\ncameras:\n  - input: rtsp://…' });
  return content;
}

/** What the parser only warns of changes the meaning of a value: of `!secret x` it would leave the text `x`. */
function refuseWarnings({ warnings }: Document.Parsed, path: string): void {
  const [warning] = warnings;
  if (!warning) return;
  const isTag = warning.code === 'TAG_RESOLVE_FAILED';
  throw new UserError(`${path} holds what Lookout does not know: ${sentenceOf(warning)}`, {
    hint: isTag
      ? `write the value itself, in quotes where it begins with !; a secret as "\${NAME}", which is filled in from the environment`
      : 'leave the line out',
    cause: warning,
  });
}

/** `input: {{ camera }}` is a map with a map for its key, which the parser would turn into text. */
function refuseKeysThatAreNoText(document: Document.Parsed, { path, lines }: { path: string; lines: LineCounter }): void {
  visit(document, {
    Pair: (_key, { key }) => {
      if (!isCollection(key)) return;
      const { line, col } = lines.linePos(key.range?.[0] ?? 0);
      throw new UserError(`${path} has a key that is no text at line ${line}, column ${col}`, {
        hint: `a value that begins with { or [ needs quotes; a secret is written "\${NAME}" and filled in from the environment`,
      });
    },
  });
}

/** With line and column, without the line itself: a password may stand in it. */
function sentenceOf({ message }: YAMLError): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}

function contentOf(document: Document.Parsed, path: string): unknown {
  try {
    const content: unknown = document.toJS();
    // An alias inside of what it names: nothing that walks through the keys would come to an end.
    JSON.stringify(content);
    return content;
  } catch (cause) {
    throw new UserError(`${path} is not YAML that can be used: ${messageOf(cause).split('\n')[0]}`, {
      hint: 'write it without aliases (*)',
      cause,
    });
  }
}
