import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { ownKernel } from "../own-kernel.js";
import { columnSums } from "./column-sums.js";
import { refuseEmpty, withGradient } from "./with-gradient.js";

/**
 * Layer normalisation over the last axis.
 *
 *   x̂ = (x − mean x) · r,  r = (var x + ε)^−½,  y = gain ∘ x̂ + bias
 *   with g = gain ∘ dy:  dx = r (g − mean g − x̂ · mean(g ∘ x̂)),  dgain = Σ dy ∘ x̂,  dbias = Σ dy
 *
 * @param x - `[…, D]`.
 * @param gain - `[D]`, or null for 1.
 * @param bias - `[D]`, or null for 0.
 * @param epsilon - ε, added to the variance.
 * @returns the shape of `x`.
 * @throws ShapeError when `gain` or `bias` is not `[D]`.
 * @paper 1607.06450 eq. 4
 */
export function layerNorm<T extends tf.Tensor>(
  x: T,
  gain: tf.Tensor | null,
  bias: tf.Tensor | null,
  epsilon: number,
): T {
  checkVector("layerNorm", "gain", gain, x);
  checkVector("layerNorm", "bias", bias, x);
  refuseEmpty("layerNorm", x);
  const standardise = (): [T, T, tf.Tensor] => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const r = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    const xHat = tf.mul<T>(centred, r);
    const scaled = gain === null ? xHat : tf.mul<T>(xHat, gain);
    return [bias === null ? tf.clone(scaled) : tf.add<T>(scaled, bias), xHat, r];
  };
  return withGradient<T, [T, tf.Tensor, ...tf.Tensor[]]>(
    [x, ...given(gain), ...given(bias)],
    () => {
      const own = ownKernel("Norm", { x, gain, bias }, { epsilon, centre: true });
      const [value, xHat, r] = (own as [T, T, tf.Tensor] | undefined) ?? standardise();
      return { value, saved: [xHat, r, ...given(gain)] };
    },
    (dy, [xHat, r, gain]) => {
      const asked = [true, gain !== undefined, bias !== null];
      const own = ownKernel("NormGrad", { dy, xHat, r, gain }, { centre: true });
      if (own) return own.filter((_, i) => asked[i]);
      const g = gain === undefined ? dy : tf.mul(dy, gain);
      const meanG = tf.mean(g, -1, true);
      const projection = tf.mul(xHat, tf.mean(tf.mul(g, xHat), -1, true));
      const dx = tf.mul(tf.sub(tf.sub(g, meanG), projection), r);
      return [
        dx,
        ...(gain === undefined ? [] : [columnSums(tf.mul(dy, xHat))]),
        ...(bias === null ? [] : [columnSums(dy)]),
      ];
    },
  );
}

/**
 * Root-mean-square normalisation over the last axis.
 *
 *   x̂ = x · r,  r = (mean x² + ε)^−½,  y = gain ∘ x̂
 *   with g = gain ∘ dy:  dx = r (g − x̂ · mean(g ∘ x̂)),  dgain = Σ dy ∘ x̂
 *
 * @param x - `[…, D]`.
 * @param gain - `[D]`, or null for 1.
 * @param epsilon - ε, added to the mean square.
 * @returns the shape of `x`.
 * @throws ShapeError when `gain` is not `[D]`.
 * @paper 1910.07467 eq. 4
 */
export function rmsNorm<T extends tf.Tensor>(x: T, gain: tf.Tensor | null, epsilon: number): T {
  checkVector("rmsNorm", "gain", gain, x);
  refuseEmpty("rmsNorm", x);
  const standardise = (): [T, T, tf.Tensor] => {
    const r = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
    const xHat = tf.mul<T>(x, r);
    return [gain === null ? tf.clone(xHat) : tf.mul<T>(xHat, gain), xHat, r];
  };
  return withGradient<T, [T, tf.Tensor, ...tf.Tensor[]]>(
    [x, ...given(gain)],
    () => {
      const own = ownKernel("Norm", { x, gain }, { epsilon, centre: false });
      const [value, xHat, r] = (own as [T, T, tf.Tensor] | undefined) ?? standardise();
      return { value, saved: [xHat, r, ...given(gain)] };
    },
    (dy, [xHat, r, gain]) => {
      const own = ownKernel("NormGrad", { dy, xHat, r, gain }, { centre: false });
      if (own) return own.slice(0, gain === undefined ? 1 : 2);
      const g = gain === undefined ? dy : tf.mul(dy, gain);
      const projection = tf.mul(xHat, tf.mean(tf.mul(g, xHat), -1, true));
      const dx = tf.mul(tf.sub(g, projection), r);
      return [dx, ...(gain === undefined ? [] : [columnSums(tf.mul(dy, xHat))])];
    },
  );
}

function given<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}

function checkVector(caller: string, name: string, vector: tf.Tensor | null, x: tf.Tensor): void {
  const width = x.shape.at(-1);
  if (vector !== null && (vector.rank !== 1 || vector.shape[0] !== width))
    throw new ShapeError(`${caller}: ${name} must be [${width}] for x [${x.shape}], got [${vector.shape}]`);
}
