/** How frames stand in a stream that any ffmpeg reads: YUV4MPEG2 (yuv4mpeg(5)) or bare bgr24. Pure. */
import type { VideoFormat } from '../messages/video.ts';

export const STREAM_KINDS = ['y4m', 'rawvideo'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

type RecordFormat = VideoFormat['record'];

const FRAME_MARK = Buffer.from('FRAME\n');

/** What comes before the first frame. */
export function streamHeader(kind: StreamKind, { widthPx, heightPx, fps }: RecordFormat): Buffer {
  return Buffer.from(
    kind === 'y4m' ? `YUV4MPEG2 W${widthPx} H${heightPx} F${fps}:1 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED\n` : '',
  );
}

/** One yuv420p frame as it stands in the stream; `data` itself is not copied for y4m. */
export function streamFrame(kind: StreamKind, data: Uint8Array, size: RecordFormat): readonly Uint8Array[] {
  return kind === 'y4m' ? [FRAME_MARK, data] : [yuv420pToBgr24(data, size)];
}

/** The line that reads the stream, for the person who started us. */
export function readerCommand(kind: StreamKind, { widthPx, heightPx, fps }: RecordFormat): string {
  return kind === 'y4m'
    ? 'ffmpeg -i - out.mp4'
    : `ffmpeg -f rawvideo -pixel_format bgr24 -video_size ${widthPx}x${heightPx} -framerate ${fps} -i - out.mp4`;
}

/** ITU-R BT.601 limited range, in 16.16 fixed point, rounded. Length: width × height × 3. */
export function yuv420pToBgr24(data: Uint8Array, { widthPx, heightPx }: { widthPx: number; heightPx: number }): Uint8Array {
  const chromaWidthPx = (widthPx + 1) >> 1;
  const u0 = widthPx * heightPx;
  const v0 = u0 + chromaWidthPx * ((heightPx + 1) >> 1);
  const bgr = new Uint8ClampedArray(widthPx * heightPx * 3);
  let to = 0;
  for (let y = 0; y < heightPx; y++) {
    const row = y * widthPx;
    const chromaRow = (y >> 1) * chromaWidthPx;
    for (let x = 0; x < widthPx; x++, to += 3) {
      const luma = ((data[row + x] as number) - 16) * 76309 + 32768;
      const u = (data[u0 + chromaRow + (x >> 1)] as number) - 128;
      const v = (data[v0 + chromaRow + (x >> 1)] as number) - 128;
      bgr[to] = (luma + 132201 * u) >> 16;
      bgr[to + 1] = (luma - 25675 * u - 53279 * v) >> 16;
      bgr[to + 2] = (luma + 104597 * v) >> 16;
    }
  }
  return new Uint8Array(bgr.buffer);
}
