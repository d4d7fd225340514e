/** Clips of fMP4 segments made by the real ffmpeg, in a temp folder that goes with its owner. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { boxesIn, fileOf } from '../../../src/media/fmp4/boxes.ts';
import { readRuns } from '../../../src/media/fmp4/runs.ts';
import { readTracks } from '../../../src/media/fmp4/tracks.ts';
import { parsePlaylist, playlistHeader, playlistText, type ListedSegment } from '../../../src/media/hls-playlist.ts';

const exec = promisify(execFile);
/** As the recorder's encoder writes them. */
const FRAGMENTS = 'movflags=+frag_custom+dash+delay_moov+frag_discont';
export const FIRST_AT_MS = Date.UTC(2026, 10, 20, 14, 2, 0);

export interface RunOptions {
  readonly fps?: number;
  readonly seconds?: number;
  readonly size?: string;
  readonly firstSegment?: number;
  readonly offsetS?: number;
  readonly initName?: string;
  readonly withAudio?: boolean;
  /** for example `-bf 2` */
  readonly encoder?: readonly string[];
  readonly movflags?: string;
}

export class HlsClip implements AsyncDisposable {
  readonly folder: string;
  readonly segments: ListedSegment[] = [];

  static async open(): Promise<HlsClip> {
    return new HlsClip(await mkdtemp(join(tmpdir(), 'lookout-hls-')));
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  get playlist(): string {
    return playlistText({ header: playlistHeader(1), segments: this.segments, hasEnded: true });
  }

  /** One run of an encoder; its segments are listed behind those of the runs before it. */
  async encode({
    fps = 10,
    seconds = 3,
    size = '160x90',
    firstSegment = 0,
    offsetS = 0,
    initName = 'init.mp4',
    withAudio = false,
    encoder = ['-bf', '0'],
    movflags = FRAGMENTS,
  }: RunOptions = {}): Promise<void> {
    const audio = withAudio ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`] : [];
    const argv = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`, ...audio];
    const codecs = ['-c:v', 'libx264', '-profile:v', 'high', '-pix_fmt', 'yuv420p', '-g', String(fps), '-sc_threshold', '0'];
    const hls = [
      '-f',
      'hls',
      '-hls_time',
      '1',
      '-hls_list_size',
      '0',
      '-hls_segment_type',
      'fmp4',
      '-hls_segment_options',
      movflags,
    ];
    const names = [
      '-hls_fmp4_init_filename',
      initName,
      '-hls_segment_filename',
      '%05d.m4s',
      '-start_number',
      String(firstSegment),
    ];
    const { stdout } = await exec(
      'ffmpeg',
      [...argv, ...codecs, ...encoder, '-c:a', 'aac', '-output_ts_offset', String(offsetS), ...hls, ...names, 'pipe:1'],
      { cwd: this.folder },
    );
    const text = stdout.slice(stdout.lastIndexOf('#EXTM3U'));
    for (const { name, durationMs } of parsePlaylist(text).segments) {
      const isDiscontinuity = this.segments.length > 0 && this.segments.at(-1)?.initName !== initName;
      this.segments.push({ name, initName, durationMs, atMs: FIRST_AT_MS + this.#durationMs(), isDiscontinuity });
    }
  }

  /** As the packets feed: one fragment a picture or sound, cut into segments at key frames. */
  async encodePackets({ fps = 10, seconds = 3, withAudio = false }: RunOptions = {}): Promise<void> {
    const audio = withAudio
      ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`, '-c:a', 'aac']
      : [];
    const argv = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=${fps}:duration=${seconds}`, ...audio];
    const codecs = ['-c:v', 'libx264', '-profile:v', 'high', '-pix_fmt', 'yuv420p', '-g', String(fps), '-bf', '0'];
    // A camera sends sound and picture of a moment together; an encoder that looks ahead would send the sound seconds before.
    codecs.push('-tune', 'zerolatency');
    const mp4 = ['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', 'pipe:1'];
    const { stdout } = await exec('ffmpeg', [...argv, ...codecs, ...mp4], { encoding: 'buffer', maxBuffer: 1e8 });
    const boxes = boxesIn(fileOf(stdout)).map(({ type, at, payload }) => ({
      type,
      bytes: stdout.subarray(at - 8, at + payload.length),
      payload: { at, startsAt: at - 8, payload },
    }));
    const init = Buffer.concat(boxes.filter(({ type }) => type === 'ftyp' || type === 'moov').map(({ bytes }) => bytes));
    await writeFile(join(this.folder, 'init.mp4'), init);
    const tracks = readTracks(init);
    const video = tracks.find(({ kind }) => kind === 'vide');
    const gops: Buffer[][] = [];
    let hasKey = false;
    for (const { type, bytes, payload } of boxes.filter(({ type: of }) => of === 'moof' || of === 'mdat')) {
      const runs = type === 'moof' ? readRuns(payload, tracks) : [];
      const isKey = runs.some(({ trackId, samples }) => trackId === video?.id && samples[0]?.isSync === true);
      // Sound that comes before the first picture belongs to it.
      if (gops.length === 0 || (isKey && hasKey)) gops.push([]);
      hasKey ||= isKey;
      gops.at(-1)?.push(bytes);
    }
    for (const [i, gop] of gops.entries()) {
      const name = `${String(i).padStart(5, '0')}.m4s`;
      await writeFile(join(this.folder, name), Buffer.concat(gop));
      const atMs = FIRST_AT_MS + this.#durationMs();
      this.segments.push({ name, initName: 'init.mp4', durationMs: 1000, atMs, isDiscontinuity: false });
    }
  }

  async read(name: string): Promise<Buffer> {
    return await readFile(join(this.folder, name));
  }

  /** One part as a file of its own, for players that stumble over a second init. */
  async part(initName: string): Promise<string> {
    const names = this.segments.filter((segment) => segment.initName === initName).map(({ name }) => name);
    const bytes = await Promise.all([initName, ...names].map(async (name) => await this.read(name)));
    const path = join(this.folder, `part-${initName}`);
    await writeFile(path, Buffer.concat(bytes));
    return path;
  }

  #durationMs(): number {
    return this.segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Checksums of every decoded picture, or of every packet of sound, in order; throws where ffmpeg complains. */
export async function decodedHashes(path: string, stream: 'v' | 'a' = 'v', seek: readonly string[] = []): Promise<string[]> {
  const opening = path.endsWith('.m3u8') ? ['-allowed_extensions', 'ALL'] : [];
  const argv = ['-v', 'error', '-xerror', ...seek, ...opening, '-i', path, '-map', `0:${stream}`];
  const codec = stream === 'a' ? ['-c', 'copy'] : [];
  const { stdout, stderr } = await exec('ffmpeg', [...argv, ...codec, '-fps_mode', 'passthrough', '-f', 'framemd5', '-'], {
    maxBuffer: 1e8,
  });
  // What the parser says before it saw the second description is not about the pictures.
  const complaints = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('[NULL @'));
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/** What ffprobe says of a stream. */
export async function facts(path: string, stream: 'v' | 'a' = 'v'): Promise<Record<string, string>> {
  const entries = 'stream=codec_name,codec_tag_string,start_time,duration,nb_read_packets,width,height:format=duration';
  const argv = ['-v', 'error', '-select_streams', stream, '-count_packets', '-show_entries', entries, '-of', 'json', path];
  const { stdout } = await exec('ffprobe', argv);
  const { streams, format } = JSON.parse(stdout) as { streams: Record<string, string>[]; format: { duration: string } };
  return { ...streams[0], formatDuration: format.duration };
}
