/**
 * Bytes → floats times a factor plus a summand, sixteen at a time: a WebAssembly function of one loop, because JavaScript has no
 * vectors (0.1 ms for a frame of 544 × 320 where a table takes 0.65). The tensor lies in the function's own memory, so nothing is
 * copied twice. Undefined where the engine has no SIMD.
 */
const PAGE_BYTES = 65_536;
/** Bytes that one turn of the loop reads, and four times that it writes. */
const STEP = 16;

/*
 * (module
 *   (import "" "" (memory 1))
 *   (func (export "f") (param $from i32) (param $to i32) (param $end i32) (param $factor f32) (param $summand f32) (local $v v128)
 *     (loop
 *       (local.set $v (v128.load (local.get $from)))
 *       ;; four times, for the quarters 0…3 of $v:
 *       (v128.store offset=16·quarter (local.get $to)
 *         (f32x4.add
 *           (f32x4.mul (f32x4.convert_i32x4_u (i32x4.extend_{low|high}_i16x8_u (i16x8.extend_{low|high}_i8x16_u (local.get $v))))
 *                      (f32x4.splat (local.get $factor)))
 *           (f32x4.splat (local.get $summand))))
 *       (local.set $to (i32.add (local.get $to) (i32.const 64)))
 *       (br_if 0 (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 16))) (local.get $end))))))
 */
const SIMD = 0xfd;
const get = (local: number): number[] => [0x20, local];
const [FROM, TO, END, FACTOR, SUMMAND, VECTOR] = [0, 1, 2, 3, 4, 5] as const;
const EXTEND_BYTES = [0x89, 0x8a] as const;
const EXTEND_WORDS = [0xa9, 0xaa] as const;
const SPLAT = [SIMD, 0x13];

function quarter(index: number): number[] {
  return [
    get(TO),
    get(VECTOR),
    [SIMD, EXTEND_BYTES[(index >> 1) as 0 | 1], 0x01],
    [SIMD, EXTEND_WORDS[(index & 1) as 0 | 1], 0x01],
    [SIMD, 0xfb, 0x01], // f32x4.convert_i32x4_u
    get(FACTOR),
    SPLAT,
    [SIMD, 0xe6, 0x01], // f32x4.mul
    get(SUMMAND),
    SPLAT,
    [SIMD, 0xe4, 0x01], // f32x4.add
    [SIMD, 0x0b, 0x00, 16 * index], // v128.store
  ].flat();
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128 */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >> 7)];
}

function moduleBytes(): Uint8Array {
  const body = [
    [0x01, 0x01, 0x7b], // one local, a vector
    [0x03, 0x40], // loop
    get(FROM),
    [SIMD, 0x00, 0x00, 0x00], // v128.load
    [0x21, VECTOR],
    [0, 1, 2, 3].flatMap((index) => quarter(index)),
    [...get(TO), 0x41, 0xc0, 0x00, 0x6a, 0x21, TO],
    [...get(FROM), 0x41, STEP, 0x6a, 0x22, FROM, ...get(END), 0x49, 0x0d, 0x00],
    [0x0b, 0x0b],
  ].flat();
  return Uint8Array.from(
    [
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      section(1, [0x01, 0x60, 0x05, 0x7f, 0x7f, 0x7f, 0x7d, 0x7d, 0x00]),
      section(2, [0x01, 0x00, 0x00, 0x02, 0x00, 0x01]),
      section(3, [0x01, 0x00]),
      section(7, [0x01, 0x01, 0x66, 0x00, 0x00]),
      section(10, [0x01, ...unsigned(body.length), ...body]),
    ].flat(),
  );
}

/** What of the engine is used; Node's types name it without its values. */
declare const WebAssembly: {
  validate(code: Uint8Array): boolean;
  readonly Module: new (code: Uint8Array) => object;
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (code: object, imports: object) => { readonly exports: { f(...numbers: readonly number[]): void } };
};

let compiled: object | undefined;

export interface Channel {
  /** which third of the bytes, and which of the floats */
  readonly from: number;
  readonly to: number;
  readonly factor: number;
  readonly summand: number;
}

/** A frame's floats, filled again from the bytes of each. */
export interface Widener {
  readonly floats: Float32Array<ArrayBuffer>;
  fill(bytes: Uint8Array): void;
}

/** For three planes of `pixels` each. */
export function widener(pixels: number, channels: readonly Channel[]): Widener | undefined {
  const code = moduleBytes();
  if (!compiled && !WebAssembly.validate(code)) return undefined;
  compiled ??= new WebAssembly.Module(code);
  // The last step of a plane may reach beyond it: into the next, which is written after it, or into the slack.
  const floatsAt = Math.ceil((3 * pixels + STEP) / STEP) * STEP;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((floatsAt + 12 * pixels + 4 * STEP) / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(compiled, { '': { '': memory } });
  const held = new Uint8Array(memory.buffer, 0, 3 * pixels);
  const inOrder = channels.toSorted((a, b) => a.to - b.to);
  return {
    floats: new Float32Array(memory.buffer, floatsAt, 3 * pixels),
    fill: (bytes) => {
      held.set(bytes);
      for (const { from, to, factor, summand } of inOrder)
        exports.f(from * pixels, floatsAt + 4 * to * pixels, (from + 1) * pixels, factor, summand);
    },
  };
}
