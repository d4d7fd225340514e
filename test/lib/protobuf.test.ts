import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProtobufCursor } from '../../src/lib/protobuf.ts';

/** Calls `read` with a cursor over these bytes. */
async function over<T>(bytes: readonly number[] | Uint8Array, read: (cursor: ProtobufCursor) => T): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lookout-protobuf-'));
  const fd = openSync(join(folder, 'message'), 'w+');
  try {
    const data = Uint8Array.from(bytes);
    writeSync(fd, data);
    return read(new ProtobufCursor(fd, data.length));
  } finally {
    closeSync(fd);
    await rm(folder, { recursive: true });
  }
}

describe('a cursor over protocol buffers', () => {
  it.each([
    [[0x00], 0],
    [[0x96, 0x01], 150],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 4_294_967_295],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], 2 ** 53 - 1],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], -1],
    [[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], -2],
  ])('reads the number %j as %d', async (bytes, expected) => {
    expect(await over(bytes, (cursor) => cursor.varint())).toBe(expected);
  });

  it('reads fields, skips fields, and goes on behind an inner message that was not read to its end', async () => {
    // 1: 5, 2: { 1: 7, 3: "ab" }, 3: "hi", 4: eight bytes, 5: packed 1 2 3
    const bytes = [
      0x08, 5, 0x12, 6, 0x08, 7, 0x1a, 2, 0x61, 0x62, 0x1a, 2, 0x68, 0x69, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2a, 3, 1, 2, 3,
    ];
    const seen = await over(bytes, (cursor) => {
      const values: unknown[] = [];
      for (let field = cursor.next(); field; field = cursor.next()) {
        if (field.number === 1) values.push(cursor.varint());
        else if (field.number === 2) values.push(cursor.message(() => cursor.next() && cursor.varint()));
        else if (field.number === 3) values.push(cursor.text());
        else if (field.number === 5) values.push(cursor.numbers(field));
        else values.push(`skipped ${cursor.skip(field)}`);
      }
      return values;
    });
    expect(seen).toEqual([5, 7, 'hi', 'skipped 8', [1, 2, 3]]);
  });

  it('reads texts across the borders of what it holds in memory', async () => {
    const text = 'x'.repeat(200_000);
    const bytes = Buffer.concat([Uint8Array.of(0x0a, 0xc0, 0x9a, 0x0c), Buffer.from(text), Uint8Array.of(0x10, 9)]);
    const seen = await over(bytes, (cursor) => [cursor.next()?.number, cursor.text(), cursor.next()?.number, cursor.varint()]);
    expect(seen).toEqual([1, text, 2, 9]);
  });

  it.each([
    [[0x0a, 100], 'a length beyond the end'],
    [[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'a length beyond the end'],
    [[0x0b], 'a field of the unknown kind 3'],
    [[0x02, 0], 'a field without a number'],
    [[0x80], 'an end in the middle'],
    [Array<number>(12).fill(0x80), 'a number of more than ten bytes'],
  ])('refuses %j: %s', async (bytes, sentence) => {
    const reading = over(bytes, (cursor) => {
      for (let field = cursor.next(); field; field = cursor.next()) cursor.skip(field);
    });
    await expect(reading).rejects.toThrow(sentence);
  });
});
