/**
 * `lookout score --what-if`: the stored detections of past events, and of candidates between them, through tracker and event
 * machine with other settings. Nothing is decoded, nothing is written, and a running Lookout is not disturbed.
 */
import type { CameraSettings, Settings } from '../config/config.ts';
import { CAMERA_DEFAULTS } from '../config/defaults.ts';
import { UserError } from '../lib/errors.ts';
import { compare, type Comparison, type PastVisit } from '../score/compare.ts';
import { framesOf, momentsOf } from '../score/moments.ts';
import { type JudgedCamera, whatIfLines } from '../score/what-if-report.ts';
import { type CandidateMoment, readCandidates } from '../store/past/candidate-log.ts';
import { type PastEvent, readPastEvents } from '../store/past/past-events.ts';
import { loadSettings } from '../config/load.ts';
import { replay } from './replay.ts';
import type { CommandContext } from './run.ts';
import type { ScoreFlags } from './score.ts';
import { print } from './stdout.ts';

export async function whatIfCommand(files: readonly string[], flags: ScoreFlags, { env }: CommandContext): Promise<void> {
  refuse(files, flags);
  const settings = await loadSettings(flags, env);
  const { dir } = settings.storage;
  const events = await readPastEvents(dir);
  if (events.length === 0)
    throw new UserError(`There are no finished events in ${dir}`, {
      hint: 'give the folder that lookout run writes to with --data',
    });
  const names = [...new Set(events.map(({ record }) => record.camera))].sort();
  const judged = await Promise.all(
    names.map(async (name) => {
      const own = events.filter(({ record }) => record.camera === name);
      const candidates = await readCandidates(dir, name);
      return Object.assign({ camera: name }, judgeCamera(own, candidates, rulesOf(settings, name)));
    }),
  );
  await print(flags.json === true ? `${JSON.stringify({ cameras: judged })}\n` : `${whatIfLines(judged).join('\n')}\n`);
}

/** What belongs to films makes no sense here. */
function refuse(files: readonly string[], { chart, minRecall, maxFalsePerHour, maxOnsetMs, model }: ScoreFlags): void {
  const wrong = files[0] ?? [chart, minRecall, maxFalsePerHour, maxOnsetMs, model].findLast((flag) => flag !== undefined);
  if (wrong === undefined) return;
  throw new UserError(`--what-if replays past events, and has no use for ${wrong}`, {
    hint: 'films are judged without --what-if: lookout score truth.json',
  });
}

/** A camera that the configuration does not know is judged by the first one where it is alone, else by the defaults. */
function rulesOf({ cameras }: Settings, name: string): CameraSettings {
  const only = cameras.length === 1 ? cameras[0] : undefined;
  return cameras.find((camera) => camera.name === name) ?? only ?? CAMERA_DEFAULTS;
}

function judgeCamera(
  events: readonly PastEvent[],
  candidates: readonly CandidateMoment[],
  rules: CameraSettings,
): Omit<JudgedCamera, 'camera'> {
  const [label = 'person'] = rules.detect.labels;
  const known = events.filter(({ record, lines }) => record.preRollMs !== undefined && lines.length > 0);
  const moments = [
    ...known.flatMap(({ record, lines }) =>
      momentsOf({ beginAtMs: Date.parse(record.startedAt) - (record.preRollMs ?? 0), label: record.label, lines }),
    ),
    ...candidates.map(({ atMs, candidates: found }) => ({
      atMs,
      detections: found.map(({ score, box }) => ({ label, score, box })),
      isSpared: false,
      isUnsettled: false,
    })),
  ];
  const visits = visitsOf(known);
  const comparison: Comparison = compare(visits, replay(framesOf(moments, rules.detect), rules));
  return { visits, ...comparison, unknown: events.length - known.length, hasCandidates: candidates.length > 0 };
}

/** Parts of a long event, one after the other, are one visit. */
function visitsOf(events: readonly PastEvent[]): PastVisit[] {
  const visits = new Map<string, PastVisit>();
  const firstOf = new Map<string, string>();
  for (const { record } of events) {
    const { id, continues, startedAt, endedAt } = record;
    const first = (continues === undefined ? undefined : firstOf.get(continues)) ?? id;
    firstOf.set(id, first);
    const before = visits.get(first);
    const startMs = Date.parse(startedAt);
    visits.set(first, { id: first, startMs: before?.startMs ?? startMs, endMs: Date.parse(endedAt ?? startedAt) });
  }
  return [...visits.values()];
}
