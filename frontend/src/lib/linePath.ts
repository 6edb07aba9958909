import { bridged } from "./gaps";

/** Return the path of a line through what was measured; gaps are times without a measurement, never zero. */
export function linePath(values: readonly (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  let path = "";
  let pen = "M";
  bridged(values).forEach((value, index) => {
    if (value === null) pen = "M";
    if (value === null || value === undefined) return;
    path += `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  return path;
}
