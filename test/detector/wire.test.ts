import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BGR_IMAGENET } from '../../src/detector/family.ts';
import {
  type Answer,
  AnswerReader,
  answerBytes,
  type Hello,
  helloBytes,
  LOOK_FOR,
  lookForBytes,
  readIndices,
  readRequestHeader,
  readyBytes,
  refusalBytes,
  REQUEST_HEADER_BYTES,
  requestHeader,
} from '../../src/detector/wire.ts';

const hello = {
  type: 'ready',
  model: {
    family: 'nanodet-plus',
    reason: 'größer als nötig',
    labels: ['person'],
    labelsFrom: 'labels.txt',
    shape: { multiplePx: 32, areaPx: 174_080 },
    fit: 'centre',
    resampling: 'linear',
    border: 114,
    pixels: BGR_IMAGENET,
    inputs: [{ name: 'images', type: 'float32', shape: [1, 3, 'height', 'width'] }],
    outputs: [{ name: 'output', type: 'float32', shape: [1, 'points', 33] }],
    parameters: 951_000,
  },
} satisfies Hello;

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const candidate = fc.record({
  label: fc.nat(1000),
  score: float,
  xPx: float,
  yPx: float,
  wPx: float,
  hPx: float,
});
const answer: fc.Arbitrary<Answer> = fc.record({
  id: fc.nat(0xffffffff),
  inferMs: float,
  candidates: fc.array(candidate, { maxLength: 5 }),
});

describe('the wire to the detector host', () => {
  it('carries a request header there', () => {
    const header = { id: 4_000_000_000, widthPx: 544, heightPx: 320 };
    expect(readRequestHeader(requestHeader(header))).toEqual(header);
  });

  it('carries an order to look for other classes there', () => {
    const bytes = lookForBytes([0, 79, 3]);
    const header = readRequestHeader(bytes.subarray(0, REQUEST_HEADER_BYTES));
    expect(header).toMatchObject({ id: LOOK_FOR, widthPx: 3 });
    expect(readIndices(bytes.subarray(REQUEST_HEADER_BYTES))).toEqual([0, 79, 3]);
  });

  it('carries the greeting and the answers back, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 6 }), fc.infiniteStream(fc.integer({ min: 1, max: 64 })), (answers, sizes) => {
        const bytes = Buffer.concat([helloBytes(hello), ...answers.map(answerBytes)]);
        const reader = new AnswerReader();
        const read: unknown[] = [];
        for (let from = 0; from < bytes.length; ) {
          const size = sizes.next().value ?? 1;
          read.push(...reader.push(bytes.subarray(from, from + size)));
          from += size;
        }
        expect(read).toEqual([hello, ...answers]);
      }),
    );
  });

  it('carries a refusal with its hint', () => {
    const refused: Hello = { type: 'refused', message: 'not a model', hint: 'export it again' };
    expect(new AnswerReader().push(helloBytes(refused))).toEqual([refused]);
  });

  it('carries why a model cannot be believed, behind its boxes', () => {
    const flawed: Answer = { id: 7, inferMs: 1, candidates: [], flaw: 'größer als 1' };
    const reader = new AnswerReader();
    expect(reader.push(Buffer.concat([helloBytes(hello), answerBytes(flawed), answerBytes({ ...flawed, id: 8 })]))).toEqual([
      hello,
      flawed,
      { ...flawed, id: 8 },
    ]);
  });

  it('refuses a model instead of describing it at more length than anybody reads', () => {
    const labels = Array.from({ length: 100_000 }, (_, i) => `class ${i}`);
    const [refused] = new AnswerReader().push(readyBytes({ ...hello.model, labels }, 'big.onnx'));
    expect(refused).toMatchObject({ type: 'refused', message: expect.stringMatching(/^The model big.onnx has 100000 classes/) });
    const [short] = new AnswerReader().push(refusalBytes('x'.repeat(2_000_000), 'y'));
    expect(JSON.stringify(short).length).toBeLessThan(30_000);
  });

  it.each(['{"type":"ready"}', '[]', 'null', '{"type":"refused","message":7}', '{"type":'])(
    'does not take %s for a greeting',
    (json) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(json.length);
      expect(() => new AnswerReader().push(Buffer.concat([length, Buffer.from(json)]))).toThrow('Expected a greeting');
    },
  );

  it('does not wait for boxes that no answer has', () => {
    const reader = new AnswerReader();
    reader.push(helloBytes(hello));
    expect(() => reader.push(Buffer.alloc(16, 255))).toThrow('Expected an answer of the detector host');
  });

  it('does not take rubbish for a greeting', () => {
    expect(() => new AnswerReader().push(Buffer.from('<!DOCTYPE html>'))).toThrow('Expected a greeting of the detector host');
  });
});
