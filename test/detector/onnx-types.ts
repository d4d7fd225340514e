/** ONNX's numbers of the types that tests use. */
export const TYPE_NUMBERS = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type OnnxType = keyof typeof TYPE_NUMBERS;
