/** Every family we know, and which one a graph is of. */
import { UserError } from '../lib/errors.ts';
import { nanodetPlus } from './families/nanodet-plus.ts';
import type { Family, Graph, TensorInfo } from './family.ts';
import type { Manifest } from './model-file.ts';

const families: readonly Family[] = [nanodetPlus];

export interface Recognised {
  readonly family: Family;
  readonly reason: string;
}

/** The graph decides; a manifest may state the family. Throws a UserError with a table of what was seen. */
export function recogniseFamily(
  graph: Graph,
  { shown, manifest }: { shown: string; manifest: Manifest | undefined },
): Recognised {
  if (manifest?.family !== undefined) {
    const family = families.find(({ name }) => name === manifest.family);
    if (!family) throw refuse(graph, `The manifest of ${shown} states the family "${manifest.family}", which is not known`);
    return { family, reason: 'stated by the manifest beside the model' };
  }
  for (const family of families) {
    const reason = family.recognise(graph);
    if (reason !== undefined) return { family, reason };
  }
  throw refuse(graph, `${shown} is an ONNX model, but of no family that Lookout can decode`);
}

function refuse(graph: Graph, sentence: string): UserError {
  const rows = [...graph.inputs.map((info) => row('input', info)), ...graph.outputs.map((info) => row('output', info))];
  return new UserError(`${sentence}. It has:${rows.join('')}`, {
    hint: `known families: ${families.map(({ name }) => name).join(', ')}; leave out -m to use the bundled model`,
  });
}

function row(kind: string, { name, type, shape }: TensorInfo): string {
  return `\n  ${kind.padEnd(7)}${name.padEnd(24)}${type.padEnd(10)}[${shape.join(', ')}]`;
}
