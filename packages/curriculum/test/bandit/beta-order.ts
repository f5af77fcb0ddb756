const logFactorials: number[] = [0];
function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push(logFactorials[i - 1]! + Math.log(i));
  return logFactorials[n]!;
}
const logBeta = (a: number, b: number) => logFactorial(a - 1) + logFactorial(b - 1) - logFactorial(a + b - 1);

/** P(X > Y), X ~ Beta(a, b), Y ~ Beta(c, d), all integers: Σ_{i<a} B(c + i, b + d) / ((b + i) B(1 + i, b) B(c, d)) */
export function betaOrder(a: number, b: number, c: number, d: number): number {
  let sum = 0;
  for (let i = 0; i < a; i++)
    sum += Math.exp(logBeta(c + i, b + d) - Math.log(b + i) - logBeta(1 + i, b) - logBeta(c, d));
  return sum;
}
