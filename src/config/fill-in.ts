/**
 * `${NAME}` in the text values of a configuration -> the value of that variable; `$${` stays `${`. What is filled in is not looked
 * at again. In the login of an address and behind a = of it, characters that would end it, or a % that encodes nothing, are
 * percent-encoded; what is encoded already stays. Pure.
 */
import { keyPath } from '../lib/key-path.ts';
import { isLoose, type Loose } from './config-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface FilledIn {
  readonly value: unknown;
  /** one line per placeholder that cannot be filled in, with its place */
  readonly problems: readonly string[];
  /** what came from variables that are called like a secret */
  readonly secrets: readonly string[];
}

/** An escape, a placeholder, or the beginning of something that is none. */
const PLACEHOLDER = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{[^}]*\}?/g;
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;
/** The part of an address in which a login can stand, before anything is filled in. */
const LOGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/]*@/i;
const ODD_IN_LOGIN = /[/?#@\s{}<>$]|%(?![0-9a-f]{2})/gi;
const ODD_IN_QUERY = /[&#\s]|%(?![0-9a-f]{2})/gi;
const SECRET_NAME = /PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL/i;

export function fillIn(draft: unknown, env: Environment): FilledIn {
  const problems: string[] = [];
  const secrets: string[] = [];
  const fillText = (text: string, path: readonly PropertyKey[]): string =>
    text.replaceAll(PLACEHOLDER, (found: string, name: string | undefined, at: number) => {
      if (found === '$${') return '${';
      const value = name === undefined ? undefined : env[name];
      if (name === undefined || value === undefined || value === '') {
        problems.push(`${keyPath(path)}: ${complaint(found, name === undefined ? undefined : { name, value })}`);
        return '';
      }
      if (SECRET_NAME.test(name)) secrets.push(value);
      return encoded(value, { text, at });
    });
  return { value: mapTexts(draft, { path: [], fillText, done: new Map() }), problems, secrets };
}

function encoded(value: string, { text, at }: { text: string; at: number }): string {
  const encode = (odd: RegExp): string => value.replace(odd, (character) => encodeURIComponent(character));
  if (at < (LOGIN.exec(text)?.[0].length ?? 0)) return encode(ODD_IN_LOGIN);
  return ADDRESS.test(text) && text[at - 1] === '=' ? encode(ODD_IN_QUERY) : value;
}

function complaint(found: string, variable: { name: string; value: string | undefined } | undefined): string {
  if (variable === undefined)
    return `Expected \${NAME} with a name of letters, digits and _ but received ${found}; write $\${ for a text that has \${ in it`;
  const { name, value } = variable;
  const what = value === undefined ? 'there is no such variable' : 'that variable is empty';
  return `Expected ${name} in the environment for ${found} but ${what}; set it, or write $${found} for this very text`;
}

interface Walk {
  readonly path: readonly PropertyKey[];
  readonly fillText: (text: string, path: readonly PropertyKey[]) => string;
  /** what an alias names stands in several places, or in itself */
  readonly done: Map<unknown, unknown>;
}

function mapTexts(value: unknown, { path, ...walk }: Walk): unknown {
  if (typeof value === 'string') return walk.fillText(value, path);
  // Neither the bytes of !!binary nor a !!set: they have no keys of ours.
  const isPlain = isLoose(value) && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain && !Array.isArray(value)) return value;
  const before = walk.done.get(value);
  if (before !== undefined) return before;
  const filled: Loose | unknown[] = Array.isArray(value) ? [] : {};
  walk.done.set(value, filled);
  for (const [key, inner] of Object.entries(value)) {
    const step = Array.isArray(value) ? Number(key) : key;
    Object.defineProperty(filled, key, {
      value: mapTexts(inner, { path: [...path, step], ...walk }),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return filled;
}
