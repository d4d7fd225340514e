/**
 * A segment's or init file's bytes -> proof that it is whole. Every box is walked against the size of the file: on a full disk
 * ffmpeg leaves truncated and empty segments behind and says nothing. Boxes after ISO/IEC 14496-12.
 */
interface Mp4Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;

/** Frames in a media segment. Throws an Error that says what is wrong with it. */
export function countFrames(bytes: Uint8Array): number {
  const boxes = walk(bytes, { start: 0, end: bytes.byteLength });
  if (!boxes.some(({ type }) => type === 'mdat')) throw new Error('Expected an mdat box in the segment but found none');
  const inside = (outer: readonly Mp4Box[], type: string): Mp4Box[] =>
    outer.flatMap((box) => walk(bytes, box)).filter((box) => box.type === type);
  const fragments = boxes.filter(({ type }) => type === 'moof');
  const runs = inside(inside(fragments, 'traf'), 'trun');
  const frames = runs.reduce((sum, trun) => sum + view(bytes).getUint32(trun.start + 4), 0);
  if (frames === 0) throw new Error('Expected at least one frame in the segment but found none');
  return frames;
}

/** Throws an Error where the file is no whole init segment. */
export function checkInit(bytes: Uint8Array): void {
  const types = walk(bytes, { start: 0, end: bytes.byteLength }).map(({ type }) => type);
  if (types[0] !== 'ftyp' || !types.includes('moov')) {
    throw new Error(`Expected ftyp and moov in the init file but found ${types.join(', ') || 'nothing'}`);
  }
}

function walk(bytes: Uint8Array, { start, end }: { readonly start: number; readonly end: number }): Mp4Box[] {
  const boxes: Mp4Box[] = [];
  for (let at = start; at < end; ) {
    const box = boxAt(bytes, at, end);
    boxes.push(box);
    at = box.end;
  }
  return boxes;
}

function boxAt(bytes: Uint8Array, at: number, end: number): Mp4Box {
  if (end - at < HEADER_BYTES) throw new Error(`Expected a box at byte ${at} but only ${end - at} bytes are left`);
  const data = view(bytes);
  const type = Buffer.from(bytes.buffer, bytes.byteOffset + at + 4, 4).toString('latin1');
  const short = data.getUint32(at);
  const isLarge = short === 1 && end - at >= LARGE_HEADER_BYTES;
  const headerBytes = isLarge ? LARGE_HEADER_BYTES : HEADER_BYTES;
  const sizeBytes = isLarge ? Number(data.getBigUint64(at + 8)) : short;
  if (sizeBytes < headerBytes) throw new Error(`Expected a size for box ${type} at byte ${at} but received ${sizeBytes}`);
  if (at + sizeBytes > end) {
    throw new Error(`Expected ${sizeBytes} bytes for box ${type} at byte ${at} but the file ends after ${end - at}`);
  }
  return { type, start: at + headerBytes, end: at + sizeBytes };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
