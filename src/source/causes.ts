/**
 * ffmpeg's last lines → one sentence with the cure. The first rule that matches says what happened; a file that cannot be
 * read is for the user to mend, a camera may come back by itself.
 */
import type { Input } from '../../ffmpeg/input.ts';
import { RetryableError, UserError } from '../lib/errors.ts';

interface Cause {
  readonly pattern: RegExp;
  readonly what: string;
  readonly hint: string;
  /** to try again soon would lock the account */
  readonly isRefusal?: true;
}

/** The camera does not take this user name and password. */
export class RefusedLogin extends RetryableError {}

const CAUSES: readonly Cause[] = [
  {
    pattern: /guard: sent on to/,
    what: 'sends us on to another address',
    hint: 'nothing but the host and port you named is asked; if you trust that address, put it into the configuration',
  },
  {
    pattern: /unknown keyword 'option'/i,
    what: 'needs ffmpeg 5 or newer, and this one is older',
    hint: 'Debian 12, Ubuntu 24.04 and Raspberry Pi OS 12 have it; files and webcams work with the old one too',
  },
  {
    pattern: /401 Unauthorized|authorization failed|403 Forbidden|access denied/i,
    what: 'refused the user name or password',
    hint: 'put the right ones into the address: rtsp://user:password@camera/…',
    isRefusal: true,
  },
  {
    pattern: /404 Not Found|Stream Not Found/i,
    what: 'is reached but has no stream of this name',
    hint: 'check the path behind the host; the camera’s manual names it',
  },
  { pattern: /Connection refused/i, what: 'refused the connection', hint: 'check host and port, and that the camera is on' },
  {
    pattern: /Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/i,
    what: 'has a host name that cannot be resolved',
    hint: 'check the spelling, or use the IP address',
  },
  {
    pattern: /No route to host|Network is unreachable|Host is down/i,
    what: 'cannot be reached over the network',
    hint: 'check cable, Wi-Fi and address',
  },
  {
    pattern: /timed out|Operation timeout|ETIMEDOUT/i,
    what: 'did not answer in time',
    hint: 'check that the camera is on and the address is right',
  },
  {
    pattern: /(5\d\d (Internal|Service|Server|Bad))|Server returned 5XX/i,
    what: 'answered with an error of its own',
    hint: 'restart the camera or allow it fewer viewers',
  },
  { pattern: /Is a directory/i, what: 'is a folder', hint: 'name one video file in it' },
  { pattern: /No such file or directory/i, what: 'does not exist', hint: 'check the path' },
  {
    pattern: /Permission denied/i,
    what: 'may not be read by this user',
    hint: 'check its permissions; for a webcam, add the user to the group video',
  },
  { pattern: /Device or resource busy/i, what: 'is used by another program', hint: 'close the program that shows the webcam' },
  { pattern: /moov atom not found/i, what: 'is an incomplete MP4 file', hint: 'copy or record it again' },
  {
    pattern: /Invalid data found when processing input|EBML header parsing failed/i,
    what: 'is not a video that ffmpeg knows, or is damaged',
    hint: 'try: ffprobe FILE',
  },
  {
    pattern: /Decoder .*not found|Unknown decoder|no decoder found|Could not find codec parameters/i,
    what: 'has a codec that this ffmpeg cannot decode',
    hint: 'set the camera to H.264, or convert the file',
  },
  {
    pattern: /Protocol not found|not on whitelist/i,
    what: 'wants a protocol that is not allowed',
    hint: 'use an address that serves the video itself',
  },
  {
    pattern: /Input\/output error/i,
    what: 'did not take the connection or broke it off',
    hint: 'check address and port, and that the camera is on',
  },
];

export interface FailureContext {
  /** the input as it may be shown */
  readonly shown: string;
  readonly input: Input;
}

export function explainFailure(stderr: readonly string[], { shown, input }: FailureContext): UserError | RetryableError {
  const text = stderr.join('\n');
  const cause = CAUSES.find(({ pattern }) => pattern.test(text));
  const lastLine = stderr.at(-1)?.replace(/^(\[[^\]]*\]\s*)+/, '');
  const elsewhere = /guard: sent on to (.*)/.exec(text)?.[1];
  const what = elsewhere === undefined ? cause?.what : `${cause?.what}, ${printable(elsewhere)}`;
  const message = what ? `${shown} ${what}` : `${shown} could not be read (ffmpeg says: ${lastLine ?? 'nothing'})`;
  const hint = cause?.hint ?? 'run with --log-level debug to see all that ffmpeg says';
  if (input.kind === 'file' || input.kind === 'stdin') return new UserError(message, { hint });
  return cause?.isRefusal === true ? new RefusedLogin(message, { hint }) : new RetryableError(message, { hint });
}

/** What a camera wrote, short and without its password. */
function printable(address: string): string {
  return address
    .replace(/\/\/[^/]*@/, '//***@')
    .replace(/[^\x20-\x7e]/g, '·')
    .slice(0, 100);
}
