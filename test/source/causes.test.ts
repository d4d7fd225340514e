import { describe, expect, it } from 'vitest';
import { parseInput } from '../../ffmpeg/input.ts';
import { RetryableError, UserError } from '../../src/lib/errors.ts';
import { explainFailure } from '../../src/source/causes.ts';

/** Last lines as ffmpeg and ffprobe 5.1 write them. */
const CASES = [
  {
    said: [
      '[rtsp @ 0x55] method DESCRIBE failed: 401 Unauthorized',
      '[error] pipe:0: Server returned 401 Unauthorized (authorization failed)',
    ],
    what: 'refused the user name or password',
    hint: 'rtsp://user:password@',
  },
  {
    said: ['[http @ 0x55] [error] HTTP error 403 Forbidden', '[error] pipe:0: Server returned 403 Forbidden (access denied)'],
    what: 'refused the user name or password',
    hint: 'user:password',
  },
  {
    said: ['[rtsp @ 0x55] method DESCRIBE failed: 404 Not Found', '[error] pipe:0: Server returned 404 Not Found'],
    what: 'is reached but has no stream of this name',
    hint: 'path behind the host',
  },
  {
    said: ['[tcp @ 0x55] [error] Connection to tcp://127.0.0.1:9?timeout=10000000 failed: Connection refused'],
    what: 'refused the connection',
    hint: 'host and port',
  },
  {
    said: ['[tcp @ 0x55] [error] Failed to resolve hostname camera.invalid: Name or service not known'],
    what: 'has a host name that cannot be resolved',
    hint: 'IP address',
  },
  {
    said: ['[tcp @ 0x55] [error] Connection to tcp://10.0.0.9:554 failed: No route to host'],
    what: 'cannot be reached over the network',
    hint: 'cable',
  },
  {
    said: [
      '[tcp @ 0x55] [error] Connection to tcp://10.0.0.9:554 failed: Connection timed out',
      '[error] pipe:0: Connection timed out',
    ],
    what: 'did not answer in time',
    hint: 'camera is on',
  },
  {
    said: [
      '[http @ 0x55] [warning] HTTP error 503 Service Unavailable',
      '[error] pipe:0: Server returned 5XX Server Error reply',
    ],
    what: 'answered with an error of its own',
    hint: 'fewer viewers',
  },
  {
    said: ["[concat @ 0x55] [error] Impossible to open 'srt://cam:9000'", '[error] pipe:0: Input/output error'],
    what: 'did not take the connection or broke it off',
    hint: 'address and port',
  },
  { said: ['[error] file:/videos: Is a directory'], what: 'is a folder', hint: 'one video file' },
  { said: ['[error] file:absent.mp4: No such file or directory'], what: 'does not exist', hint: 'path' },
  { said: ['[error] /dev/video0: Permission denied'], what: 'may not be read by this user', hint: 'group video' },
  { said: ['[error] /dev/video0: Device or resource busy'], what: 'is used by another program', hint: 'webcam' },
  {
    said: [
      '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55] [error] moov atom not found',
      '[error] file:cut.mp4: Invalid data found when processing input',
    ],
    what: 'is an incomplete MP4 file',
    hint: 'again',
  },
  {
    said: ['[error] file:notes.txt: Invalid data found when processing input'],
    what: 'is not a video that ffmpeg knows, or is damaged',
    hint: 'ffprobe',
  },
  {
    said: ['[error] Decoder (codec av1) not found for input stream #0:0'],
    what: 'has a codec that this ffmpeg cannot decode',
    hint: 'H.264',
  },
  {
    said: ["[tcp @ 0x55] [error] Protocol 'tcp' not on whitelist 'file'!"],
    what: 'wants a protocol that is not allowed',
    hint: 'serves the video itself',
  },
];

const file = { shown: 'walk.mp4', input: parseInput('walk.mp4') };
const camera = { shown: 'rtsp://***@cam/x', input: parseInput('rtsp://a:b@cam/x') };

describe('explainFailure', () => {
  it.each(CASES)('"$what", when ffmpeg says $said.0', ({ said, what, hint }) => {
    const error = explainFailure(said, file);
    expect(error.message).toBe(`walk.mp4 ${what}`);
    expect(error.hint).toContain(hint);
  });

  it.each(CASES)('lets a camera try again where it $what', ({ said, what }) => {
    const error = explainFailure(said, camera);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error.message).toBe(`rtsp://***@cam/x ${what}`);
  });

  it('leaves a file and stdin to the user, for they will not change by themselves', () => {
    const said = ['[error] Invalid data found when processing input'];
    expect(explainFailure(said, file)).toBeInstanceOf(UserError);
    expect(explainFailure(said, { shown: '-', input: { kind: 'stdin' } })).toBeInstanceOf(UserError);
    expect(explainFailure(said, { shown: '/dev/video0', input: parseInput('/dev/video0') })).toBeInstanceOf(RetryableError);
  });

  it('quotes the last line, without the address of ffmpeg’s objects, where it knows no cause', () => {
    const said = ['[warning] something else', '[h264 @ 0x55d0] [error] the sky fell down'];
    expect(explainFailure(said, file).message).toBe('walk.mp4 could not be read (ffmpeg says: the sky fell down)');
  });

  it('has a sentence even where ffmpeg said nothing', () => {
    const error = explainFailure([], camera);
    expect(error.message).toBe('rtsp://***@cam/x could not be read (ffmpeg says: nothing)');
    expect(error.hint).toContain('--log-level debug');
  });
});
