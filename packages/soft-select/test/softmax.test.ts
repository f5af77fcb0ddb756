import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { softmax } from "../src/index.js";
import { expectClose } from "./helpers.js";
import { describeMapLaws, describeReference, expectOptimal } from "./map-laws.js";

describe("softmax", () => {
  it("equals the worked example", () => {
    expectClose(softmax(tf.tensor1d([-2, 0, 0.5])), [0.0486, 0.3592, 0.5922], { atol: 5e-5 });
  });

  it("approaches the argmax as τ → 0 and the uniform mix as τ → ∞", () => {
    const z = tf.tensor1d([0.1, 0.3, 0.2]);
    expectClose(softmax(z, { temperature: 1e-3 }), [0, 1, 0]);
    expectClose(softmax(z, { temperature: 1e6 }), [1 / 3, 1 / 3, 1 / 3]);
  });

  it("maximises ⟨p, z⟩ plus the Shannon entropy", () => expectOptimal(softmax, 1));

  describeReference(softmax, "softmax");
  describeMapLaws(softmax);
});
