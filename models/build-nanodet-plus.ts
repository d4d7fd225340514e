/**
 * npm package nanodet-plus -> nanodet-plus-m.onnx beside this file. Run with `npm run models`; the result is committed, and
 * must have the checksum that the manifest states. The package is fetched by name through the ordinary npm client.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Child } from '../src/lib/child.ts';
import { buildNanodetPlus } from './nanodet-plus.ts';
import { readWeights } from './nanodet-weights.ts';

const PACKAGE = 'nanodet-plus@0.1.8';
const WEIGHTS = 'package/res/nanodet_plus_weights.mx';
const WEIGHTS_SHA256 = '5c76ea29844d32196f8e80bf23a902f59b74b6a98949c878c56b3023e06808a2';

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

async function outputOf(command: string, args: readonly string[]): Promise<Buffer> {
  const child = await Child.start({ name: command, command, args, stdin: 'ignore', dieWithParent: true });
  const output = await buffer(child.stdout);
  const { code, stderr } = await child.exited;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr.join(' ')}`);
  return output;
}

async function fetchWeights(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'nanodet-plus-'));
  try {
    const name = (await outputOf('npm', ['pack', '--silent', '--pack-destination', folder, PACKAGE])).toString().trim();
    return await outputOf('tar', ['-xzOf', join(folder, name), WEIGHTS]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const weights = await fetchWeights();
if (sha256(weights) !== WEIGHTS_SHA256)
  throw new Error(`Expected weights with sha256 ${WEIGHTS_SHA256} but received ${sha256(weights)}`);
const model = buildNanodetPlus(readWeights(weights));
await writeFile(join(import.meta.dirname, 'nanodet-plus-m.onnx'), model);
process.stderr.write(`nanodet-plus-m.onnx: ${model.length} bytes, sha256 ${sha256(model)}\n`);
const manifest = JSON.parse(await readFile(join(import.meta.dirname, 'nanodet-plus-m.json'), 'utf8')) as { sha256: string };
if (manifest.sha256 !== sha256(model))
  throw new Error('The checksum differs from the one in nanodet-plus-m.json: correct the one that is wrong');
