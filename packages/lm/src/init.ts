import { createRng } from "@x/core";
import type { LmConfig } from "./config.js";
import { parameters } from "./parameters.js";

/**
 * The starting values of every parameter: matrices N(0, 0.02²), those that write to the residual stream divided by
 * √(2 · layers), gains 1, biases 0.
 *
 * Drawn on the host, a stream for each name: the same seed gives the same numbers on every backend, and a parameter
 * keeps its values when others come or go.
 */
export function* initialValues(
  config: LmConfig,
  seed: number | string,
): Generator<{ name: string; shape: readonly number[]; data: Float32Array }> {
  const rng = createRng(seed);
  for (const [name, { shape, init }] of parameters(config)) {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (init === "ones") data.fill(1);
    else if (init !== "zeros") {
      const draw = rng.split(name);
      const deviation = init === "residual" ? 0.02 / Math.sqrt(2 * config.layers) : 0.02;
      for (let i = 0; i < data.length; i++) data[i] = deviation * draw.normal();
    }
    yield { name, shape, data };
  }
}
