import * as tf from "@tensorflow/tfjs-core";
import type { PlannedDocument, Planner, TokenizerLike } from "@x/planner";
import { escapeHtml } from "./html.js";

/** How many sentences of the sample are drawn. */
const drawn = 12;

/**
 * The plan over a text: for each sentence the planner's probabilities of all actions as a strip (darker is likelier, the
 * framed one is the sentence's own action), drawn above the sentence that followed.
 */
export async function planPicture(
  planner: Planner,
  document: PlannedDocument,
  tokenizer: TokenizerLike,
): Promise<string> {
  const probs = await planProbabilities(planner, document);
  const actions = planner.codebook.actions;
  const strips = probs.map((row, s) => {
    const own = document.actions[s]!;
    const best = row.indexOf(Math.max(...row));
    const start = document.sentenceStart[s]!;
    const end = document.sentenceStart[s + 1] ?? document.tokens.length;
    return [
      `<div class="plan"><svg viewBox="0 0 ${actions} 1" preserveAspectRatio="none" class="strip" role="img" aria-label="probabilities of ${actions} actions">`,
      ...Array.from(
        row,
        (p, a) => `<rect x="${a}" width="1" height="1" fill="#0072b2" fill-opacity="${p.toFixed(3)}"/>`,
      ),
      `<rect x="${own + 0.06}" y="0.06" width="0.88" height="0.88" fill="none" stroke="#d55e00" stroke-width="0.12"/></svg>`,
      `<p>${escapeHtml(tokenizer.decode(document.tokens.subarray(start, end)).trim())}</p>`,
      `<small>planned ${best} (${(100 * row[best]!).toFixed(0)} %), written ${own} (${(100 * row[own]!).toFixed(0)} %)</small></div>`,
    ].join("");
  });
  return strips.join("\n");
}

/** The planner's probabilities for the first sentences of a document, `[S][K]`; no later one changes them. */
async function planProbabilities(planner: Planner, document: PlannedDocument): Promise<Float32Array[]> {
  const { dim, actions } = planner.codebook;
  const S = Math.min(drawn, document.actions.length);
  const before = new Float32Array(S * dim);
  before.set(document.sentenceVectors.subarray(0, (S - 1) * dim), dim);
  const known = Float32Array.from({ length: S }, (_, s) => (s === 0 ? 0 : 1));
  const probs = tf.tidy(() => tf.softmax(planner.logits(tf.tensor3d(before, [1, S, dim]), tf.tensor2d(known, [1, S]))));
  const values = (await probs.data()) as Float32Array;
  probs.dispose();
  return Array.from({ length: S }, (_, s) => values.slice(s * actions, (s + 1) * actions));
}
