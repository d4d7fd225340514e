/** Where the clips of one camera live: who makes their folders, and who is asked for a clip that is still being recorded. */
import type { OpenClip } from '../messages/clip.ts';
import type { SceneEvent } from '../messages/scene.ts';

export type StartEvent = Extract<SceneEvent, { type: 'start' }>;

export interface ClipHome {
  /** Absolute path of a new, empty folder. Rejects where there is no room or the disk refuses: the event has no clip then. */
  makeFolder(event: StartEvent): Promise<string>;
  /** the clip is there: what it has so far can be watched */
  attach(clip: OpenClip): void;
  /** there will be no clip of this event: nobody need wait for one */
  attachNone(id: string): void;
}
