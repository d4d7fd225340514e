/**
 * A path → a model file that can be tried, and what lies beside it: a manifest (`<name>.json`), names of classes (`<name>.txt`,
 * `labels.txt`), weights in files of their own — which must lie in the model's folder, because a model is not trusted.
 */
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { codeOf, messageOf, UserError } from '../lib/errors.ts';
import { type GivenLabels, linesOf } from './labels.ts';

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** What Lookout reads of a manifest; other keys (source, licence, figures) are for people. */
const manifestSchema = z.object({
  name: z.string().optional(),
  family: z.string().optional(),
  sha256: z.string().optional(),
  labels: z.array(z.string().min(1)).min(1).optional(),
  input: z
    .object({
      channels: z.enum(['rgb', 'bgr']).optional(),
      mean: triple.optional(),
      std: triple.optional(),
      fit: z.enum(['centre', 'corner', 'stretch']).optional(),
      border: z.number().int().min(0).max(255).optional(),
      longSidePx: z.number().int().min(32).max(4096).optional(),
      sideMultiplePx: z.number().int().min(1).max(128).optional(),
      areaPx: z.number().int().min(4096).max(4_194_304).optional(),
    })
    .optional(),
  nmsIou: z.number().min(0).max(1).optional(),
  boxShiftPx: z.number().min(-64).max(64).optional(),
});

export type Manifest = z.output<typeof manifestSchema>;

export interface ModelFile {
  readonly path: string;
  readonly manifest: Manifest | undefined;
  readonly manifestPath: string;
}

/** Checks what can be checked without loading. Throws a UserError that names the path. */
export async function openModelFile(path: string): Promise<ModelFile> {
  const file = await stat(path).catch((cause: unknown) => {
    throw new UserError(
      codeOf(cause) === 'ENOENT' ? `The model ${path} does not exist` : `The model ${path} cannot be read: ${messageOf(cause)}`,
      {
        hint: 'check the path given to -m; without -m the bundled model is used',
        cause,
      },
    );
  });
  if (!file.isFile())
    throw new UserError(`The model ${path} is ${file.isDirectory() ? 'a folder' : 'not a file'}`, {
      hint: 'give -m the path of one .onnx file',
    });
  if (file.size === 0)
    throw new UserError(`The model ${path} is empty`, { hint: 'copy it again; a failed download leaves an empty file' });
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw new UserError(`The model ${path} may not be read by this user`, { hint: `allow it with: chmod a+r ${path}`, cause });
  });
  const manifestPath = `${withoutEnding(path)}.json`;
  const manifest = await readManifest(manifestPath);
  if (manifest?.sha256 !== undefined) await checkHash(path, manifest.sha256);
  return { path, manifest, manifestPath };
}

/** Names from the manifest, `<name>.txt`, the model's own metadata or `labels.txt`: the one meant most for this model. */
export async function givenLabels(
  { path, manifest, manifestPath }: ModelFile,
  ofMetadata: readonly string[] | undefined,
): Promise<GivenLabels | undefined> {
  if (manifest?.labels) return { names: manifest.labels, from: `the manifest ${manifestPath}` };
  const own = await readNames(`${withoutEnding(path)}.txt`);
  if (own) return own;
  if (ofMetadata) return { names: ofMetadata, from: 'the model’s metadata' };
  return await readNames(join(dirname(path), 'labels.txt'));
}

async function readNames(path: string): Promise<GivenLabels | undefined> {
  try {
    return { names: linesOf(await readFile(path, 'utf8')), from: path };
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new UserError(`The names of classes in ${path} cannot be read: ${messageOf(cause)}`, {
      hint: 'mend or remove it',
      cause,
    });
  }
}

/** Throws a UserError where a model wants weights from beyond its own folder, or they are not there. */
export async function checkExternalFiles(modelPath: string, locations: ReadonlySet<string>): Promise<void> {
  const folder = await realpath(dirname(modelPath));
  for (const location of locations) {
    const found = await realpath(resolve(folder, location)).catch((cause: unknown) => {
      if (codeOf(cause) === 'ENOENT') return resolve(folder, location);
      throw cause;
    });
    const inside = relative(folder, found);
    if (isAbsolute(location) || inside === '' || inside.startsWith('..') || isAbsolute(inside)) {
      throw new UserError(`The model ${modelPath} reaches for a file outside its folder: ${location.slice(0, 200)}`, {
        hint: 'such a model is not loaded; export it again with its weights beside it or inside',
      });
    }
    await access(found, constants.R_OK).catch((cause: unknown) => {
      throw new UserError(`The model ${modelPath} has its weights in ${location.slice(0, 200)}, which is not beside it`, {
        hint: 'copy that file to the model’s folder',
        cause,
      });
    });
  }
}

function withoutEnding(path: string): string {
  return path.replace(/\.onnx$/i, '');
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new UserError(`The manifest ${path} cannot be read: ${messageOf(cause)}`, { hint: 'mend or remove it', cause });
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    const what = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new UserError(`The manifest ${path} is not right: ${what}`, {
      hint: 'models/README.md says what may stand in it',
      cause,
    });
  }
}

async function checkHash(path: string, expected: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const actual = hash.digest('hex');
  if (actual !== expected)
    throw new UserError(`The model ${path} is not the file that its manifest describes (sha256 ${actual.slice(0, 12)}…)`, {
      hint: 'get the model again, or remove the manifest beside it',
    });
}
