import { checkFilled, checkLength } from "../checks.js";
import { bootstrap } from "../stats/bootstrap.js";
import type { BootstrapOptions, Interval } from "../stats/interval.js";
import { alignmentCost, numberBoth } from "./edit-distance.js";
import type { Tokens } from "./tokens.js";

/**
 * How far generated plans are from reference plans: the mean normalised edit distance, with its interval over documents.
 *
 *   (1/N) Σᵢ D(generatedᵢ, referenceᵢ) / max(|generatedᵢ|, |referenceᵢ|),  two empty plans being at distance 0
 *
 * For latent plans the tokens are action ids. Their perplexity under a critic is `perplexity` of `/lm` over the critic's
 * log-probabilities of the actions; it needs no function of its own.
 *
 * @param generated - `[N]` plans, one for each document.
 * @param reference - `[N]` plans of the same documents.
 * @throws ValueError for fewer than two documents, different numbers of them, an id that is not finite, or an option
 *   outside its range.
 */
export function planEditDistance(
  generated: readonly Tokens[],
  reference: readonly Tokens[],
  options: BootstrapOptions = {},
): Interval {
  checkFilled("planEditDistance", "generated", generated);
  checkLength("planEditDistance", "reference", reference, "generated", generated.length);
  const distances = generated.map((plan, i) => {
    const [a, b] = numberBoth("planEditDistance", [`generated[${i}]`, plan], [`reference[${i}]`, reference[i]!]);
    return alignmentCost("planEditDistance", a, b) / Math.max(a.length, b.length, 1);
  });
  return bootstrap(distances, options);
}
