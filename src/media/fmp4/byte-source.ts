/** Bytes that are read piece by piece: of a file, or of what is in memory already. */
export interface ByteSource {
  readonly totalBytes: number;
  /** Fewer only where the source ends. */
  read(at: number, bytes: number): Promise<Buffer>;
}

export function sourceOf(held: Buffer): ByteSource {
  return {
    totalBytes: held.length,
    read: async (at, bytes) => await Promise.resolve(held.subarray(at, at + bytes)),
  };
}
