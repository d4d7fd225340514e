/** Detection frames by hand: a textured scene, noise from a seed, and grey rectangles that stand for people. */
import type { VideoFormat } from '../../src/messages/video.ts';

export const WIDTH_PX = 160;
export const HEIGHT_PX = 96;
/** 4 px of letterbox above and below */
export const DETECT: VideoFormat['detect'] = {
  widthPx: WIDTH_PX,
  heightPx: HEIGHT_PX,
  fps: 5,
  picture: { leftPx: 0, topPx: 4, widthPx: WIDTH_PX, heightPx: HEIGHT_PX - 8 },
};
const LETTERBOX = 114;

export interface PictureOptions {
  /** grey levels of noise, either way, different with each seed */
  readonly noise?: number;
  readonly seed?: number;
  /** grey levels added everywhere: the light */
  readonly light?: number;
  readonly person?: {
    readonly xPx: number;
    readonly yPx: number;
    readonly wPx: number;
    readonly hPx: number;
    readonly grey?: number;
  };
}

export function picture({ noise = 0, seed = 1, light = 0, person }: PictureOptions = {}): Uint8Array {
  const data = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3).fill(LETTERBOX);
  let random = seed >>> 0 || 1;
  for (let y = 4; y < HEIGHT_PX - 4; y++) {
    for (let x = 0; x < WIDTH_PX; x++) {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      const scene = 60 + ((x * 7 + y * 13) % 90);
      data[y * WIDTH_PX + x] = scene + light + Math.round(((random >>> 16) / 65_535 - 0.5) * 2 * noise);
    }
  }
  if (person) {
    const { xPx, yPx, wPx, hPx, grey = 230 } = person;
    for (let y = yPx; y < yPx + hPx; y++) data.fill(grey, y * WIDTH_PX + xPx, y * WIDTH_PX + xPx + wPx);
  }
  return data;
}
