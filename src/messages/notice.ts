/** What the page receives as it happens, by server-sent events: the SSE event name is `type`, the data the rest as JSON. */
import type { CameraView } from './camera.ts';
import type { EventView } from './event.ts';

export type Notice =
  | { readonly type: 'event'; readonly event: EventView }
  | { readonly type: 'camera'; readonly camera: CameraView }
  /** the camera was removed */
  | { readonly type: 'gone'; readonly camera: string }
  | { readonly type: 'deleted'; readonly id: string };

/** Complete by the compiler: a new type of notice has to be named here. */
const TYPES = { event: true, camera: true, gone: true, deleted: true } as const satisfies Record<Notice['type'], true>;

/** For who has to ask for each type by its name. */
export const NOTICE_TYPES = Object.keys(TYPES) as readonly Notice['type'][];
