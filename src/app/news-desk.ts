/** The news of all cameras → alerts, state topics, the page. */
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { CameraState } from '../camera/camera-state.ts';
import type { Desk } from '../camera/pipeline.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { CameraStats } from '../messages/camera.ts';
import type { ClipMessage, OpenClip } from '../messages/clip.ts';
import type { Notice } from '../messages/notice.ts';
import type { PeopleChange, SceneEvent } from '../messages/scene.ts';
import type { SourceState } from '../messages/video.ts';
import type { StateBoard } from '../publisher/state-board.ts';
import type { Store } from '../store/store.ts';

export interface NewsDeskOptions {
  readonly alerts: AlertDesk;
  /** undefined where MQTT is off */
  readonly board: StateBoard | undefined;
  readonly store: Store;
  /** tells every open page */
  readonly notify: (notice: Notice) => void;
  readonly cameras: ReadonlyMap<string, CameraState>;
  /** makes room for a recording; rejects where there is none */
  readonly admit?: (camera: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

export class NewsDesk implements Desk {
  readonly #options: NewsDeskOptions;

  constructor(options: NewsDeskOptions) {
    this.#options = options;
  }

  onScene(camera: string, event: SceneEvent): void {
    this.#options.alerts.onScene(camera, event);
    const state = this.#camera(camera);
    if (event.type === 'start') state.onEvent(event.id);
    if (event.type === 'end' && state.view.openEvent === event.id) state.onEvent(undefined);
    if (event.type !== 'update') this.#showCamera(state);
  }

  onClip(camera: string, clip: ClipMessage): void {
    if (clip.type === 'snapshot') this.#options.board?.setSnapshot(camera, clip.jpeg);
    this.#options.alerts.onClip(camera, clip);
  }

  onPeople(camera: string, change: PeopleChange): void {
    const { board } = this.#options;
    if (change.type === 'left') {
      board?.personLeft(camera, change.durationMs);
      return;
    }
    const state = this.#camera(camera);
    state.onPerson({ count: change.count, total: change.total });
    board?.setPersonCount(camera, state.person);
    this.#showCamera(state);
  }

  onSource(camera: string, source: SourceState): void {
    const state = this.#camera(camera);
    if (!state.onSource(source, this.#options.clock.atMs())) return;
    this.#publishStatus(state);
    if (source.type === 'opened') this.#options.log.info({ camera }, 'camera online');
  }

  /** What keeps all cameras from being watched; undefined when all is well. */
  onTrouble(reason: string | undefined): void {
    for (const state of this.#options.cameras.values()) {
      if (state.onTrouble(reason, this.#options.clock.atMs())) this.#publishStatus(state);
    }
  }

  onStats(camera: string, stats: CameraStats): void {
    this.#options.board?.setStats(camera, stats);
  }

  async folder(camera: string, { id, startAtMs }: SceneEvent & { type: 'start' }): Promise<string> {
    const { admit, store } = this.#options;
    await admit?.(camera);
    return await store.create(camera, id, startAtMs);
  }

  attach(id: string, clip: OpenClip): void {
    this.#options.store.attach(id, clip);
  }

  /** Sends updates that were held back; called about once a second. */
  flush(): void {
    this.#options.alerts.flush();
  }

  #publishStatus(state: CameraState): void {
    this.#options.board?.setCameraStatus(state.name, state.status);
    this.#showCamera(state);
  }

  #showCamera(state: CameraState): void {
    this.#options.notify({ type: 'camera', camera: state.view });
  }

  #camera(name: string): CameraState {
    const state = this.#options.cameras.get(name);
    if (!state) throw new Error(`Expected news of a camera of the configuration but received them of "${name}"`);
    return state;
  }
}
