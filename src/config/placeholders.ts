/**
 * What other programs fill in, and Lookout does not -> a sentence: `{NAME}`, `$NAME`, `%NAME%`, `<NAME>`, `{{ name }}`, `$(command)`,
 * `!secret name`, `env:NAME` where an address or a password stands. Sent as it is, it would be the password for ever. Pure.
 *
 * Passwords hold odd characters, so a form counts only where it is the whole of a part (user, password, host, path segment, value
 * of the query); `{A_NAME}` counts anywhere in an address. There, percent-encoding says that the text is meant.
 */
import type { z } from 'zod';

const NAME = '[A-Za-z_][A-Za-z0-9_.-]*';
/** Of `$name` only what looks like a variable: `$ecret` may be a password. */
const WHOLE = [
  new RegExp(`^\\$?\\{+\\s*(${NAME})\\s*\\}+$`),
  /^\$([A-Z_][A-Z0-9_]*|[a-z]+(?:_[a-z0-9]+)+)$/,
  /^\$\(.+\)$/,
  new RegExp(`^%(${NAME})%$`),
  new RegExp(`^<(${NAME})>$`),
  new RegExp(`^!(?:secret|env|env_var|ENV|include)(?:\\s+(${NAME}))?$`),
  new RegExp(`^(?:env|ENV):(${NAME})$`),
];
const ANYWHERE = /\{+\s*([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\s*\}+/;
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/is;

export const noPlaceholder = (text: string, context: z.RefinementCtx): void => {
  const message = complaintAbout(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
};

/** Undefined for a text without one. */
export function complaintAbout(text: string): string | undefined {
  const address = ADDRESS.exec(text)?.[1];
  const parts = address === undefined ? [text] : partsOf(address);
  const found = [...parts.flatMap(wholeIn), ...anywhereIn(address ?? '')][0];
  if (found === undefined) return undefined;
  const [placeholder = '', name = 'NAME'] = found;
  const cure = `write \${${name.replaceAll(/[^A-Za-z0-9_]/g, '_')}}, which is filled in from the environment`;
  const literal = address === undefined ? '' : ', or percent-encode it where that text is meant';
  return `Expected the value itself but ${placeholder} stands there, and nobody fills that in: ${cure}${literal}`;
}

function wholeIn(part: string): RegExpExecArray[] {
  return WHOLE.map((form) => form.exec(part.trim())).filter((found) => found !== null);
}

function anywhereIn(text: string): RegExpExecArray[] {
  const found = ANYWHERE.exec(text);
  return found === null ? [] : [found];
}

/** User, password, host, segments and values; the password ends at the last @, and `%A%` in front of two digits is an encoding. */
function partsOf(address: string): string[] {
  const [, login = '', rest = ''] = /^(?:([^/]*)@)?(.*)$/s.exec(address) ?? [];
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(login) ?? [];
  const host = rest.split('/', 1)[0] ?? '';
  return [
    user,
    password,
    host.replace(/:\d+$/, ''),
    ...host.split(':'),
    ...rest.split(/[/?&]/).flatMap((piece) => [piece, piece.replace(/^[^=]*=/, '')]),
  ];
}
