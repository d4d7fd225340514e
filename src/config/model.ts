/** Which model a configuration runs, and what is looked for with it. Pure. */
import { packagePath } from '../lib/package-root.ts';
import type { Config } from './config.ts';

export interface ModelChoice {
  readonly modelPath: string;
  /** states the model's family instead of letting it be recognised */
  readonly family: string | undefined;
  /** those of all cameras, each once */
  readonly labels: readonly string[];
  readonly threads: number;
}

export function modelOf({ model, modelFamily, detectThreads, cameras }: Config): ModelChoice {
  return {
    modelPath: model ?? packagePath('models', 'nanodet-plus-m.onnx'),
    family: modelFamily,
    labels: [...new Set(cameras.flatMap(({ detect }) => detect.labels))],
    threads: detectThreads,
  };
}
