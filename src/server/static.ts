/**
 * The web app. Its folder is read once into a table of addresses and looked up there, so no path is made from an address, and
 * links and dot-files are not in the table. Read again when index.html changed: a new build shows without a restart.
 */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Response } from 'express';
import { codeOf } from '../lib/errors.ts';
import { IMMUTABLE, type SendOptions, sendFileOf } from './files.ts';
import { nothingAt } from './problem.ts';
import type { Asked } from './route.ts';

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.webp', 'image/webp'],
  ['.jpg', 'image/jpeg'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
  ['.txt', 'text/plain; charset=utf-8'],
]);

/** Vite puts a hash of the content into these names: `assets/index-DkX0a1bC.js`. */
const HASHED = /^assets\/.+-[\w-]{8}\.\w+$/;
const MAX_DEPTH = 5;

export class WebApp {
  readonly #dir: string;
  /** address → name inside the folder */
  #names = new Map<string, string>();
  #indexModifiedMs: number | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Throws a 404 for what is no file of the app. */
  async answer({ req, res }: Asked): Promise<void> {
    const name = await this.#nameOf(req.path === '/' ? '/index.html' : req.path);
    if (name !== undefined) await sendFileOf(res, { root: this.#dir, name }, headersOf(name));
    else if (req.path === '/') sendNotBuilt(res);
    else throw nothingAt(req.path);
  }

  async #nameOf(address: string): Promise<string | undefined> {
    // A page that is asked for again is when a new build has to show; its other files have new names.
    if (address === '/index.html' || !this.#names.has(address)) await this.#refresh();
    return this.#names.get(address);
  }

  async #refresh(): Promise<void> {
    const modifiedMs = await modifiedMsOf(join(this.#dir, 'index.html'));
    if (modifiedMs === this.#indexModifiedMs) return;
    const names = await namesIn(this.#dir, '');
    this.#names = new Map(names.map((name) => [`/${name.split('/').map(encodeURIComponent).join('/')}`, name]));
    this.#indexModifiedMs = modifiedMs;
  }
}

function headersOf(name: string): SendOptions {
  return {
    contentType: TYPES.get(extname(name)) ?? 'application/octet-stream',
    cacheControl: HASHED.test(name) ? IMMUTABLE : 'no-cache',
  };
}

function sendNotBuilt(res: Response): void {
  const text = 'The page of Lookout is not built yet.\n\nrun: npm run build\n\nAlerts, clips and the API work without it.\n';
  res.status(503).set('Cache-Control', 'no-store').type('text/plain').send(text);
}

/** Regular files, as `assets/index-DkX0a1bC.js`. */
async function namesIn(root: string, folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const child of await childrenOf(join(root, folder))) {
    const name = folder === '' ? child.name : `${folder}/${child.name}`;
    if (child.name.startsWith('.')) continue;
    if (child.isFile()) names.push(name);
    else if (child.isDirectory() && name.split('/').length < MAX_DEPTH) names.push(...(await namesIn(root, name)));
  }
  return names;
}

async function childrenOf(dir: string): Promise<Dirent[]> {
  try {
    return await readdir(dir, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

async function modifiedMsOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
