/** A real RTSP camera on a loopback port out of a Matroska file (`MediaFolder.cameraFilm`). Its owner closes it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Child } from '../../src/lib/child.ts';

/** The system's: packages of Debian are not seen by another Python. */
const PYTHON = '/usr/bin/python3';
const IMPORTS = 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer';
const PACKAGES =
  'python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad';

export interface CameraOptions {
  readonly film: string;
  /** of the film (default: h264) */
  readonly codec?: 'h264' | 'hevc';
  /** aac: that of the film; pcmu: made; stalls: made, and over after a second */
  readonly audio?: 'aac' | 'pcmu' | 'stalls';
  readonly login?: { readonly user: string; readonly password: string };
  /** any free one if left out */
  readonly port?: number;
}

export class RtspCamera implements AsyncDisposable {
  readonly port: number;
  readonly #child: Child;
  readonly #login: CameraOptions['login'];

  /** Why no camera can be started on this machine; undefined where it can. Meant for `describe.skipIf`. */
  static async missing(): Promise<string | undefined> {
    return await promisify(execFile)(PYTHON, ['-c', IMPORTS]).then(
      () => undefined,
      () => `needs: apt install ${PACKAGES}`,
    );
  }

  /** Resolves once it can be reached. */
  static async start({ film, login, port = 0, codec = 'h264', audio }: CameraOptions): Promise<RtspCamera> {
    const script = join(import.meta.dirname, 'rtsp-camera.py');
    const locked = login ? ['--user', login.user, '--password', login.password, '--digest'] : [];
    const sound = audio ? ['--audio', audio] : [];
    const args = [script, film, '--port', String(port), '--codec', codec, ...sound, ...locked];
    const child = await Child.start({ name: 'RTSP camera', command: PYTHON, args, stdin: 'ignore', dieWithParent: true });
    const lines = createInterface(child.stdout);
    const [line] = (await Promise.race([once(lines, 'line'), child.exited.then(() => [])])) as [string?];
    if (line === undefined) throw new Error(`the RTSP camera ended: ${child.stderr.join(' | ')}`);
    return new RtspCamera(child, (JSON.parse(line) as { port: number }).port, login);
  }

  private constructor(child: Child, port: number, login: CameraOptions['login']) {
    this.#child = child;
    this.port = port;
    this.#login = login;
  }

  get url(): string {
    const login = this.#login ? `${this.#login.user}:${encodeURIComponent(this.#login.password)}@` : '';
    return `rtsp://${login}127.0.0.1:${this.port}/cam`;
  }

  /** kill -9: connections end at once, as when the power is pulled and comes back. */
  async kill(): Promise<void> {
    await this.#child.kill();
  }

  /** SIGSTOP: connections stay open and nothing more comes. */
  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  get #pid(): number {
    if (this.#child.pid === undefined) throw new Error('the RTSP camera does not run');
    return this.#child.pid;
  }
}
