import { it } from "vitest";
import { nn } from "../../src/index.js";
import { expectAsOnCpu, onWasm } from "./as-on-cpu.js";

const kernels = ["Norm", "NormGrad"];
const shapes = [[2], [3], [1, 4], [5, 5], [2, 3, 7], [4, 8], [3, 64], [2, 67]];

onWasm("the kernels of norms", () => {
  it("are layerNorm with and without gain and bias, at widths around that of a vector", async () => {
    for (const shape of shapes) {
      const width = [shape.at(-1)!];
      await expectAsOnCpu(kernels, (x, g, b) => nn.layerNorm(x!, g!, b!, 1e-5), shape, width, width);
      await expectAsOnCpu(kernels, (x, g) => nn.layerNorm(x!, g!, null, 1e-5), shape, width);
      await expectAsOnCpu(kernels, (x, b) => nn.layerNorm(x!, null, b!, 1e-5), shape, width);
      await expectAsOnCpu(kernels, (x) => nn.layerNorm(x!, null, null, 1e-5), shape);
    }
  });

  it("are rmsNorm with and without gain", async () => {
    for (const shape of [[1], [1, 1], ...shapes]) {
      await expectAsOnCpu(kernels, (x, g) => nn.rmsNorm(x!, g!, 1e-5), shape, [shape.at(-1)!]);
      await expectAsOnCpu(kernels, (x) => nn.rmsNorm(x!, null, 1e-5), shape);
    }
  });
});
