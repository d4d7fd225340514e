/**
 * Secrets are registered by value once, where a URL or a password enters, and masked wherever text leaves:
 * logs, errors, what ffmpeg prints, the API, MQTT.
 */
import { safeDecode } from './safe-decode.ts';

const MASK = '***';
/** Keys whose value is a secret, in the query or the path of a camera's address: `?password=…`, `/user=admin&password=…`. */
const SECRET_PAIR = /\b(pass(?:word|wd|phrase)?|pwd|psw|token|secret|auth|api_?key|key)=([^&/#\s'"]+)/gi;
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
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/@:]*:([^/]*)@/i.exec(url)?.[1];
  if (password !== undefined) {
    registerSecret(password);
    registerSecret(safeDecode(password));
  }
  for (const [, , value] of url.matchAll(SECRET_PAIR)) {
    registerSecret(value);
    registerSecret(safeDecode(value ?? ''));
  }
  return maskSecrets(url);
}

/** The text without any registered secret, and without `user:password@` and `password=…` of any URL. */
export function maskSecrets(text: string): string {
  let masked = text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s'"]*:[^/\s'"]*@/gi, `$1${MASK}@`)
    .replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi, (url) => url.replace(SECRET_PAIR, `$1=${MASK}`));
  for (const secret of known) masked = masked.replaceAll(secret, MASK);
  return masked;
}
