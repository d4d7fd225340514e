/**
 * Raw frames on stdin → one-second fMP4 segments in the working directory, each reported on stdout once it is closed.
 *
 * stdout is ffmpeg's own playlist; it is read as a report only. On a full disk ffmpeg exits 0 and lists truncated segments,
 * so the recorder checks each file and writes the playlist that is served.
 */
import { FFMPEG_SEGMENT_NAME } from '../src/media/clip-files.ts';
import type { SizePx } from '../src/messages/video.ts';
import { flag, quiet, type Recipe } from './recipe.ts';

export const SEGMENT_MS = 1000;

export interface HlsOptions {
  readonly size: SizePx;
  readonly fps: number;
  /** number of the first segment: a run after a dead encoder continues the count */
  readonly firstSegment: number;
  readonly initName: string;
  /** clip time of the first frame */
  readonly offsetMs: number;
  readonly maxMs: number;
}

export function hlsEncode({ size, fps, firstSegment, initName, offsetMs, maxMs }: HlsOptions): Recipe {
  const gop = Math.max(1, Math.round((fps * SEGMENT_MS) / 1000));
  return [
    ...quiet,
    flag('-f', 'rawvideo'),
    flag('-pix_fmt', 'yuv420p'),
    flag('-video_size', `${size.widthPx}x${size.heightPx}`),
    flag('-framerate', fps),
    flag('-i', 'pipe:0'),
    flag('-t', seconds(maxMs)).because('no writer runs for ever, whatever happens to us'),
    flag('-c:v', 'libx264'),
    flag('-preset', 'veryfast'),
    flag('-profile:v', 'high').because('x264 picks the lowest level that fits: 3.1 for 720p15, 4.0 for 1080p30'),
    flag('-pix_fmt', 'yuv420p').because('browsers and phones play nothing else'),
    flag('-color_range', 'tv'),
    flag('-threads', 1).because('frame threads add latency and the machine has other things to do'),
    flag('-rc-lookahead', 5).because(
      'the default of 40 frames lands each segment seconds late; zerolatency costs 1.8 times the bytes',
    ),
    flag('-bf', 0).because('no reordering: pts = dts, and a clip cut anywhere still plays'),
    flag('-g', gop).because('a GOP is a segment'),
    flag('-keyint_min', gop),
    flag('-sc_threshold', 0).because('a scene cut would open a GOP of its own'),
    flag('-output_ts_offset', seconds(offsetMs)).because('a run after a dead encoder goes on in clip time'),
    flag('-f', 'hls'),
    flag('-hls_time', SEGMENT_MS / 1000),
    flag('-hls_list_size', 1).because('each report names the newest segment only; the files stay'),
    flag('-start_number', firstSegment),
    flag('-hls_segment_type', 'fmp4'),
    flag('-hls_fmp4_init_filename', initName),
    flag('-hls_segment_options', 'movflags=+frag_custom+dash+delay_moov+frag_discont').because(
      'the first three are what hls sets itself; frag_discont puts the offset into tfdt instead of an edit list',
    ),
    flag('-hls_segment_filename', FFMPEG_SEGMENT_NAME),
    flag('pipe:1').because('the playlist is printed each time a segment was closed'),
  ];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}
