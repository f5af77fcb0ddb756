/** A pair of ids is one exact integer, `left · 2²⁰ + right`, so that the order of pairs is the order of numbers. */
export const largestVocabulary = 2 ** 20;

/** A pair of neighbouring ids with the indices of the words that may hold it. */
interface CountedPair {
  readonly left: number;
  readonly right: number;
  readonly words: ReadonlySet<number>;
}

/** How often each pair of neighbours occurs in a set of words. */
export interface PairCounts {
  /** Counts each pair of the word `times` more, or fewer. */
  add(ids: readonly number[], word: number, times: number): void;
  /** The most frequent pair, of equals the one with the lower ids; undefined when no pair is left. */
  best(): CountedPair | undefined;
}

interface Entry {
  readonly count: number;
  readonly key: number;
}

/** Counts of pairs with a heap on top: each change costs its logarithm, and nothing is ever counted anew. */
export function pairCounts(): PairCounts {
  const pairs = new Map<number, { count: number; readonly words: Set<number> }>();
  const changed = new Set<number>();
  const heap: Entry[] = []; // an entry whose count is no longer the pair's is out of date

  return {
    add(ids, word, times) {
      for (let i = 0; i + 1 < ids.length; i++) {
        const key = ids[i]! * largestVocabulary + ids[i + 1]!;
        const pair = pairs.get(key) ?? { count: 0, words: new Set() };
        pairs.set(key, pair);
        pair.count += times;
        if (times > 0) pair.words.add(word);
        changed.add(key);
      }
    },
    best() {
      for (const key of changed) {
        const { count } = pairs.get(key)!;
        if (count > 0) push(heap, { count, key });
        else pairs.delete(key);
      }
      changed.clear();
      while (heap.length > 0 && pairs.get(heap[0]!.key)?.count !== heap[0]!.count) pop(heap);
      if (heap.length === 0) return undefined;
      const { key } = heap[0]!;
      return {
        left: Math.floor(key / largestVocabulary),
        right: key % largestVocabulary,
        words: pairs.get(key)!.words,
      };
    },
  };
}

const before = (a: Entry, b: Entry) => a.count > b.count || (a.count === b.count && a.key < b.key);

function push(heap: Entry[], entry: Entry): void {
  let i = heap.push(entry) - 1;
  for (let up = (i - 1) >> 1; i > 0 && before(entry, heap[up]!); i = up, up = (i - 1) >> 1) swap(heap, i, up);
}

function pop(heap: Entry[]): void {
  swap(heap, 0, heap.length - 1);
  heap.pop();
  for (let i = 0, down = 1; down < heap.length; i = down, down = 2 * i + 1) {
    if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++;
    if (!before(heap[down]!, heap[i]!)) break;
    swap(heap, down, i);
  }
}

function swap(heap: Entry[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b]!, heap[a]!];
}
