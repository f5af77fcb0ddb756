import type { Benchmark, Goal, Ratio } from "../benchmark.js";
import { assertSame } from "../calls.js";
import { compareRuns, pytorch } from "../rivals.js";
import { type Size, sizeArguments, sizes } from "../sizes.js";
import { startWorker } from "../worker.js";

/** A model, how many tokens are drawn after a prompt of 16, and against what: goals by batch size. */
interface Case {
  readonly name: string;
  readonly size: Omit<Size, "batch">;
  readonly drawn: number;
  readonly goals: Readonly<Record<number, { readonly generate: Goal; readonly loop?: Goal }>>;
}

const promptLength = 16;
const better = "higher";
const cases: readonly Case[] = [
  {
    name: "S",
    size: { ...sizes.S, length: 256 },
    drawn: 128,
    goals: {
      1: { generate: { better, must: 20, aim: 40 }, loop: { better } },
      8: { generate: { better, must: 8, aim: 12 }, loop: { better } },
      64: { generate: { better, must: 2.2, aim: 4 }, loop: { better } },
    },
  },
  {
    name: "M",
    size: { ...sizes.M, length: 256 },
    drawn: 128,
    goals: {
      1: { generate: { better, must: 3.5, aim: 5 }, loop: { better, must: 1.5, aim: 2 } },
      8: { generate: { better, must: 1.8, aim: 2.5 }, loop: { better, must: 1.1, aim: 1.3 } },
      64: { generate: { better, must: 1.5, aim: 2 }, loop: { better, must: 1, aim: 1.1 } },
    },
  },
  {
    name: "124M",
    size: { width: 768, layers: 12, heads: 12, length: 1024, vocabulary: 50_257 },
    drawn: 32,
    goals: {
      1: { generate: { better, must: 1.5, aim: 2 } },
      8: { generate: { better, must: 1.5, aim: 2 } },
    },
  },
];

/** So many texts of about 30 tokens, 128 at most, are drawn in so many places; see workers/refill.ts. */
const refill = { texts: 128, batch: 16, drawn: 128 };

/**
 * Tokens per second of `generateAll` against transformers' `generate` and a loop written by hand in PyTorch, and texts per
 * second when the next prompt takes the place of a text that ends against one batch after the other.
 */
export const decode: Benchmark = {
  name: "decode",
  async run({ say }) {
    const ratios: Ratio[] = [];
    const spreads: number[] = [];
    for (const { name, size, drawn, goals } of cases)
      for (const [batch, { generate, loop }] of Object.entries(goals)) {
        const numbers = [...sizeArguments({ ...size, batch: Number(batch) }), `${promptLength}`, `${drawn}`];
        const ours = startWorker("decode.js", ["native", ...numbers]);
        const rivals = [
          ...pytorch("generate", "decode.py", ["generate", ...numbers], generate),
          ...(loop === undefined ? [] : pytorch("pytorch-loop", "decode.py", ["loop", ...numbers], loop)),
        ];
        const tokens = Number(batch) * drawn;
        const compared = await compareRuns<Drawn>({
          name: `decode-${name}, batch ${batch}`,
          ...{
            ours,
            rivals,
            command: "decode",
            makes: { count: tokens, name: "tokens" },
            check: sameDraws(tokens),
            say,
          },
        });
        ratios.push(...compared.ratios);
        spreads.push(compared.spread);
        for (const worker of [ours, ...rivals.map((rival) => rival.worker)]) worker.close();
      }
    for (const name of ["S", "M"] as const) {
      const { texts, batch, drawn } = refill;
      const size = sizeArguments({ ...sizes[name], length: 256, batch });
      const start = (way: string) =>
        startWorker("refill.js", ["native", ...size, `${promptLength}`, `${drawn}`, `${texts}`, way]);
      const [ours, batches] = [start("refill"), start("batches")];
      const compared = await compareRuns<Drawn>({
        name: `refill-${name}, batch ${batch}`,
        ...{ ours, rivals: [{ id: "batches", worker: batches, goal: { better, aim: 1.5 } }], command: "refill" },
        ...{ makes: { count: texts, name: "texts" }, check: sameTexts, say },
      });
      ratios.push(...compared.ratios);
      spreads.push(compared.spread);
      for (const worker of [ours, batches]) worker.close();
    }
    return { ratios, spread: Math.max(...spreads) };
  },
};

/** What a generation drew. */
interface Drawn {
  readonly tokens: number;
  /** The mean log-probability of its tokens, where the side gives them. */
  readonly logprob: number | null;
}

const sameDraws = (tokens: number) => (ours: Drawn, peer: Drawn) => {
  for (const drawn of [ours, peer]) assertSame("tokens drawn", [drawn.tokens], [tokens], 0);
  if (peer.logprob !== null) assertSame("mean log-probability", [ours.logprob!], [peer.logprob], 0.02);
};

/** Rounding may decide a draw, and then the rest of a text. */
const sameTexts = (ours: Drawn, peer: Drawn) => {
  assertSame("tokens drawn", [ours.tokens], [peer.tokens], 0.02);
  assertSame("mean log-probability", [ours.logprob!], [peer.logprob!], 0.002);
};
