// Matrix products on 128-bit SIMD. Addresses are in bytes, strides in elements; a transpose is a swap of strides.

const width: i32 = 8; // columns of a tile of c
const height: i32 = 4; // rows of a tile of c
const depth: i32 = 256; // rows of b in a block: 4 rows of a and 8 columns of b stay in the first-level cache
const breadth: i32 = 512; // columns of b in a block, which stays in the second-level cache

// The scratch, in bytes: the start of one row of c, a tile that is cut off, four packed rows of a, a packed block of b.
const corner: usize = 4 * breadth;
const rowsOfA: usize = corner + 4 * height * width;
const blockOfB: usize = rowsOfA + 4 * height * depth;

/**
 * c[m, n] = bias[n] + Σₖ a[m, k]·b[k, n], c dense and row-major.
 *
 * Whatever the strides, b is copied block by block into panels of eight columns and a into groups of four rows, so that
 * the innermost loop reads both in order; 32 sums stay in eight registers. c holds the sums between two blocks.
 *
 * @param bias - n floats, or 0 for none.
 * @param scratch - 128 + 4·(512 + 4·256 + 256·512) bytes; with n or k smaller, 128 + 4·(512 + 4·256 + k·⌈n/8⌉·8).
 */
export function matmul(
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  bColumn: usize,
  bias: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  scratch: usize,
): void {
  const cRow: usize = (<usize>n) << 2;
  aRow <<= 2;
  aColumn <<= 2;
  bRow <<= 2;
  bColumn <<= 2;
  for (let j = 0; j < n; j += breadth) {
    const columns = min(breadth, n - j);
    memory.fill(scratch, 0, corner);
    if (bias != 0) memory.copy(scratch, bias + ((<usize>j) << 2), (<usize>columns) << 2);
    let p = 0;
    do {
      const length = min(depth, k - p);
      packBlock(b + bColumn * j + bRow * p, bRow, bColumn, columns, length, scratch + blockOfB);
      let rows = a + aColumn * p;
      let out = c + ((<usize>j) << 2);
      let i = 0;
      for (; i + height <= m; i += height) {
        packRows(rows, aRow, aColumn, length, scratch + rowsOfA);
        tiles(scratch + rowsOfA, 0, height, out, cRow, columns, length, p == 0, scratch);
        rows += aRow * height;
        out += cRow * height;
      }
      for (; i < m; i++) {
        tiles(rows, aColumn, 1, out, cRow, columns, length, p == 0, scratch);
        rows += aRow;
        out += cRow;
      }
      p += depth;
    } while (p < k);
  }
}

/** Copies a block of b to panels of eight columns, the last one filled up with zeros. */
function packBlock(b: usize, bRow: usize, bColumn: usize, columns: i32, k: i32, to: usize): void {
  for (let j = 0; j < columns; j += width) {
    packColumns(b, bRow, bColumn, min(width, columns - j), k, to);
    b += bColumn * width;
    to += (<usize>k) << 5;
  }
}

function packColumns(b: usize, bRow: usize, bColumn: usize, columns: i32, k: i32, to: usize): void {
  if (columns == width && bColumn == 4) {
    for (let p = 0; p < k; p++) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
      to += 32;
      b += bRow;
    }
  } else if (columns == width && bRow == 4) {
    interleave(b, bColumn, k, to, 32);
    interleave(b + 4 * bColumn, bColumn, k, to + 16, 32);
  } else {
    if (columns < width) memory.fill(to, 0, (<usize>k) << 5);
    for (let q = 0; q < columns; q++) spread(b + bColumn * q, bRow, k, to + ((<usize>q) << 2), 32);
  }
}

/** Copies four rows of a side by side. */
function packRows(a: usize, aRow: usize, aColumn: usize, k: i32, to: usize): void {
  if (aRow == 4) {
    for (let p = 0; p < k; p++) {
      v128.store(to, v128.load(a));
      to += 16;
      a += aColumn;
    }
  } else if (aColumn == 4) {
    interleave(a, aRow, k, to, 16);
  } else {
    for (let r = 0; r < height; r++) spread(a + aRow * r, aColumn, k, to + ((<usize>r) << 2), 16);
  }
}

/** Copies k floats that are `from` bytes apart to places `step` bytes apart. */
function spread(x: usize, from: usize, k: i32, to: usize, step: usize): void {
  for (let p = 0; p < k; p++) {
    f32.store(to, f32.load(x));
    x += from;
    to += step;
  }
}

/** Copies four rows of k dense floats, `row` bytes apart, so that each four of a column lie together, `step` apart. */
function interleave(x: usize, row: usize, k: i32, to: usize, step: usize): void {
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const r0 = v128.load(x),
      r1 = v128.load(x + row),
      r2 = v128.load(x + 2 * row),
      r3 = v128.load(x + 3 * row);
    const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5),
      high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7),
      low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5),
      high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
    v128.store(to + step, v128.shuffle<i64>(low01, low23, 1, 3));
    v128.store(to + 2 * step, v128.shuffle<i64>(high01, high23, 0, 2));
    v128.store(to + 3 * step, v128.shuffle<i64>(high01, high23, 1, 3));
    x += 16;
    to += 4 * step;
  }
  for (let r: usize = 0; r < 4; r++) spread(x + row * r, 4, k - p, to + (r << 2), step);
}

/** All tiles of four rows (a is packed) or of one (a is as it came): a tile that is cut off is made in the corner. */
function tiles(
  a: usize,
  aColumn: usize,
  rows: i32,
  c: usize,
  cRow: usize,
  columns: i32,
  k: i32,
  first: bool,
  scratch: usize,
): void {
  let panel = scratch + blockOfB;
  for (let j = 0; j < columns; j += width) {
    const whole = j + width <= columns;
    const bytes = (<usize>(columns - j)) << 2;
    const out = whole ? c : scratch + corner;
    const outRow = whole ? cRow : 32;
    if (!whole && !first) copyRows(c, cRow, out, outRow, rows, bytes);
    const start = first ? scratch + ((<usize>j) << 2) : out;
    if (rows == 1) tile1(a, aColumn, panel, k, start, out);
    else tile4(a, panel, k, start, first ? 0 : outRow, out, outRow);
    if (!whole) copyRows(out, outRow, c, cRow, rows, bytes);
    panel += (<usize>k) << 5;
    c += 32;
  }
}

function copyRows(x: usize, from: usize, to: usize, step: usize, rows: i32, bytes: usize): void {
  for (let r = 0; r < rows; r++, x += from, to += step) memory.copy(to, x, bytes);
}

/** Not unrolled: the compiler of V8 would load everything first and run out of registers. */
function tile4(a: usize, b: usize, k: i32, start: usize, startRow: usize, c: usize, cRow: usize): void {
  let l0 = v128.load(start),
    r0 = v128.load(start, 16),
    l1 = v128.load(start + startRow),
    r1 = v128.load(start + startRow, 16),
    l2 = v128.load(start + 2 * startRow),
    r2 = v128.load(start + 2 * startRow, 16),
    l3 = v128.load(start + 3 * startRow),
    r3 = v128.load(start + 3 * startRow, 16);
  const end = a + ((<usize>k) << 4);
  for (; a < end; a += 16, b += 32) {
    const left = v128.load(b),
      right = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    l0 = f32x4.add(l0, f32x4.mul(x0, left));
    r0 = f32x4.add(r0, f32x4.mul(x0, right));
    const x1 = v128.load32_splat(a, 4);
    l1 = f32x4.add(l1, f32x4.mul(x1, left));
    r1 = f32x4.add(r1, f32x4.mul(x1, right));
    const x2 = v128.load32_splat(a, 8);
    l2 = f32x4.add(l2, f32x4.mul(x2, left));
    r2 = f32x4.add(r2, f32x4.mul(x2, right));
    const x3 = v128.load32_splat(a, 12);
    l3 = f32x4.add(l3, f32x4.mul(x3, left));
    r3 = f32x4.add(r3, f32x4.mul(x3, right));
  }
  v128.store(c, l0);
  v128.store(c, r0, 16);
  v128.store(c + cRow, l1);
  v128.store(c + cRow, r1, 16);
  v128.store(c + 2 * cRow, l2);
  v128.store(c + 2 * cRow, r2, 16);
  v128.store(c + 3 * cRow, l3);
  v128.store(c + 3 * cRow, r3, 16);
}

function tile1(a: usize, aColumn: usize, b: usize, k: i32, start: usize, c: usize): void {
  let left = v128.load(start),
    right = v128.load(start, 16);
  for (let p = 0; p < k; p++) {
    const x = v128.load32_splat(a);
    left = f32x4.add(left, f32x4.mul(x, v128.load(b)));
    right = f32x4.add(right, f32x4.mul(x, v128.load(b, 16)));
    a += aColumn;
    b += 32;
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}
