/** A certificate that nobody trusts, for cameras behind TLS. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { MediaFolder } from '../media.ts';

export async function selfSigned(media: MediaFolder): Promise<{ key: Buffer; cert: Buffer }> {
  const [key, cert] = [media.file('key.pem'), media.file('cert.pem')];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await promisify(execFile)('openssl', [...args, '-subj', '/CN=camera', '-keyout', key, '-out', cert]);
  return { key: await readFile(key), cert: await readFile(cert) };
}
