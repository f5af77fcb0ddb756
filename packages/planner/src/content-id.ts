import { createHash } from "node:crypto";

/** A name made of a kind and the first 16 hexadecimal digits of the SHA-256 of the contents. */
export function contentId(kind: string, ...contents: readonly (string | Float32Array)[]): string {
  const hash = createHash("sha256");
  for (const part of contents)
    hash
      .update(typeof part === "string" ? part : new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
      .update("\0");
  return `${kind}:${hash.digest("hex").slice(0, 16)}`;
}
