import { describe, expect, it } from 'vitest';
import { RtspReplies, startsPlaying } from '../../src/source/rtsp-replies.ts';

/** What comes out behind the sieve, and where it was sent; the bytes come in pieces of this size. */
async function sift(text: string, size: number, trust = false): Promise<{ out: string; targets: string[]; failed: boolean }> {
  const targets: string[] = [];
  const replies = new RtspReplies({
    isThere: (url) => url.includes('//camera'),
    relayUrl: 'rtsp://127.0.0.1:9',
    onElsewhere: (url) => targets.push(url),
  });
  if (trust) replies.trust();
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) replies.write(bytes.subarray(at, at + size));
  replies.end();
  let out = '';
  try {
    for await (const chunk of replies) out += (chunk as Buffer).toString('latin1');
    return { out, targets, failed: false };
  } catch {
    return { out, targets, failed: true };
  }
}

const REDIRECT = 'RTSP/1.0 302 Found\r\nCSeq: 7\r\nLocation: rtsp://other/x\r\n\r\n';

describe.each([1, 2, 7, 10_000])('replies in pieces of %i bytes', (size) => {
  it.each([
    'RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE, PLAY\r\n\r\n',
    'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="R", nonce="300"\r\n\r\nRTSP/1.0 200 OK\r\n\r\nv=0\r\ns=RTSP/RTP stream\r\n',
    '$\x00\x00\x04\xff\x00R\x80',
  ])('go through byte for byte where they are none that lead away (%j)', async (text) => {
    expect(await sift(text, size)).toEqual({ out: text, targets: [], failed: false });
  });

  it('end before the first byte of a redirect to elsewhere', async () => {
    const { out, targets, failed } = await sift(`x${REDIRECT}`, size);
    expect(failed).toBe(true);
    expect(targets).toEqual(['rtsp://other/x']);
    expect('x').toContain(out);
  });

  it('turn a redirect to the same camera to the relay', async () => {
    const { out } = await sift(REDIRECT.replace('//other', '//camera'), size);
    expect(out).toBe('RTSP/1.0 302 Found\r\nCSeq: 7\r\nLocation: rtsp://127.0.0.1:9/x\r\n\r\n');
  });

  it('are not looked at any more while the camera plays', async () => {
    expect((await sift(REDIRECT, size, true)).out).toBe(REDIRECT);
  });
});

it('a camera plays once it is asked to', () => {
  expect(startsPlaying(Buffer.from('PLAY rtsp://camera/x RTSP/1.0\r\n'))).toBe(true);
  expect(startsPlaying(Buffer.from('SETUP rtsp://camera/PLAY RTSP/1.0\r\n'))).toBe(false);
});
