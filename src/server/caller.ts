/** Who asks. Every request has one, made by its authentication; the guard asks it for rights, handlers ask it for cameras. */

/** `page`: the files of the web app. `watch`: cameras, events, clips and why. `change`: keep or delete an event. */
export type Right = 'page' | 'watch' | 'change' | 'health';

const EVERY_RIGHT: readonly Right[] = ['page', 'watch', 'change', 'health'];

/** `open`: nobody has to say who they are. `token`: unlike a password, no browser remembers it and sends it unasked. */
export type Proof = 'open' | 'password' | 'token';

export interface CallerOptions {
  readonly proof: Proof;
  /** undefined where nobody said */
  readonly name?: string | undefined;
  readonly rights?: readonly Right[];
  /** undefined means every camera, also one that is added later */
  readonly cameras?: readonly string[] | undefined;
}

export class Caller {
  readonly proof: Proof;
  readonly name: string | undefined;
  readonly #rights: ReadonlySet<Right>;
  readonly #cameras: ReadonlySet<string> | undefined;

  constructor({ proof, name, rights = EVERY_RIGHT, cameras }: CallerOptions) {
    this.proof = proof;
    this.name = name;
    this.#rights = new Set(rights);
    this.#cameras = cameras && new Set(cameras);
  }

  may(right: Right): boolean {
    return this.#rights.has(right);
  }

  /** Whether this caller may be shown, or told, what this camera saw. */
  maySee(camera: string): boolean {
    return this.#cameras?.has(camera) ?? true;
  }
}
