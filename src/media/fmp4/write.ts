/** Boxes of MP4 as bytes (ISO/IEC 14496-12). Pure; numbers are big-endian. */

export function makeBox(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts);
  return Buffer.concat([u32(8 + payload.length), Buffer.from(type, 'latin1'), payload]);
}

/** A box that begins with a version and flags. */
export function makeFullBox(
  type: string,
  version: { readonly version?: number; readonly flags?: number },
  ...parts: Uint8Array[]
) {
  return makeBox(type, u32((version.version ?? 0) * 2 ** 24 + (version.flags ?? 0)), ...parts);
}

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, 2 * i);
  return bytes;
}

/** Negative numbers as two's complement. */
export function u32(...values: readonly number[]): Buffer {
  return u32List(values);
}

/** The same of a list of any length; as arguments a hundred thousand would not fit the stack. */
export function u32List(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * i);
  return bytes;
}

export function u64List(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeBigUInt64BE(BigInt(value), 8 * i);
  return bytes;
}
