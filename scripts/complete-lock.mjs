/**
 * Completes package-lock.json after `npm install` on a machine whose registry does not hold the optional packages of other
 * platforms: npm leaves them out of the lock file, and `npm ci` then refuses it everywhere. Adds name, version, os and cpu
 * (known from the package that asks for them); changes no entry that is there. usage: node scripts/complete-lock.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';

const LOCK = new URL('../package-lock.json', import.meta.url);
const PLATFORM = /(android|darwin|freebsd|linux|win32|openharmony)-([a-z0-9]+)(?:-(.*))?$/;

const lock = JSON.parse(readFileSync(LOCK, 'utf8'));
const { packages } = lock;

/** Looks where Node would look: beside the package, then in every folder above it. */
function isLocked(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true;
    if (!at) return false;
  }
}

let added = 0;
for (const [path, asker] of Object.entries({ ...packages })) {
  for (const [name, version] of Object.entries(asker.optionalDependencies ?? {})) {
    const platform = PLATFORM.exec(name);
    if (isLocked(path, name) || !platform) continue;
    const [, os, cpu, abi] = platform;
    packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(asker.dev ? { dev: true } : {}),
      ...(abi === 'musl' || abi === 'gnu' ? { libc: [abi === 'musl' ? 'musl' : 'glibc'] } : {}),
      license: asker.license,
      optional: true,
      os: [os],
      ...(asker.engines ? { engines: asker.engines } : {}),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional packages of other platforms added to package-lock.json`);
