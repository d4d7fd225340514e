/**
 * Bytes of MP4 → its boxes (ISO/IEC 14496-12). Pure. What is read may come from a full disk or a crash: every size is checked
 * against the bytes that are there, and a box that lies ends the walk with an Mp4Error.
 */
export class Mp4Error extends Error {
  override readonly name = 'Mp4Error';
}

export interface Box {
  readonly type: string;
  /** of the payload, from the start of the file */
  readonly at: number;
  readonly payload: Buffer;
}

/** Something that holds boxes. */
export type Parent = Pick<Box, 'at' | 'payload'>;

export interface BoxHeader {
  readonly type: string;
  /** of the whole box, header included */
  readonly bytes: number;
  readonly headerBytes: number;
}

const SHORT_HEADER_BYTES = 8;
/** Longest header of a box: 32-bit size, type, 64-bit size. */
export const MAX_HEADER_BYTES = 16;

/** The header of the box at the start of these bytes; undefined where no whole header stands or its size cannot be. */
export function readHeader(data: Buffer): BoxHeader | undefined {
  const header = claimedHeader(data);
  return header && header.bytes >= header.headerBytes ? header : undefined;
}

/** A whole file, as the parent of its outermost boxes. */
export function fileOf(bytes: Buffer): Parent {
  return { at: 0, payload: bytes };
}

/** The boxes that fill their parent, which may be none. */
export function boxesIn(parent: Parent): Box[] {
  const boxes: Box[] = [];
  for (let from = 0; from < parent.payload.length; ) {
    const box = boxAt(parent, from);
    boxes.push(box);
    from = box.at - parent.at + box.payload.length;
  }
  return boxes;
}

export function childrenOf(parent: Parent, type: string): Box[] {
  return boxesIn(parent).filter((box) => box.type === type);
}

export function childOf(parent: Parent, type: string): Box {
  const child = childrenOf(parent, type)[0];
  if (!child) throw new Mp4Error(`Expected a box ${type} but found none`);
  return child;
}

/** A number of the payload. */
export function uint32({ type, payload }: Box, from: number): number {
  if (from + 4 > payload.length) throw new Mp4Error(`Expected ${from + 4} bytes in box ${type} but it has ${payload.length}`);
  return payload.readUInt32BE(from);
}

function boxAt({ at: parentAt, payload }: Parent, from: number): Box {
  const at = parentAt + from;
  const rest = payload.subarray(from);
  const header = claimedHeader(rest);
  if (!header) throw new Mp4Error(`Expected a box at byte ${at} but only ${rest.length} bytes are left`);
  const { type, bytes, headerBytes } = header;
  if (bytes < headerBytes) throw new Mp4Error(`Expected a size for box ${type} at byte ${at} but received ${bytes}`);
  if (bytes > rest.length) {
    throw new Mp4Error(`Expected ${bytes} bytes for box ${type} at byte ${at} but the file ends after ${rest.length}`);
  }
  return { type, at: at + headerBytes, payload: rest.subarray(headerBytes, bytes) };
}

/** What the header says, be it possible or not; undefined where there is no room for one. */
function claimedHeader(data: Buffer): BoxHeader | undefined {
  if (data.length < SHORT_HEADER_BYTES) return undefined;
  const short = data.readUInt32BE(0);
  const isLarge = short === 1 && data.length >= MAX_HEADER_BYTES;
  return {
    type: data.toString('latin1', 4, 8),
    bytes: isLarge ? Number(data.readBigUInt64BE(8)) : short,
    headerBytes: isLarge ? MAX_HEADER_BYTES : SHORT_HEADER_BYTES,
  };
}
