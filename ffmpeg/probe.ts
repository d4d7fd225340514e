/** Probe: what is in an input, as JSON on stdout. Run before every decode, because a size is never asked for. */
import { openInput, type Input } from './input.ts';
import { flag, type Recipe } from './recipe.ts';

export interface ProbeCommand {
  readonly recipe: Recipe;
  readonly stdinScript?: string;
}

export function probeRecipe(input: Input): ProbeCommand {
  const opened = openInput(input);
  return {
    recipe: [
      flag('-hide_banner'),
      flag('-loglevel', 'level+warning'),
      flag('-of', 'json'),
      flag(
        '-show_entries',
        'stream=index,codec_name,codec_type,profile,level,pix_fmt,width,height,avg_frame_rate,r_frame_rate,has_b_frames,sample_aspect_ratio:stream_side_data=rotation:stream_disposition=attached_pic:format=duration,format_name',
      ),
      ...opened.recipe,
    ],
    ...(opened.stdinScript === undefined ? {} : { stdinScript: opened.stdinScript }),
  };
}
