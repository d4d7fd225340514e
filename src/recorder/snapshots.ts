/**
 * The chosen frame -> snapshot.jpg, snapshot-boxes.jpg and thumb.webp (the part with the people) in the event folder. One picture
 * is made at a time; while it is made only the newest choice waits. A picture that cannot be made costs the event nothing but the picture.
 */
import { join } from 'node:path';
import sharp from 'sharp';
import { runShortJob } from '../../ffmpeg/short-job.ts';
import { snapshotToRgb } from '../../ffmpeg/snapshot.ts';
import { writeDurably } from '../lib/durable.ts';
import { messageOf } from '../lib/errors.ts';
import { Latest } from '../lib/latest.ts';
import type { Logger } from '../lib/log.ts';
import { PICTURE_NAMES } from '../media/clip-files.ts';
import type { Track } from '../messages/detection.ts';
import type { SizePx } from '../messages/video.ts';
import { drawTracks } from '../draw/draw-tracks.ts';
import type { Still } from './film.ts';
import { thumbCrop } from './thumb-crop.ts';

const JPEG_QUALITY = 85;
const THUMB_WIDTH_PX = 320;
/** What is told must fit through a broker: AWS IoT takes 128 KiB, and Home Assistant is happiest with less. */
const TOLD_MAX_BYTES = 100_000;
/** the first that fits; the last one fits whatever is in the picture */
const TOLD_FORMS = [
  { edgePx: 1280, quality: 80 },
  { edgePx: 960, quality: 70 },
  { edgePx: 640, quality: 60 },
  { edgePx: 320, quality: 50 },
] as const;
const JOB_TIMEOUT_MS = 10_000;

export interface SnapshotsOptions {
  readonly folder: string;
  readonly size: SizePx;
  readonly log: Logger;
  /** the picture, made smaller where it has more than 100 kB */
  readonly onJpeg: (jpeg: Uint8Array) => void;
}

interface Choice {
  readonly still: Still;
  readonly tracks: readonly Track[];
}

export class Snapshots {
  readonly #options: SnapshotsOptions;
  readonly #waiting = new Latest<Choice>();
  #working: Promise<void> | undefined;
  #hasWritten = false;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** the three files exist */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** Takes over the still until its picture is made. */
  take(choice: Choice): void {
    this.#waiting.put(choice)?.still.release();
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Resolves when nothing is being made. */
  async settled(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let choice = this.#waiting.take(); choice; choice = this.#waiting.take()) {
      const { still, tracks } = choice;
      try {
        await this.#make(await still.load(), tracks);
      } catch (error) {
        this.#options.log.warn({ folder: this.#options.folder, reason: messageOf(error) }, 'no snapshot could be made');
      } finally {
        still.release();
      }
    }
  }

  async #make(picture: Uint8Array, tracks: readonly Track[]): Promise<void> {
    const { size, folder, onJpeg } = this.#options;
    const withBoxes = Buffer.from(picture);
    drawTracks(withBoxes, { size, tracks });
    const input = Buffer.concat([picture, withBoxes]);
    const rgb = await runShortJob(snapshotToRgb(size), input, { timeoutMs: JOB_TIMEOUT_MS });
    const pictureBytes = size.widthPx * size.heightPx * 3;
    if (rgb.byteLength !== 2 * pictureBytes) {
      throw new Error(`Expected ${2 * pictureBytes} bytes of RGB but received ${rgb.byteLength}`);
    }
    const raw = { raw: { width: size.widthPx, height: size.heightPx, channels: 3 } } as const;
    const plain = sharp(rgb.subarray(0, pictureBytes), raw);
    const boxes = tracks.map(({ box }) => box);
    const [jpeg, marked, thumb] = await Promise.all([
      plain.clone().jpeg({ quality: JPEG_QUALITY }).toBuffer(),
      sharp(rgb.subarray(pictureBytes), raw).jpeg({ quality: JPEG_QUALITY }).toBuffer(),
      plain.clone().extract(thumbCrop(size, boxes)).resize({ width: THUMB_WIDTH_PX }).webp().toBuffer(),
    ]);
    const pictures = [jpeg, marked, thumb];
    for (const [i, name] of PICTURE_NAMES.entries()) await writeDurably(join(folder, name), pictures[i] ?? jpeg);
    this.#hasWritten = true;
    onJpeg(await toldForm(jpeg));
  }
}

/** As it is where it is small enough, else the largest form that is. */
async function toldForm(jpeg: Buffer): Promise<Buffer> {
  let told = jpeg;
  for (const { edgePx, quality } of TOLD_FORMS) {
    if (told.byteLength <= TOLD_MAX_BYTES) break;
    told = await sharp(jpeg).resize(edgePx, edgePx, { fit: 'inside', withoutEnlargement: true }).jpeg({ quality }).toBuffer();
  }
  return told;
}
