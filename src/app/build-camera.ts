/** What all cameras share → how one of them is made. */
import type { Readable } from 'node:stream';
import { ulid } from 'ulid';
import { Pipeline } from '../camera/pipeline.ts';
import type { Detector } from '../detector/detector.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { FrameOutput } from '../output/frame-output.ts';
import { Source } from '../source/source.ts';
import type { CandidateLog } from '../store/past/candidate-log.ts';
import type { StorageKeeper } from '../store/retention/keeper.ts';
import type { Store } from '../store/store.ts';
import type { BuildCamera } from './cameras.ts';
import { clipHome } from './clip-home.ts';
import type { NewsDesk } from './news-desk.ts';

export interface CameraParts {
  readonly detector: Detector;
  readonly news: NewsDesk;
  readonly store: Store;
  readonly keeper: Pick<StorageKeeper, 'admit'>;
  readonly candidates: Pick<CandidateLog, 'add'>;
  /** annotated frames, where they are asked for */
  readonly output: ((isLive: boolean) => FrameOutput) | undefined;
  readonly stdin: Readable;
  readonly clock: Clock;
  readonly log: Logger;
}

export function cameraBuilder({
  detector,
  news,
  store,
  keeper,
  candidates,
  output,
  stdin,
  clock,
  log,
}: CameraParts): BuildCamera {
  return (slot) => {
    const { config: camera, why } = slot;
    const source = new Source({
      camera,
      realTime: true,
      withRecording: true,
      picturesFor: output && 'annotated frames on stdout are made of pictures',
      inputShape: (size) => detector.inputShape(size),
      stdin,
      clock,
      log,
    });
    const own = news.of(slot);
    const pipeline = new Pipeline({
      camera,
      source,
      detector,
      news: own,
      home: clipHome(camera.name, { store, keeper }),
      why,
      mintId: ulid,
      onCandidates: (atMs, rejected) =>
        candidates.add(camera.name, { atMs, candidates: rejected.filter(({ rule }) => rule !== 'label') }),
      output: output?.(source.isLive),
      clock,
      log,
    });
    return { pipeline, news: own };
  };
}
