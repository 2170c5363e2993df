import encodeQR from "qr";

/** A QR code as one SVG path, a rectangle for each dark run of a row. One module is one unit; the light ones around it,
 * which readers need, are in `size`. */
export function qrPathOf(text: string): { size: number; path: string } {
  const modules = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const path = modules.flatMap((row, y) => runsOf(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)).join("");
  return { size: modules.length, path };
}

/** Where dark runs begin, and how long they are. */
function runsOf(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = [];
  row.forEach((dark, x) => {
    const last = runs.at(-1);
    if (!dark) return;
    if (last && last[0] + last[1] === x) last[1] += 1;
    else runs.push([x, 1]);
  });
  return runs;
}
