/** The news of all cameras → alerts, state topics, the page. What comes of a camera that has left is dropped. */
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { unanswered } from '../lib/never.ts';
import type { CameraStats } from '../messages/camera.ts';
import type { ClipMessage } from '../messages/clip.ts';
import type { Notice } from '../messages/notice.ts';
import type { PeopleChange, SceneEvent } from '../messages/scene.ts';
import type { SourceState } from '../messages/video.ts';
import type { StateBoard } from '../publisher/state-board.ts';
import type { CameraSlot, LivingNews } from './cameras.ts';

export interface NewsDeskOptions {
  readonly alerts: AlertDesk;
  /** undefined where MQTT is off */
  readonly board: StateBoard | undefined;
  /** tells every open page */
  readonly notify: (notice: Notice) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Whom the news are of. */
type Subject = Pick<CameraSlot, 'state' | 'left'>;

export class NewsDesk {
  readonly #options: NewsDeskOptions;

  constructor(options: NewsDeskOptions) {
    this.#options = options;
  }

  /** Where one camera brings its news. */
  of(camera: Subject): LivingNews {
    const whileHere =
      <T extends { readonly type: string }>(tell: (news: T) => void) =>
      (news: T): void => {
        if (!camera.left.aborted) tell(news);
        else this.#options.log.debug({ camera: camera.state.name, news: news.type }, 'news of a camera that has left');
      };
    return {
      onCame: () => this.#onCame(camera),
      onScene: whileHere((event) => this.#onScene(camera, event)),
      onClip: whileHere((message) => this.#onClip(camera, message)),
      onPeople: whileHere((change) => this.#onPeople(camera, change)),
      onSource: whileHere((state) => this.#onSource(camera, state)),
      onLeft: () => this.#onLeft(camera),
    };
  }

  /** What keeps a camera from being watched; undefined when all is well. */
  onTrouble(camera: Subject, reason: string | undefined): void {
    if (camera.state.onTrouble(reason, this.#options.clock.atMs())) this.#publishStatus(camera);
  }

  onStats({ state }: Subject, stats: CameraStats): void {
    this.#options.board?.setStats(state.name, stats);
  }

  #onCame(camera: Subject): void {
    this.#options.board?.add(camera.state.name);
    this.#showCamera(camera);
  }

  #onLeft({ state: { name } }: Subject): void {
    this.#options.board?.forget(name);
    this.#options.notify({ type: 'gone', camera: name });
  }

  #onScene(camera: Subject, event: SceneEvent): void {
    const { state } = camera;
    this.#options.alerts.onScene(state.name, event);
    switch (event.type) {
      case 'start':
        state.onEvent(event.id);
        break;
      case 'end':
        if (state.view.openEvent === event.id) state.onEvent(undefined);
        break;
      case 'update':
        return;
      default:
        unanswered(event);
    }
    this.#showCamera(camera);
  }

  #onClip({ state }: Subject, clip: ClipMessage): void {
    if (clip.type === 'snapshot') this.#options.board?.setSnapshot(state.name, clip.jpeg);
    this.#options.alerts.onClip(state.name, clip);
  }

  #onPeople(camera: Subject, change: PeopleChange): void {
    const { board } = this.#options;
    const { state } = camera;
    switch (change.type) {
      case 'left':
        board?.personLeft(state.name, change.durationMs);
        break;
      case 'count':
        state.onPeople({ count: change.count, total: change.total });
        board?.setPersonCount(state.name, state.person);
        this.#showCamera(camera);
        break;
      default:
        unanswered(change);
    }
  }

  #onSource(camera: Subject, source: SourceState): void {
    const { clock, log } = this.#options;
    if (!camera.state.onSource(source, clock.atMs())) return;
    this.#publishStatus(camera);
    if (source.type === 'opened') log.info({ camera: camera.state.name }, 'camera online');
  }

  #publishStatus(camera: Subject): void {
    const { board } = this.#options;
    const { name, status, person } = camera.state;
    board?.setCameraStatus(name, status);
    board?.setPersonCount(name, person);
    this.#showCamera(camera);
  }

  #showCamera({ state }: Subject): void {
    this.#options.notify({ type: 'camera', camera: state.view });
  }
}
