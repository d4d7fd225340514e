import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/lib/errors.ts';
import { parseY4mHeader, peekY4mHeader } from '../../src/source/y4m.ts';
import { MediaFolder } from '../media.ts';

const { signal } = new AbortController();
const HEADER = 'YUV4MPEG2 W64 H48 F30:1 Ip A1:1 C420jpeg';
const LETTERS = `${HEADER}\nFRAME\nxyz`.split('');

/** A stream that brings these pieces one by one and then ends. */
function pieces(...texts: (string | Uint8Array)[]): Readable {
  return Readable.from(
    texts.map((text) => Buffer.from(text)),
    { objectMode: false },
  );
}

/** The same as a pipe brings them: each later than the last, the end after them all. */
function slowly(...texts: string[]): Readable {
  const stream = new PassThrough();
  void (async () => {
    for (const text of texts) {
      await turn();
      stream.write(text);
    }
    await turn();
    stream.end();
  })();
  return stream;
}

describe('parseY4mHeader', () => {
  it.each([
    { line: HEADER, video: { widthPx: 64, heightPx: 48, fps: 30 } },
    {
      line: 'YUV4MPEG2 W1920 H1080 F30000:1001 C420mpeg2 XYSCSS=420MPEG2',
      video: { widthPx: 1920, heightPx: 1080, fps: 30000 / 1001 },
    },
    { line: 'YUV4MPEG2 C420 F25:2 H288 W352', video: { widthPx: 352, heightPx: 288, fps: 12.5 } },
    { line: 'YUV4MPEG2 W64 H48', video: { widthPx: 64, heightPx: 48, fps: undefined } },
    { line: 'YUV4MPEG2 W64 H48 F0:0', video: { widthPx: 64, heightPx: 48, fps: undefined } },
    { line: 'YUV4MPEG2 W64 H48 Fx:y', video: { widthPx: 64, heightPx: 48, fps: undefined } },
  ])('reads $line', ({ line, video }) => {
    expect(parseY4mHeader(line)).toEqual({ ...video, codec: 'rawvideo', durationMs: undefined });
  });

  it.each([
    'RIFF....AVI LIST',
    'YUV4MPEG W64 H48 F30:1',
    'yuv4mpeg2 W64 H48 F30:1',
    'YUV4MPEG2 H48 F30:1',
    'YUV4MPEG2 W64 F30:1',
    'YUV4MPEG2 W0 H0 F30:1',
    'YUV4MPEG2 W-64 H48 F30:1',
    'YUV4MPEG2 Wabc H48 F30:1',
    '',
  ])('refuses "%s" with a way to make the right one', (line) => {
    expect(() => parseY4mHeader(line)).toThrow(UserError);
    expect(() => parseY4mHeader(line)).toThrow(`but with "${line.slice(0, 40)}"`);
  });

  it('shows no control characters of what came in its place', () => {
    expect(() => parseY4mHeader('\x1b[2J\x00\xff')).toThrow('but with "·[2J··"');
  });
});

describe('peekY4mHeader', () => {
  it('reads the size, and every byte is still there for the decoder', async () => {
    const film = Buffer.concat([
      Buffer.from(`${HEADER}\nFRAME\n`),
      Buffer.alloc(4608, 7),
      Buffer.from('FRAME\n'),
      Buffer.alloc(4608, 9),
    ]);
    const stdin = pieces(film.subarray(0, 5000), film.subarray(5000));
    expect(await peekY4mHeader(stdin, signal)).toMatchObject({ widthPx: 64, heightPx: 48, fps: 30 });
    expect((await buffer(stdin)).equals(film)).toBe(true);
  });

  it.each([
    { how: 'at once', stream: () => pieces(...LETTERS) },
    { how: 'slowly', stream: () => slowly(...LETTERS) },
  ])('puts a header together that comes letter by letter, $how', async ({ stream }) => {
    const stdin = stream();
    expect(await peekY4mHeader(stdin, signal)).toMatchObject({ widthPx: 64, heightPx: 48 });
    expect((await buffer(stdin)).toString()).toBe(`${HEADER}\nFRAME\nxyz`);
  });

  it('waits for the first bytes', async () => {
    const stdin = new PassThrough();
    const header = peekY4mHeader(stdin, signal);
    await turn();
    stdin.write(`${HEADER}\n`);
    expect(await header).toMatchObject({ widthPx: 64 });
  });

  it.each([
    { how: 'at once', stream: () => pieces('') },
    { how: 'later', stream: () => slowly('') },
  ])('says that nothing came, when stdin ends $how', async ({ stream }) => {
    await expect(peekY4mHeader(stream(), signal)).rejects.toThrow('stdin ended before the first picture');
  });

  it.each([
    { how: 'at once', stream: () => pieces('hello') },
    { how: 'slowly', stream: () => slowly('hel', 'lo') },
  ])('says what came instead, also where it is short and comes $how', async ({ stream }) => {
    await expect(peekY4mHeader(stream(), signal)).rejects.toThrow('but with "hello"');
  });

  it.each([
    { what: 'something short', text: 'hello', sentence: 'but with "hello"' },
    { what: 'a header without an end', text: HEADER, sentence: 'stdin ended before the first picture' },
    { what: 'nothing', text: '', sentence: 'stdin ended before the first picture' },
  ])('says what is wrong with $what in a file', async ({ text, sentence }) => {
    await using folder = await MediaFolder.open();
    const stdin = createReadStream(await folder.text('film.y4m', text));
    await expect(peekY4mHeader(stdin, signal)).rejects.toThrow(sentence);
  });

  it('does not read for ever where no line ends', async () => {
    const stdin = new PassThrough();
    const endless = setInterval(() => stdin.write('x'.repeat(100)), 1);
    await expect(peekY4mHeader(stdin, signal)).rejects.toThrow('but with "xxxxxxxxxx');
    clearInterval(endless);
  });

  it('gives up when it is aborted while it waits, and keeps no listener', async () => {
    const stdin = new PassThrough();
    const controller = new AbortController();
    const before = stdin.eventNames().map((name) => [name, stdin.listenerCount(name)]);
    const header = peekY4mHeader(stdin, controller.signal);
    await turn();
    controller.abort();
    await expect(header).rejects.toThrow(/abort/i);
    expect(stdin.eventNames().map((name) => [name, stdin.listenerCount(name)])).toEqual(before);
  });

  it('passes on a failure of stdin', async () => {
    const stdin = new PassThrough();
    const header = peekY4mHeader(stdin, signal);
    const closed = once(stdin, 'close').catch(() => undefined);
    stdin.destroy(new Error('read EIO'));
    await expect(header).rejects.toThrow('read EIO');
    await closed;
  });
});
