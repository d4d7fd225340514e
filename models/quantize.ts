/**
 * `npx tsx models/quantize.ts [--keep <pattern>] [--weight-bits 8] <model.onnx> <new.onnx> <picture, film or folder>…`: a float32 model
 * -> one whose convolutions count in 8 bits, with ranges from these pictures (of a film: one a second).
 * `… --half <model.onnx> <new.onnx>`: -> one with half-float weights. Whether it is worth having depends on the model and on the CPU:
 * `lookout inspect` says how fast it is, `npm run ap` how good.
 */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { liveFrames } from '../scripts/ap/live-frame.ts';
import { Model } from '../src/detector/model.ts';
import { findPicture } from '../src/detector/picture-input.ts';
import { preprocessor } from '../src/detector/preprocess.ts';
import { halfModel } from './half-graph.ts';
import { type Feeds, measureRanges } from './measure-ranges.ts';
import { decodeModel, encodeModel, type OnnxModel } from './onnx-model.ts';
import { withPoolsFirst } from './pool-first.ts';
import { quantizedModel } from './quantized-graph.ts';

const PICTURES = /\.(jpe?g|png|webp|mp4|avi|mkv|mov)$/i;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { half: { type: 'boolean' }, keep: { type: 'string' }, 'weight-bits': { type: 'string', default: '7' } },
});
const [from, to, ...paths] = positionals;
if (from === undefined || to === undefined) throw new Error('Expected a model and a name for the new one');
const model = decodeModel(await readFile(from));
const bytes = encodeModel(values.half === true ? halfModel(model) : await whole(withPoolsFirst(model), from));
await writeFile(to, bytes);
process.stderr.write(`${to}: ${bytes.length} bytes\n`);

async function whole(float: OnnxModel, path: string): Promise<OnnxModel> {
  const feeds = await feedsOf(path);
  if (feeds.length === 0) throw new Error('Expected pictures such as the model will see, to learn its ranges from');
  process.stderr.write(`ranges from ${feeds.length} pictures\n`);
  const keep = values.keep === undefined ? undefined : new RegExp(values.keep);
  return quantizedModel(float, {
    ranges: await measureRanges(float, feeds),
    keeps: ({ output }) => keep !== undefined && output.some((name) => keep.test(name)),
    weightBits: values['weight-bits'] === '8' ? 8 : 7,
  });
}

/** Through Lookout's own preparation, as the camera's frames. */
async function feedsOf(path: string): Promise<(() => Feeds)[]> {
  const { info } = await Model.open({ modelPath: path, labels: [], minScore: 0.5, threads: 1 });
  const picture = findPicture(info.inputs);
  if (!picture || info.inputs.length > 1) throw new Error('Expected a model that takes one picture and nothing else');
  const prepare = preprocessor(picture, info.pixels);
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const frames = [];
  for (const file of files) frames.push(...(await liveFrames(file, info)));
  return frames.map((frame) => () => ({ [picture.name]: prepare(frame.bytes, frame.shape) }));
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  return (await readdir(path))
    .filter((name) => PICTURES.test(name))
    .toSorted()
    .map((name) => join(path, name));
}
