/**
 * Hits of ROUGE-Lsum: tokens of each reference sentence that are in its longest common subsequence with any candidate
 * sentence, counted as long as the candidate has the token left.
 *
 *   Σ_s |∪_c LCS(s, c)|, every hit using up one occurrence of its token in the candidate
 *
 * Differs from Lin (2004), as ROUGE-1.5.5 and the `rouge_score` package do: there a token of the candidate may hit twice.
 */
export function unionHits(reference: readonly Int32Array[], candidate: readonly Int32Array[]): number {
  const left = new Map<number, number>();
  for (const sentence of candidate) for (const token of sentence) left.set(token, (left.get(token) ?? 0) + 1);
  let hits = 0;
  for (const sentence of reference) {
    const common = new Uint8Array(sentence.length);
    for (const other of candidate) markCommon(sentence, other, common);
    sentence.forEach((token, i) => {
      const available = left.get(token) ?? 0;
      if (common[i] === 0 || available === 0) return;
      left.set(token, available - 1);
      hits++;
    });
  }
  return hits;
}

/** Marks the positions in `a` of one longest common subsequence with `b`: of equally long ones the reference package's. */
function markCommon(a: Int32Array, b: Int32Array, common: Uint8Array): void {
  const width = b.length + 1;
  const lengths = new Int32Array((a.length + 1) * width); // of a[0 … i) and b[0 … j)
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++)
      lengths[i * width + j] =
        a[i - 1] === b[j - 1]
          ? lengths[(i - 1) * width + j - 1]! + 1
          : Math.max(lengths[(i - 1) * width + j]!, lengths[i * width + j - 1]!);
  let i = a.length;
  let j = b.length;
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      common[--i] = 1;
      j--;
    } else if (lengths[i * width + j - 1]! > lengths[(i - 1) * width + j]!) j--;
    else i--;
  }
}
