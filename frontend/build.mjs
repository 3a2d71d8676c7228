// Bundles what the pages load into app/static/dist, each file named by its content, and lists the names in manifest.json.
import { readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const OUT = "app/static/dist";
const TEMPLATES = "app/pages/templates";
const ICONS = "node_modules/@tabler/icons/icons/outline";

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const { metafile } = await build({
  entryPoints: ["pages.js", "diagram.js", "keys.js", "draw.js", "charts.js", "kiosk.js", "speak.js", "style.css", "review.css", "kiosk-style.css"].map((file) => `frontend/${file}`),
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  metafile: true,
  outdir: OUT,
  target: ["chrome100", "firefox102", "safari15"],
  external: ["data:*"],
  legalComments: "none",
  logLevel: "warning",
});
const manifest = {};
for (const path of Object.keys(metafile.outputs)) {
  const file = path.slice(OUT.length + 1);
  manifest[file.replace(/-[A-Z0-9]{8}\./, ".")] = file;
}

// One sprite of exactly those icons that a template names.
const named = new Set();
for (const file of readdirSync(TEMPLATES)) {
  const text = readFileSync(`${TEMPLATES}/${file}`, "utf8");
  for (const [, name] of text.matchAll(/icon\(\s*"([a-z0-9-]+)"/g)) named.add(name);
  for (const [, names] of text.matchAll(/\{# icons: ([a-z0-9 -]+) #\}/g)) names.split(" ").forEach((name) => named.add(name));
}
const symbols = [...named].sort().map((name) => {
  const svg = readFileSync(`${ICONS}/${name}.svg`, "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s+/g, " ");
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
});
const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
const digest = createHash("sha256").update(sprite).digest("hex").slice(0, 8).toUpperCase();
manifest["icons.svg"] = `icons-${digest}.svg`;
writeFileSync(`${OUT}/${manifest["icons.svg"]}`, sprite);
writeFileSync(`${OUT}/manifest.json`, JSON.stringify(manifest, null, 2));
for (const file of Object.values(manifest)) {
  writeFileSync(`${OUT}/${file}.gz`, gzipSync(readFileSync(`${OUT}/${file}`), { level: 9 }));
}
