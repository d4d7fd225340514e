import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Input, isLive, openInput, parseInput } from '../../ffmpeg/input.ts';
import { argvOf } from '../../ffmpeg/recipe.ts';
import { UserError } from '../../src/lib/errors.ts';
import { MediaFolder } from '../media.ts';

const exec = promisify(execFile);
const script = (...lines: string[]): string => ['ffconcat version 1.0', ...lines, ''].join('\n');
/** Hard to quote: spaces, both quotes, what shells and ffmpeg's own quoting take for something else. */
const HOSTILE_NAME = `it's a "film" %d\\$HOME; -i [0:v] ünï=1,2:3.mp4`;

describe('parseInput', () => {
  it.each<{ text: string; input: Input }>([
    { text: '-', input: { kind: 'stdin' } },
    { text: 'walk.mp4', input: { kind: 'file', path: 'walk.mp4' } },
    { text: '/videos/walk.mp4', input: { kind: 'file', path: '/videos/walk.mp4' } },
    { text: 'file:///videos/walk.mp4', input: { kind: 'file', path: '/videos/walk.mp4' } },
    { text: '2026-11-20 14:02:11.mp4', input: { kind: 'file', path: '2026-11-20 14:02:11.mp4' } },
    { text: 'rtsp:walk.mp4', input: { kind: 'file', path: 'rtsp:walk.mp4' } },
    { text: '-i', input: { kind: 'file', path: '-i' } },
    { text: '/dev/video0', input: { kind: 'device', path: '/dev/video0' } },
    { text: '/dev/video12', input: { kind: 'device', path: '/dev/video12' } },
    { text: '/dev/videotape', input: { kind: 'file', path: '/dev/videotape' } },
    { text: 'rtsp://cam/h264', input: { kind: 'url', scheme: 'rtsp', url: 'rtsp://cam/h264' } },
    { text: 'RTSP://u:p@cam:8554/h264?x=1', input: { kind: 'url', scheme: 'rtsp', url: 'RTSP://u:p@cam:8554/h264?x=1' } },
    { text: 'rtsps://cam/h264', input: { kind: 'url', scheme: 'rtsps', url: 'rtsps://cam/h264' } },
    { text: 'rtmp://cam/live', input: { kind: 'url', scheme: 'rtmp', url: 'rtmp://cam/live' } },
    { text: 'srt://cam:9000', input: { kind: 'url', scheme: 'srt', url: 'srt://cam:9000' } },
    { text: 'http://cam/video.mjpg', input: { kind: 'url', scheme: 'http', url: 'http://cam/video.mjpg' } },
    { text: 'https://[::1]:8443/v', input: { kind: 'url', scheme: 'https', url: 'https://[::1]:8443/v' } },
  ])('takes "$text" for a $input.kind', ({ text, input }) => {
    expect(parseInput(text)).toEqual(input);
  });

  it.each([
    'ftp://cam/film.mp4',
    'concat://a|b',
    'rtsp://',
    'rtsp://cam:port/h264',
    "rtsp://cam/h264\nfile 'x'",
    'rtsp://cam/with space',
    'rtsp://cam/back\\slash',
    'constructor://cam',
    'toString://cam',
  ])('refuses "%s" and says what an address is', (text) => {
    expect(() => parseInput(text)).toThrow(UserError);
    expect(() => parseInput(text)).toThrow('is not an address of a camera');
  });

  it('shows no password when it refuses', () => {
    expect(() => parseInput('ftp://admin:secret7@cam/')).toThrow('ftp://***@cam/ is not an address');
  });
});

describe('isLive', () => {
  it.each([
    ['walk.mp4', false],
    ['-', false],
    ['rtsp://cam/h264', true],
    ['http://cam/video.mjpg', true],
    ['/dev/video0', true],
  ])('%s: %s', (text, live) => {
    expect(isLive(parseInput(text))).toBe(live);
  });
});

describe('openInput', () => {
  it.each<{ text: string; argv: string[]; stdinScript?: string }>([
    { text: 'walk.mp4', argv: ['-protocol_whitelist', 'file', '-i', 'file:walk.mp4'] },
    { text: '-i', argv: ['-protocol_whitelist', 'file', '-i', 'file:-i'] },
    { text: '/dev/video0', argv: ['-f', 'v4l2', '-i', '/dev/video0'] },
    { text: '-', argv: ['-f', 'yuv4mpegpipe', '-i', 'pipe:0'] },
    {
      text: 'rtsp://u:p@cam/h264',
      argv: ['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,fd,tcp,rtsp', '-i', 'pipe:0'],
      stdinScript: script("file 'rtsp://u:p@cam/h264'", 'option rtsp_transport tcp', 'option timeout 10000000'),
    },
    {
      text: 'https://u:p@cam/video.mjpg',
      argv: ['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,fd,tcp,tls,http,https,httpproxy', '-i', 'pipe:0'],
      stdinScript: script("file 'https://u:p@cam/video.mjpg'", 'option rw_timeout 10000000'),
    },
    {
      text: 'rtmp://cam/live',
      argv: ['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,fd,tcp,rtmp', '-i', 'pipe:0'],
      stdinScript: script("file 'rtmp://cam/live'"),
    },
  ])('$text', ({ text, argv, stdinScript }) => {
    const opened = openInput(parseInput(text));
    expect(argvOf(opened.recipe)).toEqual(argv);
    expect(opened.stdinScript).toBe(stdinScript);
  });

  it('quotes an address with a single quote as ffconcat wants it', () => {
    const { stdinScript } = openInput(parseInput("rtsp://u:it's@cam/a'b"));
    expect(stdinScript).toContain(String.raw`file 'rtsp://u:it'\''s@cam/a'\''b'`);
  });

  it('opens a file of any name, without shell or protocol', async () => {
    await using media = await MediaFolder.open();
    const path = await media.counter(HOSTILE_NAME, { frames: 3 });
    const { recipe } = openInput(parseInput(path));
    const argv = ['-v', 'error', ...argvOf(recipe), '-f', 'null', '-'];
    await expect(exec('ffmpeg', argv)).resolves.toMatchObject({ stderr: '' });
  });

  it('lets no file send ffmpeg to an address', async () => {
    await using media = await MediaFolder.open();
    const path = await media.text(
      'list.m3u8',
      '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n',
    );
    const argv = ['-v', 'error', ...argvOf(openInput(parseInput(path)).recipe), '-f', 'null', '-'];
    await expect(exec('ffmpeg', argv)).rejects.toThrow(/whitelist/);
  });
});
