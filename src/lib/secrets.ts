/**
 * Secrets are registered by value once, where a URL or a password enters, and masked wherever text leaves:
 * logs, errors, what ffmpeg prints, the API, MQTT.
 */
import { safeDecode } from './safe-decode.ts';

const MASK = '***';
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
  return maskSecrets(url);
}

/** The text without any registered secret, and without `user:password@` of any URL. */
export function maskSecrets(text: string): string {
  let masked = text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s'"]*:[^/\s'"]*@/gi, `$1${MASK}@`);
  for (const secret of known) masked = masked.replaceAll(secret, MASK);
  return masked;
}
