/** Where a camera's clips live: the keeper makes room, the store a folder, and the store answers whoever asks for a clip. */
import type { ClipHome } from '../recorder/clip-home.ts';
import type { StorageKeeper } from '../store/retention/keeper.ts';
import type { Store } from '../store/store.ts';

export interface ClipHomeParts {
  readonly store: Store;
  readonly keeper: Pick<StorageKeeper, 'admit'>;
}

export function clipHome(camera: string, { store, keeper }: ClipHomeParts): ClipHome {
  return {
    makeFolder: async ({ id, startAtMs }) => {
      await keeper.admit(camera);
      return await store.create(camera, id, startAtMs);
    },
    attach: (clip) => store.attach(clip.id, clip),
    attachNone: (id) => store.attachNone(id),
  };
}
