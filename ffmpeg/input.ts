/**
 * An input of the user → the part of a command line that opens it, and what goes to ffmpeg's stdin.
 *
 * URLs never stand in argv, where `ps` shows them to everyone: an ffconcat script on stdin carries them (it works for RTSP,
 * raw output and stream copy). Local paths get the `file:` prefix, so that a name with a colon is no protocol.
 */
import { UserError } from '../src/lib/errors.ts';
import { maskSecrets } from '../src/lib/secrets.ts';
import { flag, type Recipe } from './recipe.ts';

export type Input =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly scheme: UrlScheme }
  | { readonly kind: 'device'; readonly path: string }
  | { readonly kind: 'stdin' };

/** How ffmpeg is told to open it: flags, and the script that its stdin must carry (undefined: see `kind`). */
export interface OpenedInput {
  readonly recipe: Recipe;
  readonly stdinScript?: string;
}

const PROTOCOLS = {
  rtsp: 'tcp,rtsp',
  rtsps: 'tcp,tls,rtsp,rtsps,httpproxy',
  rtmp: 'tcp,rtmp',
  rtmps: 'tcp,tls,rtmp,rtmps',
  srt: 'srt,udp',
  http: 'tcp,http',
  https: 'tcp,tls,http,https,httpproxy',
} as const;
type UrlScheme = keyof typeof PROTOCOLS;

/** How long a network read may stall before ffmpeg gives up. The watchdog is quicker; this ends what it cannot reach. */
const NETWORK_TIMEOUT_US = 10_000_000;

/** Tells what kind of input a text of the user is. Throws a UserError for an address no camera speaks. */
export function parseInput(text: string): Input {
  if (text === '-') return { kind: 'stdin' };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return /^\/dev\/video\d+$/.test(text) ? { kind: 'device', path: text } : { kind: 'file', path: text };
  if (scheme === 'file') return { kind: 'file', path: text.slice('file://'.length) };
  if (!Object.hasOwn(PROTOCOLS, scheme) || !hasHost(text) || /[\s\\]/.test(text)) {
    throw new UserError(`${maskSecrets(text.replace(/\/\/.*@/, '//***@'))} is not an address of a camera`, {
      hint: 'use rtsp://, rtsps://, rtmp://, srt://, http:// or https://, a file, /dev/videoN, or - for y4m on stdin',
    });
  }
  return { kind: 'url', url: text, scheme: scheme as UrlScheme };
}

/** `canParse` alone takes `rtsp://` for an address. */
function hasHost(text: string): boolean {
  return URL.canParse(text) && new URL(text).hostname !== '';
}

/** A live input cannot be asked to wait, and it comes back after a loss. */
export function isLive(input: Input): boolean {
  return input.kind === 'url' || input.kind === 'device';
}

export interface OpenOptions {
  /** how much ffmpeg may look at before it starts; undefined: its own choice, up to 5 s */
  readonly analyzeUs?: number;
}

export function openInput(input: Input, { analyzeUs }: OpenOptions = {}): OpenedInput {
  switch (input.kind) {
    case 'file':
      return {
        recipe: [
          flag('-protocol_whitelist', 'file').because('a file must not make ffmpeg open addresses'),
          flag('-i', `file:${input.path}`),
        ],
      };
    case 'device':
      return {
        recipe: [
          ...(analyzeUs === undefined ? [] : [flag('-analyzeduration', analyzeUs)]),
          flag('-f', 'v4l2'),
          flag('-i', input.path),
        ],
      };
    case 'stdin':
      return { recipe: [flag('-f', 'yuv4mpegpipe'), flag('-i', 'pipe:0')] };
    case 'url':
      return { recipe: concatFlags(PROTOCOLS[input.scheme]), stdinScript: concatScript(input, analyzeUs) };
    default:
      return input satisfies never;
  }
}

function concatFlags(protocols: string): Recipe {
  return [
    flag('-f', 'concat').because('the address comes as a script on stdin, so that no password stands in argv'),
    flag('-safe', 0).because('the script may name an address'),
    flag('-protocol_whitelist', `pipe,fd,${protocols}`).because('a camera must not steer ffmpeg to files or other protocols'),
    flag('-i', 'pipe:0'),
  ];
}

/** Flags of the command line reach the script's demuxer, not the camera's: what is for the camera stands in the script. */
function concatScript({ url, scheme }: { url: string; scheme: UrlScheme }, analyzeUs: number | undefined): string {
  const lines = ['ffconcat version 1.0', `file '${url.replaceAll("'", "'\\''")}'`];
  if (scheme === 'rtsp' || scheme === 'rtsps') lines.push('option rtsp_transport tcp', `option timeout ${NETWORK_TIMEOUT_US}`);
  if (scheme === 'http' || scheme === 'https') lines.push(`option rw_timeout ${NETWORK_TIMEOUT_US}`);
  if (analyzeUs !== undefined) lines.push(`option analyzeduration ${analyzeUs}`);
  return `${lines.join('\n')}\n`;
}
