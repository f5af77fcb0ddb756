import { type LmConfig, lmConfig } from "@x/lm";

/** The shape of a model and of its batch. */
export interface Size {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly length: number;
  readonly batch: number;
  readonly vocabulary: number;
}

/** The sizes that the benchmarks speak of. */
export const sizes = {
  S: { width: 64, layers: 2, heads: 4, length: 64, batch: 16, vocabulary: 256 },
  M: { width: 256, layers: 4, heads: 8, length: 128, batch: 8, vocabulary: 2048 },
  A: { width: 128, layers: 4, heads: 4, length: 128, batch: 16, vocabulary: 512 },
} as const satisfies Record<string, Size>;

/** The arguments of a worker, in their order on the command line. */
export const sizeArguments = (s: Size): string[] =>
  [s.width, s.layers, s.heads, s.length, s.batch, s.vocabulary].map(String);

/** The size that {@link sizeArguments} wrote; whatever follows is left alone. */
export function readSize(numbers: readonly string[]): Size {
  const [width, layers, heads, length, batch, vocabulary] = numbers.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { width, layers, heads, length, batch, vocabulary };
}

/** A GPT-2 configuration of that size. */
export const gpt2Config = ({ width, layers, heads, length, vocabulary }: Size): LmConfig =>
  lmConfig({ family: "gpt2", hidden: width, layers, heads, maxPositions: length, vocabSize: vocabulary });
