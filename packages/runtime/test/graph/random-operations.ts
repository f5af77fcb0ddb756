import * as tf from "@tensorflow/tfjs-core";

// What a random program is made of. Values stay below about 3: what makes them grow is tamed.

export interface Entry {
  readonly tensor: tf.Tensor;
  /** Whether it depends on what is differentiated by. */
  readonly varies: boolean;
}

/** Nothing in the pool fits. */
export class NoOperand extends Error {}

const tame = (x: tf.Tensor): tf.Tensor => tf.mul(3, tf.tanh(tf.mul(x, 0.3)));

/** Chooses for one step. */
export class Chooser {
  /** Whether an operand depended on what is differentiated by. */
  varies = false;
  private at = 0;
  private readonly pool: readonly Entry[];
  private readonly choices: readonly number[];

  constructor(pool: readonly Entry[], choices: readonly number[]) {
    this.pool = pool;
    this.choices = choices;
  }

  below(bound: number): number {
    return this.choices[this.at++ % this.choices.length]! % bound;
  }

  any(fits: (tensor: tf.Tensor) => boolean): tf.Tensor {
    const found = this.pool.filter(({ tensor }) => fits(tensor));
    if (found.length === 0) throw new NoOperand();
    const { tensor, varies } = found[this.below(found.length)]!;
    this.varies ||= varies;
    return tensor;
  }

  float(minRank = 0, fits: (tensor: tf.Tensor) => boolean = () => true): tf.Tensor {
    return this.any((tensor) => tensor.dtype === "float32" && tensor.rank >= minRank && fits(tensor));
  }

  int(fits: (tensor: tf.Tensor) => boolean = () => true): tf.Tensor {
    return this.any((tensor) => tensor.dtype === "int32" && fits(tensor));
  }

  bool(fits: (tensor: tf.Tensor) => boolean = () => true): tf.Tensor {
    return this.any((tensor) => tensor.dtype === "bool" && fits(tensor));
  }

  axis(tensor: tf.Tensor): number {
    return this.below(tensor.rank);
  }

  /** One that broadcasts with the other, of the same dtype. */
  like(other: tf.Tensor): tf.Tensor {
    return this.any((tensor) => tensor.dtype === other.dtype && broadcasts(tensor.shape, other.shape));
  }
}

function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [m, n] = [a.at(-i), b.at(-i)];
    if (m !== n && m !== 1 && n !== 1) return false;
  }
  return true;
}

type Operation = (choose: Chooser) => tf.Tensor | tf.Tensor[];

const unary =
  (f: (x: tf.Tensor) => tf.Tensor): Operation =>
  (choose) =>
    f(choose.float());
const binary =
  (f: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor): Operation =>
  (choose) => {
    const x = choose.float();
    return f(x, choose.like(x));
  };
/** For those whose gradient in tfjs knows no broadcasting. */
const alike =
  (f: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor): Operation =>
  (choose) => {
    const x = choose.float();
    return f(
      x,
      choose.float(0, ({ shape }) => shape.join() === x.shape.join()),
    );
  };
const reduction =
  (f: (x: tf.Tensor, axis: number, keepDims: boolean) => tf.Tensor): Operation =>
  (choose) => {
    const x = choose.float(1);
    return f(x, choose.axis(x), choose.below(2) === 1);
  };
const onInts =
  (f: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor): Operation =>
  (choose) => {
    const x = choose.int();
    return f(x, choose.like(x));
  };

/** Inner product of the last axis of one with the first but one axis of the other, on matrices. */
const product: Operation = (choose) => {
  const a = choose.float(2, ({ rank }) => rank === 2);
  const [transposeA, transposeB] = [choose.below(2) === 1, choose.below(2) === 1];
  const inner = a.shape[transposeA ? 0 : 1];
  const b = choose.float(2, ({ rank, shape }) => rank === 2 && shape[transposeB ? 1 : 0] === inner);
  return tame(tf.matMul(a, b, transposeA, transposeB));
};
const batchedProduct: Operation = (choose) => {
  const a = choose.float(3);
  const b = choose.float(3, ({ rank, shape }) => rank === a.rank && shape.join() === a.shape.join());
  return choose.below(2) === 1 ? tame(tf.matMul(a, b, true)) : tame(tf.matMul(a, b, false, true));
};

/** What splits into more than one part: one has no gradient in tfjs 4.22. */
const parts = ({ shape }: tf.Tensor): boolean => shape.every((size) => size > 1);

/** With a gradient by their float operands. */
export const smooth: Readonly<Record<string, Operation>> = {
  neg: unary(tf.neg),
  abs: unary(tf.abs),
  exp: unary((x) => tame(tf.exp(x))),
  expm1: unary((x) => tame(tf.expm1(x))),
  log: unary((x) => tf.log(tf.add(tf.square(x), 0.5))),
  log1p: unary((x) => tf.log1p(tf.abs(x))),
  sqrt: unary((x) => tf.sqrt(tf.add(tf.abs(x), 0.25))),
  rsqrt: unary((x) => tf.rsqrt(tf.add(tf.abs(x), 0.5))),
  reciprocal: unary((x) => tf.reciprocal(tf.add(tf.square(x), 0.5))),
  square: unary((x) => tame(tf.square(x))),
  sigmoid: unary(tf.sigmoid),
  tanh: unary(tf.tanh),
  relu: unary(tf.relu),
  relu6: unary(tf.relu6),
  elu: unary(tf.elu),
  selu: unary(tf.selu),
  leakyRelu: unary((x) => tf.leakyRelu(x, 0.1)),
  softplus: unary(tf.softplus),
  erf: unary(tf.erf),
  sin: unary(tf.sin),
  cos: unary(tf.cos),
  atan: unary(tf.atan),
  sinh: unary((x) => tame(tf.sinh(x))),
  clip: unary((x) => tf.clipByValue(x, -0.75, 1.25)),
  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary((x, y) => tame(tf.mul(x, y))),
  div: binary((x, y) => tame(tf.div(x, tf.add(tf.square(y), 0.5)))),
  maximum: alike(tf.maximum),
  minimum: alike(tf.minimum),
  squaredDifference: alike((x, y) => tame(tf.squaredDifference(x, y))),
  pow: binary((x, y) => tame(tf.pow(tf.add(tf.abs(x), 0.5), y))),
  atan2: binary((x, y) => tf.atan2(x, tf.add(tf.abs(y), 0.5))),
  prelu: alike(tf.prelu),
  sum: reduction((x, axis, keep) => tame(tf.sum(x, axis, keep))),
  mean: reduction(tf.mean),
  max: reduction(tf.max),
  min: reduction(tf.min),
  prod: reduction((x, axis, keep) => tame(tf.prod(x, axis, keep))),
  logSumExp: reduction(tf.logSumExp),
  sumOfAll: unary((x) => tame(tf.sum(x))),
  softmax: (choose) => tf.softmax(choose.float(1)),
  logSoftmax: (choose) => tame(tf.logSoftmax(choose.float(1))),
  cumsum: (choose) => {
    const x = choose.float(1);
    // on other axes the gradient of tfjs 4.22 has its axes exchanged
    return tame(tf.cumsum(x, x.rank - 1, choose.below(2) === 1, choose.below(2) === 1));
  },
  matMul: product,
  batchedMatMul: batchedProduct,
  reshape: (choose) => {
    const x = choose.float();
    return tf.reshape(x, [[-1], [1, -1], [-1, 1], x.shape.toReversed()][choose.below(4)]!);
  },
  expandDims: (choose) => {
    const x = choose.float(0, ({ rank }) => rank < 3);
    return tf.expandDims(x, choose.below(x.rank + 1));
  },
  squeeze: unary((x) => tf.squeeze(x)),
  transpose: (choose) => {
    const x = choose.float(2);
    const turned = choose.below(x.rank);
    return tf.transpose(
      x,
      x.shape.map((_, i) => (i + turned) % x.rank),
    );
  },
  reverse: (choose) => {
    const x = choose.float(1);
    return tf.reverse(x, choose.axis(x));
  },
  slice: (choose) => {
    const x = choose.float(1);
    const begin = x.shape.map((size) => choose.below(size));
    return tf.slice(
      x,
      begin,
      x.shape.map((size, i) => 1 + choose.below(size - begin[i]!)),
    );
  },
  pad: (choose) => {
    const x = choose.float(1, ({ size }) => size < 20);
    return tf.pad(
      x,
      x.shape.map(() => [choose.below(2), choose.below(2)]),
      0.5,
    );
  },
  tile: (choose) => {
    const x = choose.float(1, ({ size }) => size < 20);
    return tf.tile(
      x,
      x.shape.map(() => 1 + choose.below(2)),
    );
  },
  concat: (choose) => {
    const x = choose.float(1, ({ size }) => size < 20);
    const axis = choose.axis(x);
    const joins = ({ rank, shape }: tf.Tensor) =>
      rank === x.rank && shape.every((n, i) => i === axis || n === x.shape[i]);
    return tf.concat([x, choose.float(1, joins), x], axis);
  },
  stack: (choose) => {
    const x = choose.float(0, ({ rank, size }) => rank < 3 && size < 20);
    return tf.stack([x, choose.float(0, ({ shape }) => shape.join() === x.shape.join())], choose.below(x.rank + 1));
  },
  split: (choose) => {
    const x = choose.float(1, parts);
    const axis = choose.axis(x);
    const first = choose.below(x.shape[axis]!);
    return tf.split(x, first === 0 ? x.shape[axis]! : [first, x.shape[axis]! - first], axis);
  },
  unstack: (choose) => {
    const x = choose.float(1, parts);
    return tf.unstack(x, choose.axis(x));
  },
  gather: (choose) => {
    const x = choose.float(1);
    const axis = choose.axis(x);
    const within = tf.mod(tf.abs(choose.int(({ rank }) => rank === 1)), tf.scalar(x.shape[axis]!, "int32"));
    return tf.gather(x, within as tf.Tensor1D, axis);
  },
  where: (choose) => {
    const x = choose.float(1);
    const same = ({ shape }: tf.Tensor) => shape.join() === x.shape.join();
    return tf.where(choose.bool(same), x, choose.float(1, same));
  },
  segmentSum: (choose) => {
    const x = choose.float(1);
    const ids = choose.int(({ rank, shape }) => rank === 1 && shape[0] === x.shape[0]);
    return tame(tf.unsortedSegmentSum(x, tf.mod(tf.abs(ids), tf.scalar(3, "int32")) as tf.Tensor1D, 3));
  },
  broadcast: (choose) => {
    const x = choose.float(0, ({ rank, size }) => rank < 3 && size < 20);
    return tf.broadcastTo(x, [2, ...x.shape]);
  },
  castInt: (choose) => tf.mul(tf.cast(choose.int(), "float32"), 0.3),
  castBool: (choose) => tf.cast(choose.bool(), "float32"),
};

/** Without a gradient: what depends on a variable is returned and goes no further. */
export const rough: Readonly<Record<string, Operation>> = {
  greater: binary(tf.greater),
  less: binary(tf.less),
  greaterEqual: binary(tf.greaterEqual),
  lessEqual: binary(tf.lessEqual),
  equal: onInts(tf.equal),
  notEqual: onInts(tf.notEqual),
  and: (choose) => {
    const x = choose.bool();
    return tf.logicalAnd(x, choose.like(x));
  },
  or: (choose) => {
    const x = choose.bool();
    return tf.logicalOr(x, choose.like(x));
  },
  not: (choose) => tf.logicalNot(choose.bool()),
  all: (choose) => tf.all(choose.bool()),
  any: (choose) =>
    tf.any(
      choose.bool(({ rank }) => rank > 0),
      0,
    ),
  floor: unary(tf.floor),
  ceil: unary(tf.ceil),
  round: unary(tf.round),
  sign: unary(tf.sign),
  step: unary((x) => tf.step(x)),
  isNaN: unary(tf.isNaN),
  toInt: unary((x) => tf.cast(x, "int32")),
  toBool: unary((x) => tf.cast(x, "bool")),
  intToBool: (choose) => tf.cast(choose.int(), "bool"),
  argMax: reduction((x, axis) => tf.argMax(x, axis)),
  argMin: reduction((x, axis) => tf.argMin(x, axis)),
  topk: (choose) => {
    const x = choose.float(1);
    const { values, indices } = tf.topk(x, 1 + choose.below(x.shape.at(-1)!));
    return [values, indices];
  },
  oneHot: (choose) =>
    tf.oneHot(
      choose.int(({ rank, size }) => rank < 3 && size < 20),
      4,
      2,
      -1,
    ),
  addInt: onInts(tf.add),
  subInt: onInts(tf.sub),
  mulInt: onInts((x, y) => tf.mod(tf.mul(x, y), tf.scalar(7, "int32"))),
  floorDiv: onInts((x, y) => tf.floorDiv(x, tf.add(tf.abs(y), tf.scalar(1, "int32")))),
  maxInt: onInts(tf.maximum),
  sumInt: (choose) => tf.sum(choose.int()),
  cumsumInt: (choose) =>
    tf.mod(
      tf.cumsum(
        choose.int(({ rank }) => rank > 0),
        0,
      ),
      tf.scalar(5, "int32"),
    ),
  whereInt: (choose) => {
    const x = choose.int();
    return tf.where(tf.greater(x, tf.scalar(0, "int32")), x, tf.neg(x));
  },
  range: (choose) => tf.range(0, 1 + choose.below(4), 1, "int32"),
  linspace: (choose) => tf.linspace(-1, 1, 1 + choose.below(4)),
  eye: (choose) => tf.eye(1 + choose.below(3)),
  fill: (choose) => tf.fill([1 + choose.below(3), 4], 0.25),
  ones: (choose) => tf.onesLike(choose.float()),
  zeros: (choose) => tf.zerosLike(choose.int()),
  ofArray: (choose) => tf.tensor1d([0.5, -0.25, choose.below(5)]),
  bincount: (choose) => {
    const x = choose.int(({ rank }) => rank === 1) as tf.Tensor1D;
    return tf.bincount(tf.mod(tf.abs(x), tf.scalar(4, "int32")) as tf.Tensor1D, tf.tensor1d([]), 4);
  },
};
