import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { expectAsOnCpu, onWasm } from "./as-on-cpu.js";

const kernels = ["Gate", "GateGrad"];
const sizes = [1, 2, 3, 4, 5, 15, 16, 17, 255, 256, 257, 1030];

onWasm("x σ(a x + b x³)", () => {
  it("is gelu, silu and swiglu at sizes around those of its loops", async () => {
    for (const size of sizes) {
      await expectAsOnCpu(kernels, (x) => nn.gelu(x!, "tanh"), [size]);
      await expectAsOnCpu(kernels, (x) => nn.silu(x!), [size]);
      await expectAsOnCpu(kernels, (gate, up) => nn.swiglu(gate!, up!), [size], [size]);
    }
    await expectAsOnCpu(kernels, (x) => nn.gelu(x!, "tanh"), [3, 1, 7, 5]);
  });

  it("keeps NaN where it stands and to itself", () => {
    tf.tidy(() => {
      const y = nn.silu(tf.tensor([1, Number.NaN, 2, 3, Number.NaN])).dataSync();
      expect(Array.from(y, Number.isNaN)).toEqual([false, true, false, false, true]);
    });
  });
});
