/**
 * The bytes of a clip's files as they pass by, each once → what is torn, and what would keep a player from showing the clip. The
 * playlist comes first, then each init before its segments. Of a segment only where its samples stand is kept.
 */
import { type ClipParts, conformanceProblems, type Problem } from '../../media/clip-conformance.ts';
import { isInit, isSegment, PLAYLIST_NAME } from '../../media/clip-files.ts';
import { Mp4Error } from '../../media/fmp4/boxes.ts';
import type { ByteSource } from '../../media/fmp4/byte-source.ts';
import type { IndexedSegment } from '../../media/fmp4/virtual-mp4.ts';
import { indexOf } from '../../media/fmp4/segment-index.ts';
import { readInit } from '../../media/fmp4/timing.ts';
import { readTracks } from '../../media/fmp4/tracks.ts';
import { parsePlaylist } from '../../media/hls-playlist.ts';
import type { ClipFile } from '../../messages/clip.ts';
import { segmentOf } from '../recovery/segment.ts';

export class ClipReading {
  readonly #inits = new Map<string, Buffer>();
  readonly #segments = new Map<string, IndexedSegment>();
  readonly #torn = new Set<string>();
  readonly #problems: Problem[] = [];
  #playlist: string | undefined;
  /** by name of the segment */
  #initNames: ReadonlyMap<string, string | undefined> = new Map();

  /** Files in the order in which they must come. */
  static inOrder(files: readonly ClipFile[]): ClipFile[] {
    return files.toSorted((a, b) => rankOf(a.name) - rankOf(b.name));
  }

  /** Names of files whose boxes do not fill them. */
  get torn(): ReadonlySet<string> {
    return this.#torn;
  }

  /** The text of the playlist, once it came by. */
  get playlist(): string | undefined {
    return this.#playlist;
  }

  /** Of a clip that is whole otherwise. */
  get problems(): readonly Problem[] {
    const parts: ClipParts = { playlist: this.#playlist ?? '', inits: this.#inits, segments: this.#segments };
    return this.#problems.length > 0 ? this.#problems : conformanceProblems(parts);
  }

  /** A file whose bytes are what they were. */
  async take(name: string, source: ByteSource): Promise<void> {
    const whole = async (): Promise<Buffer> => await source.read(0, source.totalBytes);
    if (name === PLAYLIST_NAME) this.#takePlaylist((await whole()).toString());
    else if (isInit(name)) this.#inits.set(name, await whole());
    else if (isSegment(name)) await this.#takeSegment(name, source);
  }

  #takePlaylist(text: string): void {
    this.#playlist = text;
    this.#initNames = new Map(parsePlaylist(text).segments.map(({ name, initName }) => [name, initName]));
  }

  async #takeSegment(name: string, source: ByteSource): Promise<void> {
    const initName = this.#initNames.get(name);
    const init = this.#inits.get(initName ?? '');
    if (initName === undefined || !init) return;
    try {
      const { wholeBytes, fileBytes } = await segmentOf(source, readInit(init));
      if (wholeBytes !== fileBytes) this.#torn.add(name);
    } catch (error) {
      if (!(error instanceof Mp4Error)) throw error;
      this.#torn.add(initName);
    }
    if (this.#torn.has(name) || this.#torn.has(initName)) return;
    try {
      this.#segments.set(name, await indexOf(source, name, readTracks(init)));
    } catch (error) {
      if (!(error instanceof Mp4Error)) throw error;
      this.#problems.push({ file: name, sentence: error.message });
    }
  }
}

function rankOf(name: string): number {
  if (name === PLAYLIST_NAME) return 0;
  return isInit(name) ? 1 : 2;
}
