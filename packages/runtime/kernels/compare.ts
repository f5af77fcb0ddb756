// Comparisons of two tensors of rows, either of which may repeat a row or a number; the result is one byte each.

/** The relations; the other three are these with the operands swapped or the result inverted. */
const equal: i32 = 0;
const less: i32 = 1; // 2 is less or equal

function rows<T>(
  relation: i32,
  invert: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  out: usize,
  height: i32,
  width: i32,
): void {
  for (let i = 0; i < height; i++) {
    let x = a,
      y = b;
    for (let j = 0; j < width; j++) {
      const p = load<T>(x),
        q = load<T>(y);
      const holds = relation == equal ? i32(p == q) : relation == less ? i32(p < q) : i32(p <= q);
      store<u8>(out++, holds ^ invert);
      x += aColumn;
      y += bColumn;
    }
    a += aRow;
    b += bRow;
  }
}

/** out[i, j] = a[i, j] ∼ b[i, j]; the distances between rows and columns are in bytes, 0 where an operand repeats. */
export function compareF32(
  relation: i32,
  invert: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  out: usize,
  height: i32,
  width: i32,
): void {
  rows<f32>(relation, invert, a, aRow, aColumn, b, bRow, bColumn, out, height, width);
}

/** The same of int32. */
export function compareI32(
  relation: i32,
  invert: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  out: usize,
  height: i32,
  width: i32,
): void {
  rows<i32>(relation, invert, a, aRow, aColumn, b, bRow, bColumn, out, height, width);
}
