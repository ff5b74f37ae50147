/** The formats of integers and numbers: what a decoder calls them, the smallest and the largest. */
export const FORMATS = {
  uint16: { expected: 'u16', min: 0, max: 0xffff },
  uint32: { expected: 'u32', min: 0, max: 0xffff_ffff },
  uint64: { expected: 'u64', min: 0, max: 2 ** 64 },
  uint: { expected: 'usize', min: 0, max: 2 ** 64 },
  int32: { expected: 'i32', min: -(2 ** 31), max: 2 ** 31 - 1 },
  int64: { expected: 'i64', min: -(2 ** 63), max: 2 ** 63 },
  float: { expected: 'f32', min: -Infinity, max: Infinity },
  double: { expected: 'f64', min: -Infinity, max: Infinity },
} as const;
/** A format that JSON Schema names. */
export type NumberFormat = keyof typeof FORMATS;
