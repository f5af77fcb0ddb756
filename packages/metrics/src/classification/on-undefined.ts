import { ValueError } from "@x/core";

/** What stands for a figure that the data do not define: NaN, a `ValueError`, or a number of your choice. */
export type OnUndefined = "nan" | "throw" | number;

/** The value, or what stands for it when it is NaN; `rule` says what `argument` must hold for it to be defined. */
export function whenDefined(
  caller: string,
  argument: string,
  value: number,
  rule: string,
  onUndefined: OnUndefined,
): number {
  if (!Number.isNaN(value) || onUndefined === "nan") return value;
  if (onUndefined === "throw")
    throw new ValueError(`${caller}: ${argument} must hold ${rule}, else the value is NaN`, { argument, value });
  return onUndefined;
}
