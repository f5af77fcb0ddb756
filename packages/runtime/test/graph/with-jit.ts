/** Runs `fn` with that value of X_JIT. */
export function withJit<R>(value: "graph" | "xla" | undefined, fn: () => R): R {
  const before = process.env.X_JIT;
  setJit(value);
  try {
    return fn();
  } finally {
    setJit(before);
  }
}

export function setJit(value: string | undefined): void {
  if (value === undefined) delete process.env.X_JIT;
  else process.env.X_JIT = value;
}
