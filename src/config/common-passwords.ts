/** A configuration -> the settings whose password anybody guesses, one for each such password. Pure. */
import { isCommon } from '../lib/common-words.ts';
import { safeDecode } from '../lib/safe-decode.ts';
import { passwordsOf } from '../lib/secrets.ts';
import type { Config } from './config.ts';

export function commonPasswords({ cameras, mqtt, http }: Pick<Config, 'cameras' | 'mqtt' | 'http'>): string[] {
  const passwords = [
    ...cameras.flatMap(({ input }, i) => passwordsOf(input).map((password) => [`cameras[${i}].input`, password] as const)),
    ...passwordsOf(mqtt.url).map((password) => ['mqtt.url', password] as const),
    ['http.auth.password', http.auth.password ?? ''] as const,
    ['http.auth.token', http.auth.token ?? ''] as const,
  ];
  return passwords.filter(([, password]) => isCommon(safeDecode(password))).map(([setting]) => setting);
}
