/** Every family we know, and which one a model is of. Pure. */
import { UserError } from '../lib/errors.ts';
import { dFine } from './families/d-fine.ts';
import { detr } from './families/detr.ts';
import { endToEnd } from './families/end-to-end.ts';
import { fastestDet } from './families/fastestdet.ts';
import { nanodet } from './families/nanodet.ts';
import { nanodetPlus } from './families/nanodet-plus.ts';
import { picodet } from './families/picodet.ts';
import { ssd } from './families/ssd.ts';
import { yolov5 } from './families/yolov5.ts';
import { yolov8 } from './families/yolov8.ts';
import { yolox } from './families/yolox.ts';
import type { Family, Plan, Seen, TensorInfo } from './family.ts';
import { misfitOf } from './misfit.ts';

const families: readonly Family[] = [
  nanodetPlus,
  nanodet,
  picodet,
  fastestDet,
  yolox,
  yolov5,
  yolov8,
  endToEnd,
  dFine,
  detr,
  ssd,
];

export interface Recognised {
  readonly family: string;
  readonly plan: Plan;
}

/** Somebody said which family it is, and where. */
export interface StatedFamily {
  readonly name: string;
  /** for people: `--model-family`, or the manifest's path */
  readonly by: string;
}

/**
 * The model decides, unless somebody stated the family. Throws a UserError with a table of what was seen and what would be
 * accepted where no family, or more than one, agrees with the model.
 */
export function recogniseFamily(
  seen: Seen,
  { shown, stated }: { readonly shown: string; readonly stated: StatedFamily | undefined },
): Recognised {
  if (stated) return statedFamily(seen, { shown, stated });
  const found = families.flatMap((family) => {
    const plan = family.recognise(seen, { isStated: false });
    return plan ? [{ family: family.name, plan }] : [];
  });
  const [first, second] = found;
  if (first && !second) return first;
  if (!first) {
    const misfit = misfitOf(seen);
    const because = misfit ? ` (${misfit.what})` : '';
    throw new UserError(`${shown} is an ONNX model, but of no family that Lookout can decode${because}${tables(seen)}`, {
      hint: misfit?.hint ?? 'export it in one of these forms, or state its family with --model-family if you know better',
    });
  }
  const readings = found.map(({ family, plan }) => `\n  ${family.padEnd(13)}${plan.reason}`).join('');
  throw new UserError(`${shown} may be of more than one family:${readings}`, {
    hint: `state which with --model-family ${found.map(({ family }) => family).join('|')}, or as "family" in a manifest beside the model`,
  });
}

function statedFamily(seen: Seen, { shown, stated }: { shown: string; stated: StatedFamily }): Recognised {
  const family = families.find(({ name }) => name === stated.name);
  if (!family) {
    throw new UserError(`${stated.by} states the family "${stated.name}" for ${shown}, which is not known`, {
      hint: `known families: ${families.map(({ name }) => name).join(', ')}`,
    });
  }
  const plan = family.recognise(seen, { isStated: true });
  if (plan) return { family: family.name, plan: { ...plan, reason: `stated by ${stated.by}; ${plan.reason}` } };
  throw new UserError(`${shown} is not of the family "${stated.name}" that ${stated.by} states${tables(seen)}`, {
    hint: `${stated.name} means: ${family.accepts}; leave it out to let Lookout look for itself`,
  });
}

function tables({ inputs, outputs }: Seen): string {
  const rows = [
    ...inputs.map((info) => row('input', info)),
    ...outputs.map(({ name, type, dims }) => row('output', { name, type, shape: dims })),
  ];
  const accepted = families.map(({ name, accepts }) => `\n  ${name.padEnd(13)}${accepts}`);
  return `. It has:${rows.join('')}\nThese are accepted:${accepted.join('')}`;
}

/** One line of the table of what a model has. */
export function row(kind: string, { name, type, shape }: TensorInfo): string {
  return `\n  ${kind.padEnd(7)}${name.slice(0, 60).padEnd(28)} ${type.padEnd(9)}[${shape.join(', ')}]`;
}
