/** The rest of the house, as the routes see it. */
import type { CameraView } from '../messages/camera.ts';
import type { Health } from '../messages/health.ts';
import type { WhyAnswer, WhyQuestion } from '../messages/why.ts';
import type { KnownEvents } from './known-events.ts';

export interface Sources {
  readonly events: KnownEvents;
  readonly cameras: () => readonly CameraView[];
  /** whatever else the object holds is shown as it is */
  readonly health: () => Pick<Health, 'ok' | 'reasons'>;
  /** what was decided of a camera around a moment; undefined where there is no such camera */
  readonly why: (camera: string, question: WhyQuestion) => WhyAnswer | undefined;
}
