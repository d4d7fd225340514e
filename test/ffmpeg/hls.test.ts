import { describe, expect, it } from 'vitest';
import { hlsEncode } from '../../ffmpeg/hls.ts';
import { argvOf } from '../../ffmpeg/recipe.ts';

describe('hlsEncode', () => {
  it.each([
    {
      name: 'the first run at 720p15',
      options: {
        size: { widthPx: 1280, heightPx: 720 },
        fps: 15,
        firstSegment: 0,
        initName: 'init.mp4',
        offsetMs: 0,
        maxMs: 160_000,
      },
      line:
        '-hide_banner -nostdin -loglevel level+warning -nostats -f rawvideo -pix_fmt yuv420p -video_size 1280x720 -framerate 15 -i pipe:0 ' +
        '-t 160.000000 -c:v libx264 -preset veryfast -profile:v high -pix_fmt yuv420p -color_range tv -threads 1 -rc-lookahead 5 -bf 0 ' +
        '-g 15 -keyint_min 15 -sc_threshold 0 -output_ts_offset 0.000000 -f hls -hls_time 1 -hls_list_size 1 -start_number 0 ' +
        '-hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 -hls_segment_options movflags=+frag_custom+dash+delay_moov+frag_discont ' +
        '-hls_segment_filename %05d.m4s pipe:1',
    },
    {
      name: 'a run after a dead encoder, in clip time',
      options: {
        size: { widthPx: 320, heightPx: 180 },
        fps: 10,
        firstSegment: 7,
        initName: 'init-1.mp4',
        offsetMs: 6400,
        maxMs: 30_000,
      },
      line:
        '-hide_banner -nostdin -loglevel level+warning -nostats -f rawvideo -pix_fmt yuv420p -video_size 320x180 -framerate 10 -i pipe:0 ' +
        '-t 30.000000 -c:v libx264 -preset veryfast -profile:v high -pix_fmt yuv420p -color_range tv -threads 1 -rc-lookahead 5 -bf 0 ' +
        '-g 10 -keyint_min 10 -sc_threshold 0 -output_ts_offset 6.400000 -f hls -hls_time 1 -hls_list_size 1 -start_number 7 ' +
        '-hls_segment_type fmp4 -hls_fmp4_init_filename init-1.mp4 -hls_segment_options movflags=+frag_custom+dash+delay_moov+frag_discont ' +
        '-hls_segment_filename %05d.m4s pipe:1',
    },
  ])('makes the command line of $name', ({ options, line }) => {
    expect(argvOf(hlsEncode(options)).join(' ')).toBe(line);
  });

  it('explains every flag a reader would ask about', () => {
    const options = { size: { widthPx: 2, heightPx: 2 }, fps: 1, firstSegment: 0, initName: 'init.mp4', offsetMs: 0, maxMs: 1 };
    const explained = hlsEncode(options).filter(({ why }) => why !== undefined);
    const words = explained.map(({ words: [word] }) => word);
    expect(words).toEqual(expect.arrayContaining(['-t', '-rc-lookahead', '-bf', '-g', '-sc_threshold', '-hls_segment_options']));
  });
});
