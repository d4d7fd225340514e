/** What is wrong with a configuration → one sentence per problem, with its key and the value that stands there. Pure. */
import type { z } from 'zod';
import { keyPath } from '../lib/key-path.ts';
import { maskSecrets } from '../lib/secrets.ts';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
};

const SHOWN_CHARS = 80;

/** For `safeParse(…, { error })`: the sentence where the schema has none of its own. */
export function explainIssue(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `Expected ${TYPES[issue.expected as string] ?? String(issue.expected)}`;
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum));
    case 'too_big':
      return `Expected a number of at most ${Number(issue.maximum)}`;
    case 'invalid_value':
      return `Expected one of ${(issue.values as unknown[]).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'Expected an address that begins with http:// or https://' : undefined;
    default:
      return undefined;
  }
}

/** `key: sentence but received value`, one per problem. */
export function problemLines(issues: readonly Issue[], draft: unknown): string[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${keyPath([...issue.path, key])}: there is no such key`);
    const value = valueAt(draft, issue.path);
    // A password or a token is not shown, not even a bad one.
    const isSaid = value === undefined || issue.path.includes('auth') || issue.message.includes(' but ');
    return [`${keyPath(issue.path)}: ${issue.message}${isSaid ? '' : ` but received ${shown(value)}`}`];
  });
}

function tooSmall(origin: string, minimum: number): string {
  if (origin === 'number' || origin === 'int') return `Expected a number of at least ${minimum}`;
  if (origin === 'array') return `Expected a list of at least ${minimum}`;
  return minimum === 1 ? 'Expected a text that is not empty' : `Expected a text of at least ${minimum} characters`;
}

function valueAt(draft: unknown, path: readonly PropertyKey[]): unknown {
  let at = draft;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

/** Without the password of an address, also of one that is not quite an address. */
function shown(value: unknown): string {
  const text = maskSecrets(JSON.stringify(value) ?? String(value)).replace(/:[^:@/\s"]*@/g, ':***@');
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
