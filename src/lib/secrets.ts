/**
 * Secrets are registered by value once, where a URL or a password enters, and masked wherever text leaves:
 * logs, errors, what ffmpeg prints, the API, MQTT.
 */
import { isOfSentences } from './common-words.ts';
import { safeDecode } from './safe-decode.ts';

const MASK = '***';
/** Keys whose value is a secret, in the query or the path of a camera's address: `?password=…`, `/user=admin&password=…`. */
const SECRET_PAIR = /\b(pass(?:word|wd|phrase)?|pwd|psw|token|secret|auth|api_?key|key)=([^&/#\s'"]+)/gi;
/** Of our own cures: no login of anybody stands in them. */
const EXAMPLES = /(\b(?:rtsp:\/\/user:password@camera\/…|mqtt:\/\/user:password@host:1883(?![\w/.])))/;
/** Longest first: where one secret begins like another, no tail of the longer one stays. */
let known: readonly string[] = [];

/** Registers a value that must never be printed; also its URL-encoded form. Values shorter than 3 characters are left alone. */
export function registerSecret(value: string | undefined): void {
  if (value === undefined || value.length < 3) return;
  const all = new Set([...known, value, encodeURIComponent(value)]);
  known = [...all].sort((a, b) => b.length - a.length);
}

/**
 * Registers the user's password (not the name) of a URL, and returns the URL as it may be shown. The password ends at the
 * last @, as it does for ffmpeg: people type one that holds an @ as it is.
 */
export function registerUrl(url: string): string {
  for (const password of passwordsOf(url)) {
    registerSecret(password);
    registerSecret(safeDecode(password));
  }
  return maskSecrets(url);
}

/** What is secret in an address, as it stands there: the password of its login, and values of keys like `password=`. */
export function passwordsOf(url: string): string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/@:]*:([^/]*)@/i.exec(url)?.[1];
  const values = [...url.matchAll(SECRET_PAIR)].map(([, , value = '']) => value);
  return [...(password === undefined ? [] : [password]), ...values];
}

/**
 * A value, or what another program prints, without any registered secret, and without `user:password@` and `password=…` of any
 * URL. The examples in our own cures stay as they are.
 */
export function maskSecrets(text: string): string {
  return mask(text, known);
}

/** As maskSecrets, for a sentence of ours: a password that is a word like `camera` is masked only in addresses. */
export function maskSentence(text: string): string {
  return mask(
    text,
    known.filter((secret) => !isOfSentences(secret)),
  );
}

function mask(text: string, secrets: readonly string[]): string {
  const parts = text.split(EXAMPLES);
  return parts.map((part, i) => (i % 2 === 1 ? part : secrets.reduce(hide, withoutLogins(part)))).join('');
}

function hide(text: string, secret: string): string {
  return text.replaceAll(secret, MASK);
}

function withoutLogins(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s'"]*:[^/\s'"]*@/gi, `$1${MASK}@`)
    .replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi, (url) => url.replace(SECRET_PAIR, `$1=${MASK}`));
}
