import { describe, expect, it } from 'vitest';
import { parseInput } from '../../ffmpeg/input.ts';
import { probeRecipe } from '../../ffmpeg/probe.ts';
import { argvOf } from '../../ffmpeg/recipe.ts';

const ENTRIES =
  'stream=index,codec_name,codec_type,profile,level,pix_fmt,width,height,avg_frame_rate,r_frame_rate,has_b_frames,sample_aspect_ratio' +
  ':stream_side_data=rotation:stream_disposition=attached_pic:format=duration,format_name';
const ASKED = `-hide_banner -loglevel level+warning -of json -show_entries ${ENTRIES}`.split(' ');

describe('probeRecipe', () => {
  it('asks a file for its picture streams, as JSON', () => {
    const { recipe, stdinScript } = probeRecipe(parseInput('walk.mp4'));
    expect(argvOf(recipe)).toEqual([...ASKED, '-protocol_whitelist', 'file', '-i', 'file:walk.mp4']);
    expect(stdinScript).toBeUndefined();
  });

  it('asks a camera the same; its address is in the script for stdin', () => {
    const { recipe, stdinScript } = probeRecipe(parseInput('rtsp://admin:hunter2@cam/h264'));
    const whitelist = ['-protocol_whitelist', 'pipe,fd,tcp,rtsp'];
    expect(argvOf(recipe)).toEqual([...ASKED, '-f', 'concat', '-safe', '0', ...whitelist, '-i', 'pipe:0']);
    expect(stdinScript).toContain('admin:hunter2@cam');
  });
});
