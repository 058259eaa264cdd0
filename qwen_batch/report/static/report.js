// The report's only script: tables, evidence to and fro, and the review. Asks no network; what a person decides
// stays in the browser's storage until it is saved as corrections.json.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const page = document.body.dataset.page;
const root = document.body.dataset.root;
const data = JSON.parse($("#data")?.textContent ?? "{}");
const say = (text) => { $("#said").textContent = text; };
const shorten = (text, most = 80) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const many = (count, what) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

// ---------------------------------------------------------------- what is kept

const KEY = `qwen-batch report ${document.body.dataset.report}`;
const EMPTY = { who: "", decisions: {}, order: [], checks: [], queue: [], rest: 0, restError: 0, since: 0 };

const kept = {
  ...EMPTY,
  read() {
    try { Object.assign(this, EMPTY, JSON.parse(localStorage.getItem(KEY) ?? "{}")); } catch { /* a fresh start */ }
  },
  write() {
    const content = Object.fromEntries(Object.keys(EMPTY).map((name) => [name, this[name]]));
    try { localStorage.setItem(KEY, JSON.stringify(content)); } catch { say("The browser keeps nothing: save now."); }
  },
  decide(id, decision) {
    this.decisions[id] = decision;
    this.order = [...this.order.filter((one) => one !== id), id];
    this.since += 1;
    this.write();
  },
  undo() {
    const id = this.order.pop();
    if (id === undefined) return null;
    const undone = this.decisions[id];
    delete this.decisions[id];
    this.write();
    return { id, page: undone.page };
  },
  left() {
    const items = this.queue.filter(([id]) => !(id in this.decisions));
    return { count: items.length + this.rest, wrong: items.reduce((sum, item) => sum + item[2], this.restError) };
  },
};
kept.read();

function stopLine() {
  if (!kept.queue.length && data.values) {
    const own = data.values.filter((one) => !(one.id in kept.decisions));
    return `${many(own.length, "value")} left in this document`;
  }
  const { count, wrong } = kept.left();
  const decided = Object.keys(kept.decisions).length;
  return `${many(count, "value")} left, ${wrong.toFixed(1)} wrong expected${decided ? `; ${decided} decided` : ""}`;
}

function whatChecksSay() {
  if (!kept.checks.length) return "No blind check yet.";
  const caught = kept.checks.filter((one) => one.caught).length;
  return `Blind checks: ${caught} of ${kept.checks.length} wrong values were seen.`;
}

function save() {
  const now = new Date().toISOString();
  const corrections = kept.order.map((id) => {
    const { page: _page, ...correction } = kept.decisions[id];
    return { ...correction, who: correction.who || kept.who || "unnamed" };
  });
  const file = { version: 1, output: data.output ?? "", saved_at: now, corrections, checks: kept.checks };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1)], { type: "application/json" }));
  link.download = "corrections.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  const saved = `${many(corrections.length, "decision")} saved as corrections.json`;
  say(saved);
  $(page === "review" ? "#kept" : "#left").textContent = page === "review" ? saved : `${saved}, for qwen-batch apply`;
}

// ---------------------------------------------------------------- every page

$("#theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("qwen-batch theme", document.documentElement.dataset.theme); } catch { /* not kept */ }
});
try {
  const theme = localStorage.getItem("qwen-batch theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* the system's */ }

function sortTable(table, button) {
  const head = button.closest("th");
  const descending = head.getAttribute("aria-sort") === "ascending";
  const column = Number(button.dataset.sort);
  const numbers = button.dataset.kind === "number";
  const keyOf = (row) => {
    const cell = row.cells[column];
    const text = cell.dataset.value ?? cell.textContent.trim();
    return numbers ? Number(text) : text;
  };
  const order = numbers ? (a, b) => a - b : new Intl.Collator("en", { numeric: true }).compare;
  const rows = [...table.tBodies[0].rows].map((row) => [keyOf(row), row]);
  rows.sort((a, b) => (descending ? -1 : 1) * order(a[0], b[0]));
  table.tBodies[0].append(...rows.map(([, row]) => row));
  $$("th[aria-sort]", table).forEach((one) => one.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  say(`sorted by ${button.textContent}, ${descending ? "descending" : "ascending"}`);
}

for (const table of $$("table.sortable")) {
  for (const button of $$("button[data-sort]", table)) button.addEventListener("click", () => sortTable(table, button));
}

// ---------------------------------------------------------------- table of documents

function startDocuments() {
  const [search, state, job, below] = ["#search", "#state", "#job", "#below"].map((one) => $(one));
  let code = decodeURIComponent(location.hash.slice(1));
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of $("#documents").tBodies[0].rows) {
      const { dataset } = row;
      const fits = words.every((word) => dataset.search.includes(word))
        && (!state.value || dataset.state === state.value)
        && (!job.value || dataset.jobs.split(" ").includes(job.value))
        && (!code || dataset.codes.split(" ").includes(code))
        && (below.value === "" || (dataset.confidence !== "" && Number(dataset.confidence) < Number(below.value)));
      row.hidden = !fits;
      count += fits;
    }
    $("#count").textContent = many(count, "document") + (code ? ` with ${code}` : "");
    $("#none").hidden = count > 0;
  };
  for (const control of [search, state, job, below]) control.addEventListener("input", () => { code = ""; filter(); });
  $(".filters").addEventListener("submit", (event) => event.preventDefault());
  filter();
}

// ---------------------------------------------------------------- a document: evidence to and fro

const citesOf = (element) => (element.dataset.cites ?? "").split(" ").filter(Boolean);
const values = new Map((data.values ?? []).map((one) => [one.id, one]));
const buttonOf = (id) => document.getElementById(`v-${id}`);
let current = null; // id of the value that is looked at
let check = null; // id of the value that stands for another one

function citing(cites) {
  const wanted = new Set(cites);
  return $$("[data-cites]").filter((one) => citesOf(one).some((cite) => wanted.has(cite)));
}

function light(name, cites) {
  $$(`.${name}`).forEach((one) => one.classList.remove(name));
  citing(cites).forEach((one) => one.classList.add(name));
}

function select(id, { scroll = true } = {}) {
  const button = buttonOf(id);
  if (!button) return;
  if (check && check !== id) endCheck();
  closeForm();
  $$(".value[aria-pressed=true]").forEach((one) => one.setAttribute("aria-pressed", "false"));
  button.setAttribute("aria-pressed", "true");
  current = id;
  light("on", citesOf(button));
  $$(".value.on").forEach((one) => one.classList.remove("on"));
  button.focus({ preventScroll: true });
  if (scroll) {
    button.scrollIntoView({ block: "nearest" });
    showPlace(citesOf(button));
  }
  tellCurrent();
}

function showPlace(cites) {
  const place = citing(cites).find((one) => one.matches(".box, mark"));
  if (!place) return;
  const box = place.getBoundingClientRect();
  const pane = $(".pages").getBoundingClientRect();
  const bar = $(".review-bar").offsetHeight;
  if (box.top < Math.max(pane.top, 64) || box.bottom > Math.min(pane.bottom, innerHeight - bar)) place.scrollIntoView({ block: "center" });
}

function tellCurrent() {
  const value = values.get(current);
  const text = $(".said", buttonOf(current)).textContent;
  $("#current").classList.remove("check");
  $("#current").replaceChildren(Object.assign(document.createElement("strong"), { textContent: value.label }), ` ${shorten(text)}`);
  say(`${value.path}: ${shorten(text)}`);
}

function showDecision(id) {
  const button = buttonOf(id);
  if (!button) return;
  const decision = kept.decisions[id];
  const badge = $(".badge", button);
  badge.hidden = !decision;
  badge.className = `badge ${decision?.decision ?? ""}`;
  badge.textContent = { accept: "✓ accepted", correct: "✎ corrected", reject: "✗ rejected" }[decision?.decision] ?? "";
  const said = $(".said", button);
  said.replaceChildren();
  if (decision && decision.decision !== "accept") {
    said.append(Object.assign(document.createElement("span"), { className: "was", textContent: asText(values.get(id).value) }));
  }
  said.append(decision?.decision === "correct" ? asText(decision.new_value) : decision?.decision === "reject" ? "" : asText(values.get(id).value));
}

function asText(value) {
  if (value === null || value === "") return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 12 }) : String(value);
}

function tellLeft() {
  if ($("#left")) $("#left").textContent = stopLine();
}

// ---------------------------------------------------------------- review

const CHECK_EVERY = 10; // decisions from one blind check to the next

function decide(decision, more = {}) {
  if (!current) { say("choose a value first"); return; }
  if (check === current) { answerCheck(decision); return; }
  const value = values.get(current);
  kept.decide(current, {
    doc_id: data.doc.doc_id, source_uri: data.doc.source_uri, job: value.job, path: value.path,
    old_value: value.value, new_value: null, decision, pointed: null, who: kept.who, when: new Date().toISOString(),
    run_id: value.run_id, job_fingerprint: value.job_fingerprint, page: data.page, ...more,
  });
  showDecision(current);
  tellLeft();
  next();
}

function next() {
  const place = kept.queue.findIndex(([id]) => id === current);
  const after = [...kept.queue.slice(place + 1), ...kept.queue.slice(0, Math.max(place, 0))];
  const own = [...values.keys()].map((id) => [id, data.page]);
  const item = (kept.queue.length ? after : own).find(([id]) => !(id in kept.decisions));
  if (!item) { tellLeft(); say("nothing is left in the queue"); $("#current").textContent = "Nothing is left in the queue."; return; }
  if (item[1] !== data.page) { location.href = `${root}${item[1]}#v-${item[0]}`; return; }
  history.replaceState(null, "", `#v-${item[0]}`);
  arrive(item[0]);
}

function arrive(id) {
  select(id);
  const value = values.get(id);
  if (value?.decoy && !(id in kept.decisions) && kept.since >= CHECK_EVERY) beginCheck(id);
}

function beginCheck(id) {
  check = id;
  $(".said", buttonOf(id)).textContent = decoyOf(values.get(id));
  tellCurrent();
}

/** Another document's value, written as this one's would be. */
function decoyOf({ kind, decoy }) {
  if (kind === "boolean") return decoy === "True" ? "yes" : "no";
  return asText(kind === "integer" || kind === "number" ? Number(decoy) : decoy);
}

function endCheck() {
  const id = check;
  check = null;
  showDecision(id);
}

function answerCheck(decision) {
  const value = values.get(check);
  const caught = decision !== "accept";
  kept.checks.push({
    doc_id: data.doc.doc_id, source_uri: data.doc.source_uri, job: value.job, path: value.path,
    shown: decoyOf(value), caught, who: kept.who || "unnamed", when: new Date().toISOString(),
  });
  kept.since = 0;
  kept.write();
  endCheck();
  closeForm();
  const text = `${caught ? "Well seen" : "Missed"}: “${shorten(decoyOf(value), 40)}” was another document's value, a blind check. Now decide on the real one.`;
  $("#current").textContent = text;
  $("#current").classList.add("check");
  say(text);
}

function undo() {
  if (check) endCheck();
  const undone = kept.undo();
  if (!undone) { say("nothing to undo"); return; }
  tellLeft();
  if (undone.page !== data.page) { location.href = `${root}${undone.page}#v-${undone.id}`; return; }
  showDecision(undone.id);
  select(undone.id);
  say("undone");
}

function step(by) {
  const ids = [...values.keys()];
  const at = ids.indexOf(current);
  select(ids[Math.min(Math.max(at + by, 0), ids.length - 1)]);
}

// ---------------------------------------------------------------- correcting, and pointing at words

let pointed = null; // {page, words, boxes} or {page, words, start, end}
let places = []; // of the words that were typed
let place = 0;

const HINTS = { text: "", integer: "a whole number", number: "a number", date: "YYYY-MM-DD", time: "YYYY-MM-DDThh:mm:ssZ", boolean: "yes or no" };

function openForm() {
  if (!current) { say("choose a value first"); return; }
  if (check === current) { answerCheck("correct"); return; }
  const value = values.get(current);
  const decision = kept.decisions[current];
  $("#correct").hidden = false;
  $("#kind").textContent = HINTS[value.kind];
  const input = $("#new-value");
  input.value = decision?.decision === "correct" ? String(decision.new_value) : value.value === null ? "" : String(value.value);
  input.setCustomValidity("");
  $("#words").value = "";
  point(null);
  document.body.classList.add("pointing");
  $$(".sheet").forEach(layWords);
  input.focus({ preventScroll: true });
  input.select();
}

function closeForm() {
  if (!$("#correct") || $("#correct").hidden) return;
  $("#correct").hidden = true;
  document.body.classList.remove("pointing");
  $$(".word").forEach((one) => one.remove());
  point(null);
}

function typed(kind, text) {
  const said = text.trim();
  if (kind === "boolean") return { yes: true, true: true, no: false, false: false }[said.toLowerCase()];
  if (kind === "integer") return /^[-+]?\d+$/.test(said) ? Number(said) : undefined;
  if (kind === "number") return said !== "" && Number.isFinite(Number(said)) ? Number(said) : undefined;
  if (kind === "date") return /^\d{4}-\d\d-\d\d$/.test(said) && !Number.isNaN(Date.parse(said)) ? said : undefined;
  if (kind === "time") return Number.isNaN(Date.parse(said)) ? undefined : said;
  return said === "" ? undefined : said;
}

function takeCorrection(event) {
  event.preventDefault();
  const input = $("#new-value");
  const value = typed(values.get(current).kind, input.value);
  if (value === undefined) {
    input.setCustomValidity(`Write ${HINTS[values.get(current).kind] || "a value; to say that there is none, reject it"}.`);
    input.reportValidity();
    return;
  }
  const by = pointed;
  closeForm();
  decide("correct", { new_value: value, pointed: by });
}

/** The words of a page as the file has them, in reading order: [{text, x0, y0, x1, y1}] in points. */
function wordsOf(number) {
  const found = [];
  for (const flat of data.pages?.[number]?.lines ?? []) {
    for (let at = 0; at < flat.length; at += 5) {
      const [x0, y0, x1, y1] = flat.slice(at, at + 4).map((tenths) => tenths / 10);
      found.push({ text: flat[at + 4], x0, y0, x1, y1 });
    }
  }
  return found;
}

function layWords(sheet) {
  const number = sheet.closest(".page").dataset.page;
  const size = data.pages[number];
  let from = null;
  wordsOf(number).forEach((word, at) => {
    const span = document.createElement("span");
    span.className = "word";
    span.dataset.at = at;
    span.style.cssText = `left:${(100 * word.x0) / size.w}%;top:${(100 * word.y0) / size.h}%;width:${(100 * (word.x1 - word.x0)) / size.w}%;height:${(100 * (word.y1 - word.y0)) / size.h}%`;
    sheet.append(span);
  });
  sheet.onpointerdown = (event) => {
    if (!event.target.matches(".word")) return;
    event.preventDefault();
    from = Number(event.target.dataset.at);
    pick(number, from, from);
  };
  sheet.onpointermove = (event) => {
    if (from === null || !event.target.matches(".word")) return;
    pick(number, from, Number(event.target.dataset.at));
  };
  sheet.onpointerup = sheet.onpointerleave = () => {
    if (from !== null) fill();
    from = null;
  };
}

function pick(number, one, other) {
  const [first, last] = [Math.min(one, other), Math.max(one, other)];
  const words = wordsOf(number).slice(first, last + 1);
  const { w, h, turn } = data.pages[number];
  point({ page: Number(number), words: words.map((word) => word.text).join(" "), boxes: words.map((word) => turnedBack(word, w, h, turn)) });
  $$(`#page-${number} .word`).forEach((span) => span.classList.toggle("picked", span.dataset.at >= first && span.dataset.at <= last));
}

/** A box of the page as it is shown, on the page as the file displays it. */
function turnedBack({ x0, y0, x1, y1 }, w, h, turn) {
  if (turn === 90) return { x0: y0, y0: w - x1, x1: y1, y1: w - x0 };
  if (turn === 180) return { x0: w - x1, y0: h - y1, x1: w - x0, y1: h - y0 };
  if (turn === 270) return { x0: h - y1, y0: x0, x1: h - y0, y1: x1 };
  return { x0, y0, x1, y1 };
}

/** Takes what was pointed at into the form. */
function fill() {
  if (!pointed) return;
  $("#words").value = pointed.words;
  const value = values.get(current);
  if (value.kind === "text" || typed(value.kind, pointed.words) !== undefined) $("#new-value").value = pointed.words;
  $("#new-value").focus({ preventScroll: true });
}

function point(where) {
  pointed = where;
  $$(".word.picked").forEach((one) => one.classList.remove("picked"));
  globalThis.CSS?.highlights?.delete("picked");
  $("#found").textContent = where ? `page ${where.page}: “${shorten(where.words)}”` : "";
  $("#next-place").hidden = places.length < 2;
}

const folded = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

/** Every place of some words on the cited pages, in pictures and in text. */
function find(text) {
  const wanted = folded(text);
  if (!wanted) return [];
  const found = [];
  for (const number of Object.keys(data.pages ?? {})) {
    const words = wordsOf(number).map((word) => folded(word.text));
    for (let first = 0; first < words.length; first += 1) {
      for (let last = first, said = ""; last < words.length && said.length < wanted.length; last += 1) {
        said += words[last];
        if (said.length >= wanted.length && said.startsWith(wanted)) found.push({ number, first, last });
      }
    }
  }
  for (const passage of $$(".passage")) {
    const whole = passage.textContent;
    for (let at = whole.toLowerCase().indexOf(text.toLowerCase()); at >= 0; at = whole.toLowerCase().indexOf(text.toLowerCase(), at + 1)) {
      found.push({ passage, start: at, end: at + text.length });
    }
  }
  return found;
}

function search() {
  places = find($("#words").value.trim());
  place = 0;
  goToPlace();
}

function goToPlace() {
  const there = places[place];
  if (!there) { point(null); if ($("#words").value.trim()) $("#found").textContent = "not on the pages that are shown"; return; }
  if (there.passage) pointText(rangeOf(there.passage, there.start, there.end), there.passage);
  else {
    pick(there.number, there.first, there.last);
    $(`#page-${there.number} .picked`)?.scrollIntoView({ block: "center" });
  }
  if (places.length > 1) $("#found").textContent += ` (${place + 1} of ${places.length} places)`;
}

/** The range of UTF-16 units [start, end) in a passage's text. */
function rangeOf(passage, start, end) {
  const range = document.createRange();
  let before = 0;
  for (const piece of passage.children) {
    const text = piece.firstChild;
    const length = text?.length ?? 0;
    if (start >= before && start <= before + length) range.setStart(text, start - before);
    if (end > before && end <= before + length) { range.setEnd(text, end - before); break; }
    before += length;
  }
  return range;
}

/** Characters of the clean text where a place in a piece stands; a character beyond U+FFFF counts as one. */
const charAt = (node, offset) => Number(node.parentElement.dataset.start) + [...node.data.slice(0, offset)].length;

function pointText(range, passage) {
  const ends = [range.startContainer, range.endContainer];
  if (!ends.every((node) => node.nodeType === Node.TEXT_NODE && passage.contains(node))) return;
  point({
    page: Number(passage.closest(".page").dataset.page), words: range.toString(),
    start: charAt(range.startContainer, range.startOffset), end: charAt(range.endContainer, range.endOffset),
  });
  if (globalThis.Highlight) CSS.highlights.set("picked", new Highlight(range));
  range.startContainer.parentElement.scrollIntoView({ block: "nearest" });
}

function takeSelection() {
  if ($("#correct").hidden) return;
  const selection = getSelection();
  if (selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  const passage = range.commonAncestorContainer.nodeType === Node.TEXT_NODE
    ? range.commonAncestorContainer.parentElement.closest(".passage") : range.commonAncestorContainer.closest?.(".passage");
  if (!passage) return;
  pointText(range.cloneRange(), passage);
  fill();
}

// ---------------------------------------------------------------- starting a document's page

const ACTS = { accept: () => decide("accept"), correct: openForm, reject: () => decide("reject"), undo, next, save };
const KEYS = { a: "accept", c: "correct", r: "reject", u: "undo", n: "next", s: "save" };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && $("#correct") && !$("#correct").hidden) { closeForm(); buttonOf(current)?.focus(); return; }
  if (event.target.matches("input, select, textarea")) return;
  if (page === "document" && (event.key === "j" || event.key === "k")) { event.preventDefault(); step(event.key === "j" ? 1 : -1); return; }
  const act = KEYS[event.key];
  if (page === "document" && act) { event.preventDefault(); ACTS[act](); }
  if (page === "review" && act === "save") save();
}

function startDocument() {
  for (const element of $$("[data-cites]")) {
    element.addEventListener("pointerenter", () => light("hover", citesOf(element)));
    element.addEventListener("pointerleave", () => light("hover", []));
  }
  for (const button of $$(".value")) button.addEventListener("click", () => select(button.dataset.value));
  for (const button of $$(".cite")) {
    button.addEventListener("click", () => { light("on", citesOf(button)); showPlace(citesOf(button)); });
  }
  for (const box of $$(".box, mark[data-cites]")) {
    box.addEventListener("click", () => {
      if (!$("#correct").hidden) return;
      const value = citing(citesOf(box)).find((one) => one.matches(".value"));
      if (value) { select(value.dataset.value, { scroll: false }); value.scrollIntoView({ block: "center" }); }
    });
  }
  for (const button of $$("[data-act]")) button.addEventListener("click", () => ACTS[button.dataset.act]());
  $("#correct").addEventListener("submit", takeCorrection);
  $("#new-value").addEventListener("input", () => $("#new-value").setCustomValidity(""));
  $("#words").addEventListener("input", search);
  $("#next-place").addEventListener("click", () => { place = (place + 1) % places.length; goToPlace(); });
  $("#cancel").addEventListener("click", () => { closeForm(); buttonOf(current)?.focus(); });
  document.addEventListener("pointerup", takeSelection);
  for (const id of values.keys()) showDecision(id);
  tellLeft();
  const go = () => { const id = location.hash.slice(3); if (values.has(id)) arrive(id); };
  addEventListener("hashchange", go);
  go();
}

// ---------------------------------------------------------------- the review's page

function startReview() {
  Object.assign(kept, { queue: data.queue, rest: data.rest, restError: data.rest_error });
  kept.write();
  const who = $("#who");
  who.value = kept.who;
  who.addEventListener("input", () => { kept.who = who.value.trim(); kept.write(); });
  $("#save").addEventListener("click", save);
  $("#left").textContent = stopLine();
  $("#measured").textContent = whatChecksSay();
  $("#kept").textContent = `${many(kept.order.length, "decision")} kept in this browser`;
  const first = kept.queue.find(([id]) => !(id in kept.decisions));
  if (first) $("#start").href = `${first[1]}#v-${first[0]}`;
  else $("#start").hidden = true;
  const marks = { accept: "✓ accepted", correct: "✎ corrected", reject: "✗ rejected" };
  let wrong = kept.left().wrong;
  let isEnough = false;
  for (const row of $$("#queue tbody tr")) {
    const decision = kept.decisions[row.dataset.value];
    $(".decided", row).textContent = marks[decision?.decision] ?? "";
    if (!decision && wrong < 1 && !isEnough) { isEnough = true; row.classList.add("enough"); row.title = "From here on less than one wrong value is expected"; }
    if (!decision) wrong -= Number(row.cells[1].textContent);
  }
}

// ---------------------------------------------------------------- start

document.addEventListener("keydown", onKey);
if (page === "documents") startDocuments();
if (page === "document" && data.values?.length) startDocument();
if (page === "review") startReview();
if (page === "index") $("#reviewed-count").textContent = Object.keys(kept.decisions).length.toLocaleString("en");
