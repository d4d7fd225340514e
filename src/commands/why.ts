/** `lookout why`: asks the Lookout that runs on this machine what it decided around a moment, and why. */
import { DEFAULTS } from '../config/defaults.ts';
import { messageOf, UserError } from '../lib/errors.ts';
import { registerSecret } from '../lib/secrets.ts';
import type { CameraView } from '../messages/camera.ts';
import type { WhyAnswer } from '../messages/why.ts';
import type { Environment } from '../config/load.ts';
import type { CommandContext } from './run.ts';
import { stdoutFailure, throwUnlessReaderGone } from './stdout.ts';
import { whyText } from './why-text.ts';

export interface WhyFlags {
  readonly camera?: string;
  readonly at?: string;
  /** seconds */
  readonly window?: number;
  readonly url: string;
  readonly json?: boolean;
}

const PATIENCE_MS = 10_000;

export async function whyCommand(flags: WhyFlags, { env, signal }: CommandContext): Promise<void> {
  const ask = new Asker(flags.url, { env, signal });
  const camera = flags.camera ?? (await onlyCamera(ask));
  const search = new URLSearchParams({ at: flags.at ?? 'now' });
  if (flags.window !== undefined) search.set('windowMs', String(Math.round(flags.window * 1000)));
  const answer = await ask.get<WhyAnswer>(`api/v1/cameras/${encodeURIComponent(camera)}/why?${search.toString()}`);
  const failed = stdoutFailure();
  const hasColour = process.stdout.isTTY && !env['NO_COLOR'];
  process.stdout.write(flags.json === true ? `${JSON.stringify(answer)}\n` : whyText(answer, { hasColour }));
  throwUnlessReaderGone(failed);
}

async function onlyCamera(ask: Asker): Promise<string> {
  const { cameras } = await ask.get<{ cameras: readonly CameraView[] }>('api/v1/cameras');
  const names = cameras.map(({ name }) => name);
  const [first] = names;
  if (first !== undefined && names.length === 1) return first;
  throw new UserError(`Lookout watches ${names.length} cameras: ${names.join(', ')}`, { hint: 'say which with --camera' });
}

/** One Lookout, asked over HTTP with the credentials of the environment. */
class Asker {
  readonly #url: URL;
  readonly #headers: Record<string, string>;
  readonly #signal: AbortSignal;

  constructor(url: string, { env, signal }: { env: Environment; signal: AbortSignal }) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw new UserError(`"${url}" is no address of a Lookout`, { hint: `give one like --url http://${DEFAULTS.http.listen}` });
    this.#url = new URL(url.endsWith('/') ? url : `${url}/`);
    this.#headers = { accept: 'application/json', ...credentialsOf(env) };
    this.#signal = signal;
  }

  async get<T>(path: string): Promise<T> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(PATIENCE_MS)]);
    const response = await fetch(new URL(path, this.#url), { headers: this.#headers, signal }).catch((cause: unknown) => {
      this.#signal.throwIfAborted();
      throw this.#nobody(messageOf(cause instanceof Error ? (cause.cause ?? cause) : cause), cause);
    });
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    if (!isJson) throw this.#nobody('what answers there is not Lookout');
    const body: unknown = await response.json();
    if (response.ok) return body as T;
    throw refusal(response.status, (body as { detail?: string }).detail);
  }

  #nobody(reason: string, cause?: unknown): UserError {
    const shown = `${this.#url.origin}${this.#url.pathname}`.replace(/\/$/, '');
    return new UserError(`No Lookout answers at ${shown}: ${reason || 'no connection'}`, {
      hint: 'the why-log lives in a running Lookout: start one (lookout run …), or say where it is with --url',
      cause,
    });
  }
}

/** The names are those that `run` reads. A token wins over a password. */
function credentialsOf(env: Environment): Record<string, string> {
  const token = env['LOOKOUT_HTTP_TOKEN'];
  const password = env['LOOKOUT_HTTP_PASSWORD'];
  if (token) {
    registerSecret(token);
    return { authorization: `Bearer ${token}` };
  }
  if (!password) return {};
  const basic = Buffer.from(`${env['LOOKOUT_HTTP_USER'] ?? DEFAULTS.http.auth.user}:${password}`).toString('base64');
  registerSecret(password);
  registerSecret(basic);
  return { authorization: `Basic ${basic}` };
}

function refusal(status: number, detail = `Lookout answered ${status}`): UserError {
  if (status === 401 || status === 429)
    return new UserError(detail, { hint: 'set LOOKOUT_HTTP_TOKEN or LOOKOUT_HTTP_PASSWORD as for lookout run' });
  return new UserError(detail, { hint: 'cameras: lookout why --at now; times: 14:02, 14:02:30 or 2026-11-20T14:02:00Z' });
}
