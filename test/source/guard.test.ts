import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectNoLeftovers } from '../leftovers.ts';
import { MediaFolder } from '../media.ts';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { selfSigned } from './certificate.ts';
import { Watch } from './watch.ts';

expectNoLeftovers();

const missing = await RtspCamera.missing();

let media: MediaFolder;
let film: string;
let rtspFilm: string;

beforeAll(async () => {
  media = await MediaFolder.open();
  film = await media.counter('film.mp4', { fps: 10, frames: 40 });
  rtspFilm = await media.cameraFilm('camera.mkv', { size: { widthPx: 96, heightPx: 64 } });
});
afterAll(async () => {
  await media[Symbol.asyncDispose]();
});

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => socket.destroy())));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The port that nobody named: it answers nothing and counts who comes. */
async function elsewhere(): Promise<Listening & { readonly visits: () => number }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  return { ...(await listen(server)), visits: () => visits };
}

type Answer = (path: string, response: ServerResponse) => void;

async function httpCamera(answer: Answer): Promise<Listening> {
  return await listen(createHttpServer((request, response) => answer(request.url ?? '', response)));
}

const body =
  (type: string, content: string | Buffer): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': type }).end(content);
  };

const playlist = (url: string): string =>
  `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${url}\n#EXT-X-ENDLIST\n`;

const manifest = (url: string): string => `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S" minBufferTime="PT1S"
 profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1"
 bandwidth="1000" width="96" height="64" codecs="avc1.42c01e"><BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>`;

const sdp = (port: number): string =>
  `v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video ${port} TCP/RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n`;

/** What a text can send ffmpeg to; by the port that nobody named. */
const TEXTS: { what: string; name: string; type: string; text: (port: number) => string }[] = [
  {
    what: 'an HLS playlist',
    name: 'a.m3u8',
    type: 'application/vnd.apple.mpegurl',
    text: (port) => playlist(`http://127.0.0.1:${port}/a.ts`),
  },
  {
    what: 'an HLS playlist over tcp',
    name: 'a.m3u8',
    type: 'application/vnd.apple.mpegurl',
    text: (port) => playlist(`tcp://127.0.0.1:${port}`),
  },
  {
    what: 'a DASH manifest',
    name: 'a.mpd',
    type: 'application/dash+xml',
    text: (port) => manifest(`http://127.0.0.1:${port}/a.mp4`),
  },
  {
    what: 'an ffconcat script',
    name: 'a.ffconcat',
    type: 'text/plain',
    text: (port) => `ffconcat version 1.0\nfile 'http://127.0.0.1:${port}/a.mp4'\n`,
  },
  {
    what: 'an ffconcat script over tcp',
    name: 'a.ffconcat',
    type: 'text/plain',
    text: (port) => `ffconcat version 1.0\nfile 'tcp://127.0.0.1:${port}'\n`,
  },
  { what: 'an SDP description', name: 'a.sdp', type: 'application/sdp', text: sdp },
];

/** One connection of ffmpeg at a time, each answered by a text once it has asked. */
async function rtspCamera(answer: (port: number) => string): Promise<Listening & { readonly asked: () => number }> {
  let asked = 0;
  const server = createServer((socket) => {
    socket.on('data', () => {
      asked += 1;
      socket.write(answer((server.address() as AddressInfo).port));
    });
  });
  return { ...(await listen(server)), asked: () => asked };
}

/** Until it was lost, and a little longer. */
async function lostReason(input: string): Promise<string> {
  await using watch = new Watch({ input });
  await watch.until(() => watch.lost.length > 0);
  await delay(400);
  return watch.lost[0]!.reason;
}

describe('nothing but the host and port of the user is asked', () => {
  it.each(TEXTS)('where an HTTP camera answers with $what', async ({ type, text }) => {
    await using other = await elsewhere();
    await using camera = await httpCamera(body(type, text(other.port)));
    await lostReason(`http://127.0.0.1:${camera.port}/video`);
    expect(other.visits()).toBe(0);
  });

  it.each(TEXTS)('and none at all where a file is $what', async ({ name, text }) => {
    await using other = await elsewhere();
    const path = await media.text(name, text(other.port));
    await using watch = new Watch({ input: path });
    await expect(watch.done).rejects.toThrow(path);
    expect(other.visits()).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])('where an HTTP camera redirects with %s, and that is said', async (status) => {
    await using other = await elsewhere();
    const target = `http://u:secret@127.0.0.1:${other.port}/a.ts`;
    await using camera = await httpCamera((_, response) => void response.writeHead(status, { location: target }).end());
    const reason = await lostReason(`http://127.0.0.1:${camera.port}/video`);
    expect(other.visits()).toBe(0);
    if (status < 308) expect(reason).toContain(`sends us on to another address, http://127.0.0.1:${other.port}/a.ts`);
    expect(reason).not.toContain('secret');
  });

  it.each<{ what: string; reply: (target: string) => string }>([
    { what: '302', reply: (target) => `RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: ${target}\r\n\r\n` },
    { what: '301 with bare line feeds', reply: (target) => `RTSP/1.0 301 Moved\nCSeq: 1\nLocation: ${target}\n\n` },
    { what: '302 behind sound', reply: (target) => `$\0\0\u0003abcRTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: ${target}\r\n\r\n` },
    { what: '302 in a disguise of \\r', reply: (target) => `R\rTSP/1.0 3\r02 Found\r\nCSeq: 1\r\nLocation: ${target}\r\n\r\n` },
    { what: '302 that wraps', reply: (target) => `RTSP/1.0 4294967598 Found\r\nCSeq: 1\r\nLocation: ${target}\r\n\r\n` },
    {
      what: '302 behind a body',
      reply: (target) =>
        `RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 1\r\n\r\nxRTSP/1.0 302 F\r\nCSeq: 2\r\nLocation: ${target}\r\n\r\n`,
    },
  ])('where an RTSP camera redirects ($what)', async ({ reply }) => {
    await using other = await elsewhere();
    await using camera = await rtspCamera(() => reply(`rtsp://127.0.0.1:${other.port}/x`));
    const reason = await lostReason(`rtsp://127.0.0.1:${camera.port}/cam`);
    expect(other.visits()).toBe(0);
    expect(camera.asked()).toBeGreaterThan(0);
    expect(reason).toContain(`sends us on to another address, rtsp://127.0.0.1:${other.port}/x`);
  });

  it.each(['rtsp', 'rtsps'])('where an RTSP camera behind TLS redirects to %s', async (scheme) => {
    await using other = await elsewhere();
    let asked = 0;
    const server = createTlsServer(await selfSigned(media), (socket) => {
      socket
        .on('error', () => socket.destroy())
        .on('data', () => {
          asked += 1;
          socket.write(`RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: ${scheme}://127.0.0.1:${other.port}/x\r\n\r\n`);
        });
    });
    await using camera = await listen(server);
    await lostReason(`rtsps://127.0.0.1:${camera.port}/cam`);
    expect(asked).toBeGreaterThan(0);
    expect(other.visits()).toBe(0);
  });

  it('a camera that redirects to itself without end is left', async () => {
    await using camera = await rtspCamera(
      (port) => `RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:${port}/x\r\n\r\n`,
    );
    await lostReason(`rtsp://127.0.0.1:${camera.port}/cam`);
    expect(camera.asked()).toBeLessThan(30);
  });
});

describe('what a camera may be stays possible', () => {
  it.each([
    { what: 'MPEG-TS', type: 'video/mp2t', args: ['-c', 'copy'], name: 'a.ts' },
    { what: 'FLV', type: 'video/x-flv', args: ['-c', 'copy'], name: 'a.flv' },
    { what: 'MP4', type: 'video/mp4', args: ['-c', 'copy', '-movflags', '+faststart'], name: 'a.mp4' },
    { what: 'MJPEG', type: 'video/x-motion-jpeg', args: ['-c:v', 'mjpeg', '-f', 'mjpeg'], name: 'a.mjpg' },
    {
      what: 'JPEGs in parts',
      type: 'multipart/x-mixed-replace; boundary=ffmpeg',
      args: ['-c:v', 'mjpeg', '-f', 'mpjpeg'],
      name: 'a.multipart',
    },
    { what: 'one JPEG', type: 'image/jpeg', args: ['-c:v', 'mjpeg', '-frames:v', '1'], name: 'a.jpg' },
  ])('$what over HTTP, also behind a redirect to the same host and port', async ({ type, args, name }) => {
    const content = await readFile(await media.make('-i', film, ...args, name));
    await using camera = await httpCamera((path, response) => {
      if (path === '/') response.writeHead(302, { location: '/video' }).end();
      else body(type, content)(path, response);
    });
    await using watch = new Watch({ input: `http://127.0.0.1:${camera.port}/` });
    await watch.until(() => watch.opened.length > 0);
    expect(watch.lost).toEqual([]);
  });

  it('an HLS playlist with its segments on the same host and port', async () => {
    const segment = await readFile(await media.make('-i', film, '-c', 'copy', 'segment.ts'));
    await using camera = await httpCamera((path, response) => {
      if (path === '/a.m3u8') body('application/vnd.apple.mpegurl', playlist('segment.ts'))(path, response);
      else body('video/mp2t', segment)(path, response);
    });
    await using watch = new Watch({ input: `http://127.0.0.1:${camera.port}/a.m3u8` });
    await watch.until(() => watch.opened.length > 0);
    expect(watch.lost).toEqual([]);
  });

  it.skipIf(missing !== undefined)('an RTSP camera that redirects to itself', async () => {
    await using camera = await RtspCamera.start({ film: rtspFilm });
    let redirects = 0;
    const server = createServer((socket) => {
      const inner = connect(camera.port, '127.0.0.1');
      inner.on('data', (data) => socket.write(data)).on('error', () => socket.destroy());
      socket
        .on('close', () => inner.destroy())
        .on('data', (data) => {
          if (!data.includes('/old')) {
            inner.write(data);
            return;
          }
          redirects += 1;
          const sequence = /CSeq: (\d+)/.exec(data.toString())?.[1];
          const { port } = server.address() as AddressInfo;
          socket.write(`RTSP/1.0 302 Found\r\nCSeq: ${sequence}\r\nLocation: rtsp://127.0.0.1:${port}/cam\r\n\r\n`);
        });
    });
    await using front = await listen(server);
    await using watch = new Watch({ input: `rtsp://127.0.0.1:${front.port}/old` });
    await watch.until(() => watch.opened.length > 0);
    expect(watch.lost).toEqual([]);
    expect(redirects).toBeGreaterThan(0);
  });
});
