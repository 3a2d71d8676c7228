// Recomputes a published draw in the reader's own browser, by the recipe of app/revisits/recipe.py.

const encoder = new TextEncoder();
const CALLED = new Set(["drawn", "made", "unreachable", "voided"]);
const LOST = new Set(["unreachable", "voided"]);

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(parts.flatMap((part) => [...part]))));

function byBytes(a, b) {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] - (b[at] ?? -1));
}

// As Python sorts: by code points, which is the order of the bytes of UTF-8.
const sorted = (texts) => [...texts].sort((a, b) => byBytes(encoder.encode(a), encoder.encode(b)));

async function poolDigest(pool) {
  const parts = sorted(Object.keys(pool)).map((code) => `${JSON.stringify(code)}:${JSON.stringify(sorted(pool[code]))}`);
  return hex(await sha256(encoder.encode(`{${parts.join(",")}}`)));
}

// ⌈share × n⌉, in whole numbers: a share is written “1/5” or “0.2”.
function size(share, n) {
  const [above, below = "1"] = share.split("/");
  const decimals = above.split(".")[1]?.length ?? 0;
  const [a, b] = [BigInt(above.replace(".", "")) * BigInt(n), BigInt(below) * 10n ** BigInt(decimals)];
  return Number((a + b - 1n) / b);
}

async function inOrder(numbers, seed) {
  const keyed = await Promise.all(numbers.map(async (number) => ({ number, key: await sha256(seed, encoder.encode(number)) })));
  return keyed.sort((a, b) => byBytes(a.key, b.key)).map(({ number }) => number);
}

function checkDepartment(department, numbers, drawn, members) {
  if (!numbers.every((number) => Object.hasOwn(members, number))) throw new Error("a member without a result");
  const called = numbers.filter((number) => CALLED.has(members[number]));
  const lost = called.filter((number) => LOST.has(members[number])).length;
  const expected = numbers.slice(0, drawn + lost);
  if (JSON.stringify(called) === JSON.stringify(expected)) return [];
  return [`${department}：应回访 ${expected.join("、")}，实际是 ${called.join("、")}`];
}

async function check({ secret, commitment, share, pool, pool_digest: stated, members }) {
  const digest = await poolDigest(pool);
  const problems = [];
  if (hex(await sha256(unhex(secret))) !== commitment) problems.push("公开的随机数与事先公布的摘要不符");
  if (digest !== stated) problems.push("名单池与冻结时公布的摘要不符");
  const seed = await sha256(unhex(secret), unhex(digest));
  for (const [department, numbers] of Object.entries(pool)) {
    problems.push(...checkDepartment(department, await inOrder(numbers, seed), size(share, numbers.length), members));
  }
  return problems;
}

async function verdict(text) {
  if (!globalThis.crypto?.subtle) return ["这个浏览器不能核验：请用 https 地址打开本页，或下载 recipe.py。"];
  try {
    return await check(JSON.parse(text));
  } catch {
    return ["这不是一份抽取公示文件，或者内容不全。请下载公示文件再试。"];
  }
}

function tell(place, problems, source) {
  place.className = problems.length ? "wrong" : "said-done";
  const list = document.createElement("ul");
  list.append(...problems.map((problem) => Object.assign(document.createElement("li"), { textContent: problem })));
  place.replaceChildren(problems.length ? `${source}核验不通过：` : `${source}核验通过：随机数、名单、名次和回访结果都与公布的一致。`);
  if (problems.length) place.append(list);
}

for (const section of document.querySelectorAll("[data-draw]")) {
  const place = section.querySelector("[data-verdict]");
  section.querySelector("[data-check]").addEventListener("click", async () => {
    tell(place, await verdict(await (await fetch(section.dataset.draw)).text()), "本期");
  });
  section.querySelector("input[type=file]").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    if (file) tell(place, await verdict(await file.text()), `${file.name} `);
  });
}
