/** A symmetric tridiagonal matrix T with the orthogonal matrix W that leads to it: T = W A Wᵀ. */
export interface Tridiagonal {
  /** `[n]` */
  readonly diagonal: Float64Array;
  /** `[n]`: entry i couples i and i + 1; the last is 0. */
  readonly beside: Float64Array;
  /** `[n, n]`, row-major: W. */
  readonly rows: Float64Array;
}

/**
 * Makes a symmetric matrix tridiagonal by n − 2 Householder reflections, from the last row to the first.
 *
 *   P = I − u uᵀ/h,  u = x − g e,  g = ∓‖x‖,  h = ‖u‖²/2   (x: the row left of the diagonal, e: its last unit vector)
 *   P A P = A − u qᵀ − q uᵀ,  q = p − (uᵀp / 2h) u,  p = A u / h
 *
 * @param a - `[n, n]`, row-major; only the lower triangle is read. Overwritten.
 */
export function tridiagonalise(a: Float64Array, n: number): Tridiagonal {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const h = new Float64Array(n);
  const q = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const u = a.subarray(i * n, i * n + i); // x, then u: kept for the product of the reflections
    h[i] = reflector(u, beside, i - 1);
    if (h[i] !== 0) reflectBothSides(a, n, u, h[i]!, q);
  }
  for (let i = 0; i < n; i++) diagonal[i] = a[i * n + i]!;
  return { diagonal, beside, rows: productOfReflections(a, n, h) };
}

/** Turns x into u, writes g beside the diagonal and returns h; 0 when x already has only its last entry. */
function reflector(x: Float64Array, beside: Float64Array, last: number): number {
  let others = 0;
  for (let k = 0; k < last; k++) others = Math.max(others, Math.abs(x[k]!));
  if (others === 0) {
    beside[last] = x[last]!;
    return 0;
  }
  const scale = Math.max(others, Math.abs(x[last]!)); // so that no square underflows
  let squares = 0;
  for (let k = 0; k <= last; k++) {
    x[k]! /= scale;
    squares += x[k]! ** 2;
  }
  const g = x[last]! > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  const h = squares - x[last]! * g;
  beside[last] = g * scale;
  x[last]! -= g;
  return h;
}

/** A ← P A P in the leading block of u's size, lower triangle. */
function reflectBothSides(a: Float64Array, n: number, u: Float64Array, h: number, q: Float64Array): void {
  const size = u.length;
  q.fill(0, 0, size);
  for (let i = 0; i < size; i++) {
    const row = i * n;
    const ui = u[i]!;
    let sum = a[row + i]! * ui;
    for (let k = 0; k < i; k++) {
      sum += a[row + k]! * u[k]!;
      q[k]! += a[row + k]! * ui;
    }
    q[i]! += sum;
  }
  let up = 0;
  for (let i = 0; i < size; i++) {
    q[i]! /= h;
    up += u[i]! * q[i]!;
  }
  for (let i = 0; i < size; i++) q[i]! -= (up / (2 * h)) * u[i]!;
  for (let i = 0; i < size; i++) {
    const row = i * n;
    const ui = u[i]!;
    const qi = q[i]!;
    for (let k = 0; k <= i; k++) a[row + k]! -= ui * q[k]! + qi * u[k]!;
  }
}

/** W = P₁ P₂ … Pₙ₋₁; the i-th reflection knows only the first i coordinates, so W grows from the top left. */
function productOfReflections(a: Float64Array, n: number, h: Float64Array): Float64Array {
  const w = new Float64Array(n * n);
  for (let i = 0; i < n; i++) w[i * n + i] = 1;
  for (let i = 1; i < n; i++) {
    if (h[i] === 0) continue;
    const u = a.subarray(i * n, i * n + i);
    for (let r = 0; r < i; r++) {
      const row = r * n;
      let dot = 0;
      for (let k = 0; k < i; k++) dot += w[row + k]! * u[k]!;
      dot /= h[i]!;
      for (let k = 0; k < i; k++) w[row + k]! -= dot * u[k]!;
    }
  }
  return w;
}

/**
 * Makes a tridiagonal matrix diagonal by implicit QL steps with Wilkinson's shift.
 *
 * A step chases one rotation up from the end of an unreduced block: T − σI = QL, T ← LQ + σI. Afterwards `diagonal` holds
 * the eigenvalues in no order and row i of `rows` the unit eigenvector of the i-th. All three arrays are overwritten.
 */
export function diagonalise({ diagonal: d, beside: e, rows }: Tridiagonal): void {
  const n = d.length;
  for (let first = 0; first < n; first++)
    for (let last = endOfBlock(d, e, first); last > first; last = endOfBlock(d, e, first)) {
      const half = (d[first + 1]! - d[first]!) / (2 * e[first]!);
      const shift = e[first]! / (half + (half < 0 ? -1 : 1) * Math.hypot(half, 1)); // σ = d[first] − shift
      let g = d[last]! - d[first]! + shift;
      let c = 1;
      let s = 1;
      let moved = 0;
      for (let i = last - 1; i >= first; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        c = r === 0 ? 1 : g / r;
        s = r === 0 ? 0 : f / r;
        const lower = d[i + 1]! - moved;
        const mixed = (d[i]! - lower) * s + 2 * c * b;
        moved = s * mixed;
        d[i + 1] = lower + moved;
        g = c * mixed - b;
        rotateRows(rows, n, i, c, s);
      }
      d[first]! -= moved;
      e[first] = g;
      e[last] = 0;
    }
}

/** The last row that is coupled to `first` through entries that are not negligible. */
function endOfBlock(d: Float64Array, e: Float64Array, first: number): number {
  let last = first;
  while (last < d.length - 1 && Math.abs(e[last]!) > Number.EPSILON * (Math.abs(d[last]!) + Math.abs(d[last + 1]!)))
    last++;
  return last;
}

/** Rotates rows i and i + 1 in their plane. */
function rotateRows(rows: Float64Array, n: number, i: number, c: number, s: number): void {
  const upper = i * n;
  const lower = upper + n;
  for (let k = 0; k < n; k++) {
    const x = rows[upper + k]!;
    const y = rows[lower + k]!;
    rows[upper + k] = c * x - s * y;
    rows[lower + k] = s * x + c * y;
  }
}
