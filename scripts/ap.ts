/**
 * `npm run ap -- [--pictures <folder>] [--label person] [model.onnx …]`: average precision of models through Lookout's own
 * preparation and decoding, as a table in Markdown: on frames as a camera's decoder scales them, and on photos as `lookout inspect`
 * does. The folder holds `annotations.json` in COCO's form, and the pictures that it names.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { packagePath } from '../src/lib/package-root.ts';
import { evaluate } from './ap/evaluate.ts';
import { printTable } from './bench/report.ts';

const shared = packagePath('..', 'shared');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pictures: { type: 'string', default: join(shared, 'images', 'coco128_val2017') },
    label: { type: 'string', default: 'person' },
    family: { type: 'string' },
  },
});

/** What `models.json` beside a model says of it, measured by others. */
interface Measured {
  readonly file: string;
  readonly person_AP?: { readonly coco128_val2017?: readonly [number, number] } | null;
}

const folder = join(shared, 'onnx');
const models =
  positionals.length > 0
    ? positionals
    : [
        packagePath('models', 'nanodet-plus-m.onnx'),
        ...(existsSync(folder)
          ? (await readdir(folder)).filter((name) => name.endsWith('.onnx')).map((name) => join(folder, name))
          : []),
      ];
const measured: readonly Measured[] = existsSync(join(folder, 'models.json'))
  ? (JSON.parse(await readFile(join(folder, 'models.json'), 'utf8')) as Measured[])
  : [];

const rows: string[][] = [
  ['model', 'family', 'input', 'AP, camera', 'AP50', 'AP, inspect', 'AP50', 'reference AP', 'AP50', 'difference (inspect)'],
];
for (const model of models) {
  const options = { pictures: values.pictures, label: values.label, family: values.family };
  const camera = await evaluate(model, { ...options, way: 'camera' });
  const photo = await evaluate(model, { ...options, way: 'photo' });
  const reference = measured.find(({ file }) => file === basename(model))?.person_AP?.coco128_val2017;
  const figures = reference ? [...reference.map((value) => value.toFixed(3)), signed(photo.ap - reference[0])] : ['–', '–', '–'];
  const ways = [camera, photo].flatMap(({ ap, ap50 }) => [ap.toFixed(3), ap50.toFixed(3)]);
  rows.push([basename(model), camera.family, camera.input, ...ways, ...figures]);
  process.stderr.write(`${basename(model)}: ${camera.ap.toFixed(3)} ${photo.ap.toFixed(3)}\n`);
}
printTable(`average precision of “${values.label}” on ${basename(values.pictures)}`, rows);

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}
