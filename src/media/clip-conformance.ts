/**
 * A closed clip → what would keep a player from showing it, in sentences; none means that it plays. What Apple’s HLS authoring
 * specification and RFC 8216 ask of fMP4 segments, except where a camera may do as it likes: its clock may be set, its sound may
 * have holes. Pure: works on indexed segments, so nobody holds the video.
 */
import { isBeyondTarget, type ListedSegment, parsePlaylist, type Playlist } from './hls-playlist.ts';
import { PLAYLIST_NAME } from './clip-files.ts';
import { type Box, boxesIn, fileOf, Mp4Error } from './fmp4/boxes.ts';
import { avcFactsOf } from './fmp4/codecs.ts';
import type { IndexedSegment } from './fmp4/virtual-mp4.ts';
import { type Run, sum } from './fmp4/runs.ts';
import { type InitTrack, readTracks } from './fmp4/tracks.ts';

export interface ClipParts {
  readonly playlist: string;
  /** by name */
  readonly inits: ReadonlyMap<string, Buffer>;
  readonly segments: ReadonlyMap<string, IndexedSegment>;
}

/** Constrained Baseline and Baseline, Main, High. */
const PROFILES = new Set([66, 77, 100]);
/** 5.2, times ten: what the specification allows, and what is recorded as a camera sends it. */
const MAX_LEVEL = 52;
const CHROMA_420 = 1;
/** Frames of sound may overlap by so many where a camera came back. */
const SOUND_OVERLAP = 2;
/** Where a run before it ended, per track, in seconds. */
type Ends = Map<string, number>;

export interface Problem {
  /** name of a file of the clip */
  readonly file: string;
  /** what is wrong with it */
  readonly sentence: string;
}

export function conformanceProblems({ playlist: text, inits, segments }: ClipParts): Problem[] {
  const playlist = parsePlaylist(text);
  const problems = playlistProblems(playlist, text);
  const ends: Ends = new Map();
  const isIndependent = text.includes('#EXT-X-INDEPENDENT-SEGMENTS');
  const tracksByInit = new Map<string, readonly InitTrack[]>();
  for (const [name, init] of inits) {
    const { tracks, problems: own } = readInit(name, init);
    problems.push(...own);
    tracksByInit.set(name, tracks);
  }
  for (const [i, listed] of playlist.segments.entries()) {
    const indexed = segments.get(listed.name);
    const tracks = tracksByInit.get(listed.initName ?? '');
    const isEntry = isIndependent || listed.isDiscontinuity || i === 0;
    if (!tracks) problems.push(of(listed.name, `its init file ${listed.initName ?? '(none)'} is missing`));
    else if (!indexed) problems.push(of(listed.name, 'it is listed but missing'));
    else problems.push(...segmentProblems({ listed, indexed, tracks, isEntry }, ends));
  }
  return problems;
}

function of(file: string, sentence: string): Problem {
  return { file, sentence };
}

function playlistProblems({ header, segments, hasEnded }: Playlist, text: string): Problem[] {
  const target = Number(/^#EXT-X-TARGETDURATION:(\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  const version = Number(/^#EXT-X-VERSION:(\d+)$/m.exec(text)?.[1] ?? 1);
  const tooLong = segments.filter((segment) => isBeyondTarget(segment, target));
  const own = [
    ...(header.length === 0 ? ['it has no usable header'] : []),
    ...(hasEnded ? [] : ['it does not end with EXT-X-ENDLIST']),
    ...(version >= 6 ? [] : [`EXT-X-MAP wants version 6 or later, not ${version}`]),
    ...(segments.length > 0 ? [] : ['it lists no segment']),
  ];
  return [
    ...own.map((sentence) => of(PLAYLIST_NAME, sentence)),
    ...tooLong.map(({ name, durationMs }) => of(name, `it lasts ${durationMs} ms, the target duration is ${target} s`)),
  ];
}

function readInit(name: string, init: Buffer): { tracks: readonly InitTrack[]; problems: Problem[] } {
  try {
    const tracks = readTracks(init);
    const types = boxesIn(fileOf(init)).map(({ type }) => type);
    const isOrdered = types[0] === 'ftyp' && types.includes('moov') && !types.includes('mdat');
    const order = isOrdered ? [] : [`expected ftyp, moov and no media data but found ${types.join(', ')}`];
    return { tracks, problems: [...order, ...trackProblems(tracks)].map((sentence) => of(name, sentence)) };
  } catch (error) {
    if (error instanceof Mp4Error) return { tracks: [], problems: [of(name, error.message)] };
    throw error;
  }
}

function trackProblems(tracks: readonly InitTrack[]): string[] {
  const videos = tracks.filter(({ kind }) => kind === 'vide');
  const odd = tracks.flatMap(({ kind, descriptions }) =>
    kind === 'soun'
      ? descriptions.filter(({ type }) => type !== 'mp4a').map(({ type }) => `sound in ${type}, expected mp4a`)
      : [],
  );
  return [
    ...(videos.length === 1 ? [] : [`expected one video track but found ${videos.length}`]),
    ...videos.flatMap(({ descriptions }) => descriptions.flatMap(videoProblems)),
    ...odd,
  ];
}

function videoProblems(entry: Box): string[] {
  if (entry.type === 'hvc1') return [];
  if (entry.type !== 'avc1') return [`video in ${entry.type}, expected avc1 or hvc1`];
  const { profile, level, chromaFormat, bitDepth } = avcFactsOf(entry);
  return [
    ...(PROFILES.has(profile) ? [] : [`H.264 profile ${profile}, expected Baseline, Main or High`]),
    ...(level <= MAX_LEVEL ? [] : [`H.264 level ${level / 10}, expected ${MAX_LEVEL / 10} at most`]),
    ...(chromaFormat === CHROMA_420 ? [] : [`chroma format ${chromaFormat}, expected 4:2:0`]),
    ...(bitDepth === 8 ? [] : [`${bitDepth} bits a sample, expected 8`]),
  ];
}

interface Listed {
  /** decoders may begin here */
  readonly isEntry: boolean;
  readonly listed: ListedSegment;
  readonly indexed: IndexedSegment;
  readonly tracks: readonly InitTrack[];
}

function segmentProblems({ listed, indexed, tracks, isEntry }: Listed, ends: Ends): Problem[] {
  const problems: string[] = [];
  if (listed.isDiscontinuity) ends.clear();
  for (const [i, track] of tracks.entries()) {
    const runs = indexed.runs.filter(({ trackId }) => trackId === track.id);
    const isVideo = track.kind === 'vide';
    if (isVideo) problems.push(...videoRunProblems(runs, { listed, track, isEntry }));
    problems.push(...gapProblems(runs, track, { ends, key: `${track.kind} ${i}` }));
  }
  return problems.map((sentence) => of(listed.name, sentence));
}

function videoRunProblems(
  runs: readonly Run[],
  { listed, track, isEntry }: Pick<Listed, 'listed' | 'isEntry'> & { track: InitTrack },
): string[] {
  const samples = runs.flatMap((run) => run.samples);
  const [first] = samples;
  if (!first) return ['it holds no picture'];
  const toMs = (ticks: number): number => (ticks * 1000) / track.ticksPerSecond;
  const durationMs = toMs(sum(samples, 'ticks'));
  const frameMs = toMs(Math.max(...samples.map(({ ticks }) => ticks)));
  const isAsLong = Math.abs(durationMs - listed.durationMs) <= frameMs + 1;
  return [
    ...(first.isSync || !isEntry ? [] : ['it does not begin with a key frame']),
    ...(isAsLong
      ? []
      : [`its pictures last ${Math.round(durationMs)} ms, the playlist says ${Math.round(listed.durationMs)} ms`]),
  ];
}

/** Each run begins where the one before it ended, within a sample. */
function gapProblems(runs: readonly Run[], track: InitTrack, { ends, key }: { ends: Ends; key: string }): string[] {
  const problems: string[] = [];
  const isSound = track.kind === 'soun';
  for (const run of runs) {
    const startS = run.startTicks / track.ticksPerSecond;
    const lengthS = sum(run.samples, 'ticks') / track.ticksPerSecond;
    const sampleS = lengthS / Math.max(1, run.samples.length);
    const offS = startS - (ends.get(key) ?? startS);
    const isOff = isSound ? offS < -SOUND_OVERLAP * sampleS : Math.abs(offS) > sampleS;
    if (isOff) problems.push(`its ${isSound ? 'sound is' : 'pictures are'} ${Math.round(offS * 1000)} ms off what came before`);
    ends.set(key, startS + lengthS);
  }
  return problems;
}
