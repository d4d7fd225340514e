/** What Lookout knows of a model → lines for people. Pure. */
import type { ShapeRule, TensorInfo } from '../detector/family.ts';
import type { ModelInfo } from '../detector/wire.ts';

const NAMES_SHOWN = 12;
/** At the default of 5 pictures a second, one camera leaves this much time for each. */
const BUDGET_MS = 200;

const CAMERA = 'ffmpeg’s filter for cameras, which averages always';
const SCALED = {
  linear: `by the two nearest pixels for photos here, as the family’s own code does; by ${CAMERA}`,
  area: `by averages for photos here, as the family’s own code does; by ${CAMERA}`,
};

export function modelReport(path: string, model: ModelInfo): string[] {
  return [
    path,
    line('family', model.family),
    line('because', model.reason),
    ...model.inputs.map((info) => line('input', tensor(info))),
    ...model.outputs.map((info) => line('output', tensor(info))),
    line('picture', picture(model)),
    line('scaled', SCALED[model.resampling]),
    line('classes', classes(model)),
    line('parameters', model.parameters.toLocaleString('en')),
  ];
}

export function timingLine([one = 0, two = 0]: readonly number[]): string {
  const share =
    one <= BUDGET_MS
      ? `one thread can look at ${Math.floor(1000 / one)} pictures a second`
      : `one thread cannot look at 5 pictures a second`;
  return `\n${line('inference', `${one.toFixed(1)} ms with 1 thread, ${two.toFixed(1)} ms with 2 (median, with preparing and decoding): ${share}`)}`;
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(12)}${text}`;
}

function tensor({ name, type, shape }: TensorInfo): string {
  return `${name}  ${type} [${shape.join(', ')}]`;
}

function picture({ shape, fit, border, pixels, inputs }: ModelInfo): string {
  const places = {
    centre: `in the middle, grey ${border} around it`,
    corner: `in the upper left corner, grey ${border} beside it`,
    stretch: 'stretched',
  };
  const channels = pixels.channels.toUpperCase();
  const isBytes = inputs.some(({ type }) => type === 'uint8');
  const values = isBytes ? 'bytes as they are' : `(value − ${numbers(pixels.mean)}) / ${numbers(pixels.std)}`;
  return `${size(shape)}, ${places[fit]}; ${channels}, ${values}`;
}

function size(shape: ShapeRule): string {
  if ('fixed' in shape) return `${shape.fixed.widthPx} × ${shape.fixed.heightPx} px`;
  if ('maxSidePx' in shape) return `as large as the camera’s, up to ${shape.maxSidePx} px a side`;
  const how = 'areaPx' in shape ? `at ${shape.areaPx.toLocaleString('en')} px` : `longer side ${shape.longSidePx} px`;
  return `follows the camera’s shape, ${how}, sides multiples of ${shape.multiplePx}`;
}

/** One number where all three are the same. */
function numbers(values: readonly number[]): string {
  return new Set(values).size === 1 ? String(values[0]) : `(${values.join(', ')})`;
}

function classes({ labels, labelsFrom }: ModelInfo): string {
  const shown = labels.slice(0, NAMES_SHOWN).join(', ');
  return `${labels.length}, from ${labelsFrom}: ${shown}${labels.length > NAMES_SHOWN ? ' …' : ''}`;
}
