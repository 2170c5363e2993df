// Prints what a browser loads before a page shows, and fails above the limit.
// A first load is the entry, the chunks it imports, public/theme.js, and the chunk of the page that is opened first:
// so the heaviest page counts. What a page or the frame imports later (a chart, the builder, an opened menu) does not.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 170;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const sizes = new Map();

function gzipped(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length);
  return sizes.get(file);
}

function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const imported of manifest[key].imports ?? []) closure(imported, found);
  return found;
}

const total = (keys) => [...keys].reduce((sum, key) => sum + gzipped(manifest[key].file), gzipped("theme.js"));
const kb = (bytes) => `${(bytes / 1000).toFixed(1).padStart(6)} kB`;

const [entry] = Object.entries(manifest).find(([, chunk]) => chunk.isEntry);
const shell = closure(entry);
const pages = (manifest[entry].dynamicImports ?? [])
  .concat([...shell].flatMap((key) => manifest[key].dynamicImports ?? []))
  .filter((key, index, all) => all.indexOf(key) === index)
  .filter((key) => !key.startsWith("src/components/"))
  .map((key) => ({ key, size: total(closure(key, new Set(shell))) }))
  .sort((left, right) => right.size - left.size);
const heaviest = pages[0]?.size ?? total(shell);
const styles = [...new Set([...shell].flatMap((key) => manifest[key].css ?? []))];

console.log(`${kb(total(shell))}  shell: ${[...shell].map((key) => manifest[key].file.split("/").pop()).join(", ")}`);
for (const page of pages) console.log(`${kb(page.size)}  first load of ${page.key}`);
for (const file of styles) console.log(`${kb(gzipped(file))}  styles: ${file} (not counted)`);
console.log(`${kb(heaviest)}  heaviest first load of JavaScript, gzipped; the limit is ${LIMIT_KB} kB`);
if (heaviest > LIMIT_KB * 1000) {
  console.error("Too much: move what the first view does not need behind a dynamic import.");
  process.exit(1);
}
