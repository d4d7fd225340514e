/** A path → a model file that can be tried, and the manifest beside it (`<name>.json`) if there is one. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { codeOf, messageOf, UserError } from '../lib/errors.ts';

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
      sideMultiplePx: z.number().int().min(1).max(128).optional(),
      areaPx: z.number().int().min(4096).max(4_194_304).optional(),
    })
    .optional(),
});

export type Manifest = z.output<typeof manifestSchema>;

export interface ModelFile {
  readonly path: string;
  readonly manifest: Manifest | undefined;
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
  const manifest = await readManifest(path);
  if (manifest?.sha256 !== undefined) await checkHash(path, manifest.sha256);
  return { path, manifest };
}

async function readManifest(modelPath: string): Promise<Manifest | undefined> {
  const path = modelPath.replace(/\.onnx$/i, '') + '.json';
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
  const actual = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (actual !== expected)
    throw new UserError(`The model ${path} is not the file that its manifest describes (sha256 ${actual.slice(0, 12)}…)`, {
      hint: 'get the model again, or remove the manifest beside it',
    });
}
