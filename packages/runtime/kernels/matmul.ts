// Matrix products on 128-bit SIMD. Addresses are in bytes, strides in elements; a transpose is a swap of strides.

const width: i32 = 8; // columns of a panel of b
const height: i32 = 4; // rows of a tile of c

/**
 * c[m, n] = bias[n] + Σₖ a[m, k]·b[k, n], c dense and row-major.
 *
 * Eight columns of b at a time are copied to `panel`, so that the innermost loop reads them in order whatever the
 * strides; four rows of a meet them in eight registers.
 *
 * @param bias - n floats, or 0 for none.
 * @param panel - scratch of 8·(k + 2) floats: the bias, k rows of b, and a place for rows that are cut off.
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
  panel: usize,
): void {
  const cRow: usize = (<usize>n) << 2;
  aRow <<= 2;
  aColumn <<= 2;
  for (let j = 0; j < n; j += width) {
    const columns = min(width, n - j);
    packBias(bias, j, columns, panel);
    packColumns(b + ((<usize>j * bColumn) << 2), bRow << 2, bColumn << 2, columns, k, panel + 32);
    let row = a;
    let out = c + ((<usize>j) << 2);
    let i = 0;
    for (; i + height <= m; i += height) {
      tile4(row, aRow, aColumn, k, panel, out, cRow, columns);
      row += aRow * height;
      out += cRow * height;
    }
    for (; i < m; i++) {
      tile1(row, aColumn, k, panel, out, columns);
      row += aRow;
      out += cRow;
    }
  }
}

function packBias(bias: usize, j: i32, columns: i32, panel: usize): void {
  memory.fill(panel, 0, 32);
  if (bias != 0) memory.copy(panel, bias + ((<usize>j) << 2), (<usize>columns) << 2);
}

/** Copies `columns` columns of k elements to rows of eight, the rest of each row zero. */
function packColumns(b: usize, bRow: usize, bColumn: usize, columns: i32, k: i32, panel: usize): void {
  if (columns == width && bColumn == 4) {
    for (let p = 0; p < k; p++) {
      v128.store(panel, v128.load(b));
      v128.store(panel, v128.load(b, 16), 16);
      panel += 32;
      b += bRow;
    }
    return;
  }
  if (columns < width) memory.fill(panel, 0, (<usize>k) << 5);
  for (let q = 0; q < columns; q++) {
    let from = b + bColumn * q;
    let to = panel + ((<usize>q) << 2);
    for (let p = 0; p < k; p++) {
      f32.store(to, f32.load(from));
      from += bRow;
      to += 32;
    }
  }
}

function tile4(a: usize, aRow: usize, aColumn: usize, k: i32, panel: usize, c: usize, cRow: usize, columns: i32): void {
  let l0 = v128.load(panel),
    r0 = v128.load(panel, 16);
  let l1 = l0,
    l2 = l0,
    l3 = l0,
    r1 = r0,
    r2 = r0,
    r3 = r0;
  let b = panel + 32;
  for (let p = 0; p < k; p++) {
    const left = v128.load(b),
      right = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    l0 = f32x4.add(l0, f32x4.mul(x0, left));
    r0 = f32x4.add(r0, f32x4.mul(x0, right));
    const x1 = v128.load32_splat(a + aRow);
    l1 = f32x4.add(l1, f32x4.mul(x1, left));
    r1 = f32x4.add(r1, f32x4.mul(x1, right));
    const x2 = v128.load32_splat(a + 2 * aRow);
    l2 = f32x4.add(l2, f32x4.mul(x2, left));
    r2 = f32x4.add(r2, f32x4.mul(x2, right));
    const x3 = v128.load32_splat(a + 3 * aRow);
    l3 = f32x4.add(l3, f32x4.mul(x3, left));
    r3 = f32x4.add(r3, f32x4.mul(x3, right));
    a += aColumn;
    b += 32;
  }
  store(c, l0, r0, columns, b);
  store(c + cRow, l1, r1, columns, b);
  store(c + 2 * cRow, l2, r2, columns, b);
  store(c + 3 * cRow, l3, r3, columns, b);
}

function tile1(a: usize, aColumn: usize, k: i32, panel: usize, c: usize, columns: i32): void {
  let left = v128.load(panel),
    right = v128.load(panel, 16);
  let b = panel + 32;
  for (let p = 0; p < k; p++) {
    const x = v128.load32_splat(a);
    left = f32x4.add(left, f32x4.mul(x, v128.load(b)));
    right = f32x4.add(right, f32x4.mul(x, v128.load(b, 16)));
    a += aColumn;
    b += 32;
  }
  store(c, left, right, columns, b);
}

/** Writes the first `columns` of eight floats to c. */
function store(c: usize, left: v128, right: v128, columns: i32, scratch: usize): void {
  if (columns == width) {
    v128.store(c, left);
    v128.store(c, right, 16);
  } else {
    v128.store(scratch, left);
    v128.store(scratch, right, 16);
    memory.copy(c, scratch, (<usize>columns) << 2);
  }
}
