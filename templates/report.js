// What a report can do with a script: sort, search, unpack. Without one all but packed sources can be read.

/** A cell as something to sort by: a number where it begins with one. */
function sortKey(row, column) {
  const text = row.cells[column]?.textContent.trim() ?? "";
  const number = Number.parseFloat(text.replace("\u2212", "-"));
  return { text, number: Number.isNaN(number) ? undefined : number };
}

function compareKeys(a, b) {
  if (a.number !== undefined && b.number !== undefined) return a.number - b.number;
  if (a.number !== undefined || b.number !== undefined) return a.number === undefined ? -1 : 1;
  return a.text.localeCompare(b.text, "en");
}

function sortTable(table, column) {
  const heads = [...table.tHead.rows[0].cells];
  const head = heads[column];
  // numbers are looked at from the largest on
  const first = head.classList.contains("n") ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const order = head.getAttribute("aria-sort") === first ? other : first;
  for (const each of heads) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => ({ row, key: sortKey(row, column) }));
  keyed.sort((a, b) => sign * compareKeys(a.key, b.key));
  body.append(...keyed.map(({ row }) => row));
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.title = head.title;
    head.replaceChildren(button);
    button.addEventListener("click", () => sortTable(table, column));
  });
}

function makeSearchable(input) {
  const list = document.getElementById(input.dataset.search);
  const count = document.querySelector(`[data-count="${input.dataset.search}"]`);
  const items = list.tBodies ? [...list.tBodies[0].rows] : [...list.children];
  let texts;
  const search = () => {
    // of kernels what is seen while they are closed
    texts ??= items.map((item) => (item.querySelector("summary") ?? item).textContent.toLowerCase());
    list.classList.toggle("searched", input.value !== "");
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    items.forEach((item, i) => {
      item.hidden = !words.every((word) => texts[i].includes(word));
      if (!item.hidden) shown++;
    });
    count.textContent = words.length === 0 ? `${items.length}` : `${shown} of ${items.length}`;
  };
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      search();
    }
  });
  count.textContent = `${items.length}`;
  input.closest(".tools").hidden = false;
}

const unpacked = new Map();

/** Texts of the kernels of a pack, unpacked once. */
function unpack(number) {
  if (!unpacked.has(number)) {
    const packed = atob(document.getElementById(`pack-${number}`).textContent);
    const bytes = Uint8Array.from(packed, (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    unpacked.set(number, new Response(stream).json());
  }
  return unpacked.get(number);
}

async function fillKernel(entry) {
  if (entry.dataset.at === undefined) return;
  const [pack, index] = entry.dataset.at.split(".").map(Number);
  delete entry.dataset.at;
  const { lines, kernels } = await unpack(pack);
  for (const [title, steps] of kernels[index]) {
    let at = 0;
    const text = steps.map((step) => {
      at += step;
      return lines[at];
    });
    const head = document.createElement("h3");
    head.textContent = title;
    const code = document.createElement("pre");
    code.tabIndex = 0;
    code.textContent = text.join("\n");
    entry.append(head, code);
  }
}

/** Gives whoever clicks at a link to packed figures the file. */
async function saveFigures(link) {
  const figures = await unpack(Number(link.hash.slice("#pack-".length)));
  const isCsv = link.download.endsWith(".csv");
  const save = document.createElement("a");
  save.download = link.download;
  const text = isCsv ? figures.csv : figures.json;
  save.href = `data:${isCsv ? "text/csv" : "application/json"};charset=utf-8,${encodeURIComponent(text)}`;
  save.click();
}

/** Long tables show their first rows, in whatever order, until somebody wants all. */
function makeExpandable(table) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "more";
  button.textContent = `Show all ${table.tBodies[0].rows.length} rows`;
  button.addEventListener("click", () => {
    table.classList.remove("long");
    button.remove();
  });
  table.parentElement.after(button);
}

/** Opens what a link points to. */
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  const own = target?.querySelector(":scope > details.case");
  if (own) own.open = true;
  target?.scrollIntoView();
}

for (const table of document.querySelectorAll("table")) makeSortable(table);
for (const table of document.querySelectorAll("table.long")) makeExpandable(table);
for (const link of document.querySelectorAll('a[href^="#pack-"]')) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    saveFigures(link);
  });
}
for (const input of document.querySelectorAll("[data-search]")) makeSearchable(input);
const kernels = document.getElementById("kernel-list");
// toggle does not bubble
kernels?.addEventListener("toggle", (event) => event.target.open && fillKernel(event.target), true);
addEventListener("hashchange", openTarget);
if (location.hash.length > 1) openTarget();
