/** A camera's why-log and its settings → the answer to one question. */
import type { CameraConfig } from '../config/config.ts';
import type { WhyAnswer, WhyQuestion } from '../messages/why.ts';
import type { WhyLog } from './why-log.ts';
import { isoOf } from './why-record.ts';
import { verdictOf } from './why-verdict.ts';

export function answerWhy(
  log: WhyLog,
  { camera, question, nowAtMs }: { camera: CameraConfig; question: WhyQuestion; nowAtMs: number },
): WhyAnswer {
  const { entries, knownSinceMs, openEvent } = log.excerpt(question, nowAtMs);
  const { minScore, startScore, hits, window, labels } = camera.detect;
  const rules = { minScore, startScore, hits, window, labels };
  return {
    camera: camera.name,
    at: isoOf(question.atMs),
    from: isoOf(question.fromMs),
    to: isoOf(question.toMs),
    knownSince: isoOf(knownSinceMs),
    rules,
    ...verdictOf({ entries, rules, atMs: question.atMs, openEvent }),
    entries,
  };
}
