/** Half floats (IEEE 754 binary16), which Node 20 has no array for: they travel as 16-bit numbers. */

let table: Float32Array | undefined;

/** Widens `source` into `target`, by a table of all 65,536 values. */
export function widenHalfs(source: Uint16Array, target: Float32Array): void {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfToFloat(bits));
  for (let i = 0; i < source.length; i++) target[i] = table[source[i] as number] as number;
}

export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest half float, ties to even. Values of pictures only: finite, far from overflow. */
export function floatToHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign + toEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  // A fraction that rounds up to 1024 carries into the exponent, as it should.
  return sign + (exponent + 15) * 1024 + toEven((size / 2 ** exponent - 1) * 1024);
}

function toEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
