import { describe, expect, it } from "vitest";
import { type Implementation, implementationsOf, problems, tagsOf, toMarkdown } from "../src/paper-map.js";
import { readWorkspaces } from "../src/workspaces.js";

/** Every paper that a tag names. */
const titles: Readonly<Record<string, string>> = {
  "0805.3415": "On upper-confidence bound policies for non-stationary bandit problems",
  "0909.4061": "Finding structure with randomness: probabilistic algorithms for matrix decompositions",
  "1308.3432": "Estimating or propagating gradients through stochastic neurons",
  "1506.02438": "High-dimensional continuous control using generalized advantage estimation",
  "1506.03099": "Scheduled sampling for sequence prediction with recurrent neural networks",
  "1508.07909": "Neural machine translation of rare words with subword units",
  "1511.06581": "Dueling network architectures for deep reinforcement learning",
  "1602.02068": "From softmax to sparsemax",
  "1606.08415": "Gaussian error linear units",
  "1607.06450": "Layer normalization",
  "1608.03983": "SGDR: stochastic gradient descent with warm restarts",
  "1611.01144": "Categorical reparameterization with Gumbel-softmax",
  "1706.03762": "Attention is all you need",
  "1706.04599": "On calibration of modern neural networks",
  "1707.00183": "Teacher-student curriculum learning",
  "1707.06347": "Proximal policy optimization algorithms",
  "1711.05101": "Decoupled weight decay regularization",
  "1807.06757": "On evaluation of embodied navigation agents",
  "1810.04777": "Rao-Blackwellized stochastic gradients for discrete distributions",
  "1904.09751": "The curious case of neural text degeneration",
  "1905.05702": "Sparse sequence-to-sequence models",
  "1910.07224": "Teacher algorithms for curriculum learning of deep RL in continuously parameterized environments",
  "1910.07467": "Root mean square layer normalization",
  "1911.08265": "Mastering Atari, Go, chess and shogi by planning with a learned model",
  "2001.08361": "Scaling laws for neural language models",
  "2002.05202": "GLU variants improve Transformer",
  "2010.03934": "Prioritized level replay",
  "2102.01454": "MAUVE: measuring the gap between neural text and human text using divergence frontiers",
  "2104.09864": "RoFormer: enhanced Transformer with rotary position embedding",
  "2106.09685": "LoRA: low-rank adaptation of large language models",
  "2107.03374": "Evaluating large language models trained on code",
  "2108.13264": "Deep reinforcement learning at the edge of the statistical precipice",
  "2110.02439": "Replay-guided adversarial environment design",
  "2203.11171": "Self-consistency improves chain of thought reasoning in language models",
  "2204.02311": "PaLM: scaling language modeling with pathways",
  "2302.13971": "LLaMA: open and efficient foundation language models",
  "2304.08612": "Bridging discrete and backpropagation: straight-through and beyond",
  "2402.00838": "OLMo: accelerating the science of language models",
  "2404.00614": "Learning to plan for language modeling from unlabeled data",
  "2406.12045": "τ-bench: a benchmark for tool-agent-user interaction in real-world domains",
  "2408.15099": "No regrets: investigating and improving regret approximations for curriculum discovery",
  "2410.12492": "End-to-end planner training for language modeling",
  "2412.15115": "Qwen2.5 technical report",
  "2501.00656": "2 OLMo 2 Furious",
  "2502.09992": "Large language diffusion models",
  "2503.14476": "DAPO: an open-source LLM reinforcement learning system at scale",
  "2504.05520": "Efficient reinforcement finetuning via adaptive curriculum learning",
  "2504.09710": "DUMP: automated distribution-level curriculum learning for RL-based LLM post-training",
  "2505.02391": "Optimizing chain-of-thought reasoners via gradient variance minimization in rejection sampling and RL",
  "2505.09388": "Qwen3 technical report",
  "2505.14970": "Self-evolving curriculum for LLM reasoning",
  "2509.19803": "VCRL: variance-based curriculum reinforcement learning for large language models",
};

/** What must not get lost: per paper `LOCATOR: FUNCTION`. Deleting the code or its tag turns this test red. */
const required: Readonly<Record<string, readonly string[]>> = {
  "0805.3415": ["section 2: createDiscountedUcb", "section 2: createSlidingWindowUcb"],
  "0909.4061": ["algorithm 4.4: randomizedSvd"],
  "1308.3432": ["straight-through estimator: straightThrough"],
  "1506.02438": ["eq. 16: gae"],
  "1506.03099": ["section 2.4: scheduleValue", "section 2.4: mixWithOracle"],
  "1508.07909": ["algorithm 1: trainBpe"],
  "1511.06581": ["eq. 7: qHead"],
  "1602.02068": ["algorithm 1: sparsemax"],
  "1607.06450": ["eq. 4: layerNorm"],
  "1608.03983": ["eq. 5: scheduleValue"],
  "1611.01144": ["eq. 2: gumbelSoftmax"],
  "1706.03762": ["§3.1: block", "eq. 1: attention", "eq. 3: scheduleValue"],
  "1706.04599": ["eq. 3: ece"],
  "1707.00183": ["section 3.1: createTscl"],
  "1711.05101": ["algorithm 2: adamW"],
  "1810.04777": ["sum over the top categories: estimate"],
  "1904.09751": ["eq. 2: processLogits"],
  "1905.05702": ["algorithm 2: entmax15", "Jacobian of α-entmax: pullBack"],
  "1910.07224": [
    "algorithm ALP-GMM: createAlpGmm",
    "algorithm Covar-GMM: createCovarGmm",
    "algorithm RIAC: createRiac",
  ],
  "1910.07467": ["eq. 4: rmsNorm"],
  "1911.08265": ["appendix G: scaleGradient"],
  "2002.05202": ["eq. 6: swiglu"],
  "2010.03934": ["algorithm 1: createLevelReplay", "section 3.2: replayProbabilities"],
  "2102.01454": ["eq. 1: histogramMauve"],
  "2104.09864": ["eq. 15: ropeFrequencies", "eq. 34: rope"],
  "2106.09685": ["eq. 3: attachLora"],
  "2107.03374": ["eq. 1: passAtK"],
  "2108.13264": ["section 4.1: stratifiedBootstrap", "section 4.2: performanceProfile", "section 4.3: iqm"],
  "2302.13971": ["§2.2: lmConfig"],
  "2304.08612": ["algorithm 2: sampleOneHot"],
  "2402.00838": ["§2.1: lmConfig"],
  "2404.00614": [
    "generation: generatePlanned",
    "next-action prediction: trainPlanner",
    "planner: Planner",
    "shift rule: planIndexPerToken",
    "writing actions: fitActions",
  ],
  "2406.12045": ["pass^k: passHatK"],
  "2408.15099": ["algorithm 1: createLearnability"],
  "2410.12492": ["end-to-end training: trainJoint", "soft selection: ActionAdapter", "soft selection: planningLosses"],
  "2412.15115": ["§2: lmConfig"],
  "2501.00656": ["§2.1: block", "§2.1: lmConfig"],
  "2502.09992": ["eq. 6: diffusionNllBound", "eq. 6: stratifiedMaskCounts"],
  "2503.14476": ["section 3.2: dynamicFilter"],
  "2504.05520": ["algorithm 1: createDifficultyTarget"],
  "2504.09710": ["section 3: createDumpUcb"],
  "2505.02391": ["dynamic sample allocation: createAllocationTracker", "dynamic sample allocation: gvmAllocate"],
  "2505.09388": ["§2: lmConfig"],
  "2505.14970": ["section 3.1: createSec"],
  "2509.19803": ["section 3: groupVariance"],
};

const implementations = readWorkspaces()
  .filter(({ folder }) => folder.startsWith("packages/"))
  .flatMap(implementationsOf);

describe("the @paper tags of the packages", () => {
  it("say where in which known paper, have a test each, and all that must be there are there", () => {
    expect(problems(implementations, titles, required)).toEqual([]);
  });

  it("are what docs/paper-map.md says (npm run map -w @x/docs writes it)", async () => {
    await expect(toMarkdown(implementations, titles)).toMatchFileSnapshot("../paper-map.md");
  });
});

describe("tagsOf", () => {
  it("finds tags on functions, constants, classes, methods and types", () => {
    const text = `
      /** A. @paper 2410.12492 eq. 3 */
      export function a() {}
      /**
       * B.
       * @param x - of b.
       * @paper 2410.12492 algorithm 1
       * @paper 1706.03762 eq. 1
       */
      const b = (x: number) => x;
      /** C. @paper 2404.00614 section 2 */
      export class C {
        /** D. @paper 2404.00614 section 3 */
        d() {}
      }
      /** E. @paper 2404.00614 section 4 */
      export interface E {
        /** F. @paper 2404.00614 section 5 */
        f(): void;
      }`;
    expect(tagsOf("a.ts", text).map(({ symbol, paper, locator }) => `${symbol} ${paper} ${locator}`)).toEqual([
      "a 2410.12492 eq. 3",
      "b 2410.12492 algorithm 1",
      "b 1706.03762 eq. 1",
      "C 2404.00614 section 2",
      "C.d 2404.00614 section 3",
      "E 2404.00614 section 4",
      "E.f 2404.00614 section 5",
    ]);
  });

  it("refuses a tag that is no id, and one that stands on nothing", () => {
    expect(() => tagsOf("a.ts", "/** @paper arXiv 2410.12492 */\nexport function a() {}")).toThrow("a.ts");
    expect(() => tagsOf("a.ts", "/** @paper 2410.12492 eq. 3 */\n\nf();")).toThrow("a.ts");
    expect(() => tagsOf("a.ts", "// @paper 2410.12492 eq. 3\nexport function a() {}")).toThrow("a.ts");
  });
});

describe("implementationsOf", () => {
  const sources = (test: string, file: string) =>
    new Map([
      ["src/deep/a.ts", "/** @paper 2410.12492 eq. 3 */\nexport function mix() {}"],
      [file, test],
    ]);
  const of = (test: string, file: string) =>
    implementationsOf({
      folder: "packages/p",
      manifest: { name: "@x/p" },
      sources: sources(test, file),
      hasReadme: true,
    });

  it("finds the test that mirrors the file, or else one that names the function", () => {
    expect(of("mix(1);", "test/deep/a.test.ts")).toEqual([
      {
        paper: "2410.12492",
        locator: "eq. 3",
        name: "p",
        symbol: "mix",
        file: "packages/p/src/deep/a.ts",
        test: "packages/p/test/deep/a.test.ts",
      },
    ]);
    expect(of("mix(1);", "test/other.slow.test.ts")[0]!.test).toBe("packages/p/test/other.slow.test.ts");
    expect(of("other(1);", "test/deep/a.test.ts")[0]!.test).toBe("packages/p/test/deep/a.test.ts");
    expect(of("mixture(1);", "test/other.test.ts")[0]!.test).toBeUndefined();
    expect(of("mix(1);", "test/helper.ts")[0]!.test).toBeUndefined();
  });
});

describe("problems", () => {
  const one: Implementation = {
    paper: "2410.12492",
    locator: "eq. 3",
    name: "p",
    symbol: "mix",
    file: "packages/p/src/a.ts",
    test: "packages/p/test/a.test.ts",
  };
  const known = { "2410.12492": "A title" };
  const needed = { "2410.12492": ["eq. 3: mix"] };

  it("are none when every tag is whole", () => {
    expect(problems([one], known, needed)).toEqual([]);
  });

  it("name what is gone, untested, without place or of an unknown paper", () => {
    expect(problems([{ ...one, symbol: "other" }], known, needed)).toEqual(["2410.12492 eq. 3: mix is gone"]);
    expect(problems([], known, needed)).toEqual([
      "nothing implements 2410.12492 any more",
      "2410.12492 eq. 3: mix is gone",
    ]);
    expect(problems([{ ...one, test: undefined }], known, needed)).toEqual(["packages/p/src/a.ts: mix has no test"]);
    expect(problems([{ ...one, locator: "" }], known, {})).toHaveLength(1);
    expect(problems([one], {}, needed)).toHaveLength(1);
  });
});

describe("toMarkdown", () => {
  it("lists papers in order of their ids and places in order of their numbers", () => {
    const row = (paper: string, locator: string): Implementation => ({
      paper,
      locator,
      name: "p",
      symbol: "f",
      file: "packages/p/src/a.ts",
      test: "packages/p/test/a.test.ts",
    });
    const page = toMarkdown([row("2", "eq. 10"), row("2", "eq. 9"), row("1", "eq. 1")], { 1: "First", 2: "Second" });
    expect(page.match(/First|Second|eq\. \d+/g)).toEqual(["First", "eq. 1", "Second", "eq. 9", "eq. 10"]);
    expect(page).toContain(
      "| eq. 9 | `@x/p` | `f` | [src/a.ts](../packages/p/src/a.ts) | [test/a.test.ts](../packages/p/test/a.test.ts) |",
    );
  });
});
