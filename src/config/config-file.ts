/** lookout.yaml → the keys in it, of which nothing is known yet but that they are keys. */
import { readFile } from 'node:fs/promises';
import { type Document, parseDocument } from 'yaml';
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
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error)
    throw new UserError(`${path} is not YAML: ${error.message}`, {
      hint: 'mind the indentation; a value with a colon or # needs quotes',
      cause: error,
    });
  const content = contentOf(document, path) ?? {};
  if (!isLoose(content)) throw new UserError(`${path} holds no keys`, { hint: 'begin with:\ncameras:\n  - input: rtsp://…' });
  return content;
}

function contentOf(document: Document.Parsed, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new UserError(`${path} is not YAML that can be used: ${messageOf(cause)}`, {
      hint: 'write it without aliases (*)',
      cause,
    });
  }
}
