/** Where amounts lie in a drawing. Only places are computed from them; whatever is written is the API's own string. */
export type Scale = { at: (amount: string) => number; lowest: string; highest: string };

/** A vertical scale from `bottom` up to `top` that holds all amounts and zero; in the middle where all are zero. */
export function scaleOf(amounts: readonly string[], top: number, bottom: number): Scale {
  const ordered = ["0", ...amounts].sort((one, other) => Number(one) - Number(other));
  const lowest = ordered[0] ?? "0";
  const highest = ordered.at(-1) ?? "0";
  const reach = Number(highest) - Number(lowest);
  const height = bottom - top;
  return { lowest, highest, at: (amount) => (reach ? bottom - ((Number(amount) - Number(lowest)) / reach) * height : top + height / 2) };
}
