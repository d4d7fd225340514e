/**
 * What a camera sends + what the user asked for -> packets or frames, and why in one sentence. Pure.
 *
 * Packets are recorded as they come, so `auto` takes them only where every browser plays them: H.264, 8 bit 4:2:0, without
 * B-frames (their order costs delay), over RTSP. Whoever draws into the pictures needs pictures.
 */
import type { Input } from '../../ffmpeg/input.ts';
import type { CameraConfig } from '../config/config.ts';
import { UserError } from '../lib/errors.ts';
import type { Feed } from '../messages/video.ts';
import type { ProbedVideo } from './video-format.ts';

export interface FeedChoice {
  readonly feed: Feed;
  /** one sentence for the log */
  readonly why: string;
  /** what becomes of the camera's sound; undefined where there is none, or it is left out */
  readonly sound: 'copy' | 'aac' | undefined;
}

export interface FeedWishes {
  readonly asked: CameraConfig['record']['feed'];
  readonly input: Input;
  /** the input as it may be shown */
  readonly shown: string;
  /** why somebody needs raw pictures, as the rest of a sentence; undefined where nobody does */
  readonly picturesFor?: string | undefined;
}

const PIXEL_FORMATS: ReadonlySet<string | undefined> = new Set(['yuv420p', 'yuvj420p']);
const PROFILES: ReadonlySet<string | undefined> = new Set(['Constrained Baseline', 'Baseline', 'Main', 'High']);
/** 5.2, times ten: what desktops and phones decode */
const MAX_LEVEL = 52;
/** What ffmpeg decodes without a licence, of the sound that cameras send. */
const DECODABLE_SOUND = /^(pcm_\w+|adpcm_\w+|g722|g726\w*|opus|mp[123]|vorbis|e?ac3|amr_nb|amr_wb|speex|aac_latm)$/;

/** Why this camera's pictures are drawn into, which its packets cannot be; undefined where they are not. */
export function whyPictures({
  masks = [],
  record,
}: { masks?: CameraConfig['masks'] } & Pick<CameraConfig, 'record'>): string | undefined {
  if (masks.length > 0) return 'privacy masks are painted into pictures';
  return record.burnIn.time || record.burnIn.boxes ? 'time or boxes are drawn into pictures' : undefined;
}

/** Throws a UserError where packets were asked for and cannot be had. */
export function chooseFeed(video: ProbedVideo, wishes: FeedWishes): FeedChoice {
  const { asked, shown } = wishes;
  if (asked === 'frames') return frames('record.feed is frames');
  const impossible = whyImpossible(video, wishes);
  if (asked === 'auto') {
    const unwise = impossible ?? whyUnwise(video, wishes);
    return unwise === undefined ? packets(video, 'the camera’s own H.264 plays everywhere') : frames(unwise);
  }
  if (impossible === undefined) return packets(video, `record.feed is packets${remark(video)}`);
  throw new UserError(`record.feed is packets, but ${shown} cannot be recorded that way: ${impossible}`, {
    hint: 'set record.feed to auto, or the camera to H.264 over RTSP',
  });
}

function whyImpossible({ codec, coded }: ProbedVideo, { input, picturesFor }: FeedWishes): string | undefined {
  if (picturesFor !== undefined) return picturesFor;
  if (input.kind === 'device') return 'a webcam sends pictures';
  if (input.kind === 'stdin') return 'stdin carries pictures';
  if (codec !== 'h264' && codec !== 'hevc') return `its video is ${codec}, not H.264`;
  if (coded?.isTurned === true) return 'its pictures have to be turned upright';
  return undefined;
}

function whyUnwise({ codec, coded }: ProbedVideo, { input }: FeedWishes): string | undefined {
  if (input.kind === 'file') return 'the input is a file';
  if (input.kind !== 'url' || !input.scheme.startsWith('rtsp')) return 'the input is not RTSP';
  if (codec !== 'h264') return `its video is ${codec}, which not every browser plays (record.feed: packets keeps it as it is)`;
  if (coded === undefined) return 'the camera does not say how its video is coded';
  const { pixelFormat, profile, level, bFrames } = coded;
  if (!PIXEL_FORMATS.has(pixelFormat)) return `browsers do not play its ${pixelFormat ?? 'unknown'} pictures`;
  if (!PROFILES.has(profile)) return `browsers do not play H.264 of the profile ${profile ?? 'unknown'}`;
  if (level > MAX_LEVEL) return `browsers may not play H.264 of level ${level / 10}`;
  return bFrames > 0 ? 'its video has B-frames, which come late (switch them off in the camera)' : undefined;
}

function frames(because: string): FeedChoice {
  return { feed: 'frames', sound: undefined, why: `Records pictures that are encoded anew, without sound: ${because}.` };
}

function packets({ sound }: ProbedVideo, because: string): FeedChoice {
  const why = `Records what the camera sends, untouched: ${because}.`;
  if (sound === undefined) return { feed: 'packets', sound: undefined, why };
  if (sound === 'aac') return { feed: 'packets', sound: 'copy', why: `${why} With its sound (AAC).` };
  if (DECODABLE_SOUND.test(sound)) return { feed: 'packets', sound: 'aac', why: `${why} Its sound (${sound}) is made AAC.` };
  return { feed: 'packets', sound: undefined, why: `${why} Its sound (${sound}) cannot be read and is left out.` };
}

function remark({ codec, coded }: ProbedVideo): string {
  if (codec === 'hevc') return ' (HEVC, which not every browser plays)';
  return (coded?.bFrames ?? 0) > 0 ? ' (with B-frames)' : '';
}
