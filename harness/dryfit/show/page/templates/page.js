"use strict";
const form = document.getElementById("filter");
const search = document.getElementById("search");
const shown = document.getElementById("shown");
const cases = [...document.querySelectorAll(".case")];
const texts = new Map();

// What is closed is only text yet, as nothing in a noscript is parsed where scripts are.
function drawBody(item) {
  const waiting = item.querySelector(":scope > noscript");
  if (!waiting) return;
  waiting.insertAdjacentHTML("afterend", waiting.textContent);
  waiting.remove();
  item.querySelectorAll(".slider").forEach(slide);
}

// The words of markup that jinja escaped, without parsing thousands of pictures.
function wordsOf(markup) {
  const parts = markup.match(/<div class="said">[^]*?<\/div>|<pre class="scroll source"[^]*?<\/pre>/g) ?? [];
  const named = { lt: "<", gt: ">", amp: "&", "#34": '"', "#39": "'" };
  return parts.join(" ").replace(/<[^>]*>/g, "").replace(/&(lt|gt|amp|#34|#39);/g, (_, name) => named[name]);
}

// What a search looks at: what a reader sees, and not the tables and pictures.
function textOf(item) {
  if (!texts.has(item)) {
    const waiting = item.querySelector(":scope > noscript");
    const parts = [...item.querySelectorAll(":scope > summary, .said, .source")].map((part) => part.textContent);
    if (waiting) parts.push(wordsOf(waiting.textContent));
    texts.set(item, parts.join(" ").toLowerCase());
  }
  return texts.get(item);
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const boxes = [...form.querySelectorAll("[name=outcome]:checked")];
  const chosen = new Set(boxes.map((box) => box.value));
  const found = cases.filter((item) => words.every((word) => textOf(item).includes(word)));
  const count = found.filter((item) => chosen.has(item.dataset.outcome)).length;
  for (const item of cases) item.hidden = true;
  for (const item of found) item.hidden = !chosen.has(item.dataset.outcome);
  for (const box of form.querySelectorAll("[name=outcome]")) {
    const alike = found.filter((item) => item.dataset.outcome === box.value);
    box.parentElement.querySelector(".count").textContent = alike.length;
  }
  for (const item of document.querySelectorAll(".above > li")) {
    item.hidden = document.querySelector(item.firstElementChild.hash).hidden;
  }
  for (const section of document.querySelectorAll("main > section")) {
    const shown = section.querySelectorAll(".case:not([hidden]), .above > li:not([hidden])");
    section.hidden = !shown.length;
    section.querySelector("h2 .count").textContent = shown.length;
  }
  shown.textContent = `${count} of ${cases.length} shown`;
}

// In slices of 50 ms, between which a reader scrolls, and may click otherwise.
let turn = 0;
function openAll(open) {
  const waiting = cases.filter((item) => !item.hidden && item.open !== open);
  const own = ++turn;
  function some() {
    const end = performance.now() + 50;
    while (own === turn && waiting.length && performance.now() < end) {
      const item = waiting.shift();
      if (open) drawBody(item);
      item.open = open;
    }
    if (own === turn && waiting.length) setTimeout(some);
  }
  some();
}

function openNamed() {
  const item = document.getElementById(location.hash.slice(1));
  if (item?.matches(".case")) {
    drawBody(item);
    item.open = true;
    item.hidden = false;
    item.scrollIntoView();
  }
}

// What a setting decides, in words; epochs count from 0.
function inWords([stop, best, weights], last) {
  const end = stop === null ? `does not stop: the curve ends with epoch ${last}` : `stops in epoch ${stop}`;
  const found = best === null ? "no best epoch" : `best epoch ${best}`;
  return `${end}; ${found}; ends with the weights of epoch ${weights}`;
}

function part(parent, name, attributes, text = "") {
  const made = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
}

// Draw a decision over the picture: where training stops, the best epoch, and whose weights remain.
function drawOver(svg, [stop, best, weights]) {
  svg.querySelector(".asked")?.remove();
  const [left, top, right, bottom, first, end] = svg.dataset.axes.split(" ").map(Number);
  const at = (x) => left + ((Math.min(Math.max(x, first), end) - first) / (end - first)) * (right - left);
  part(svg, "g", { class: "asked" });
  const group = svg.lastElementChild;
  if (stop !== null) {
    const x = at(stop + 0.5);
    part(group, "rect", { x, y: top, width: right - x, height: bottom - top });
    part(group, "line", { class: "stop", x1: x, x2: x, y1: top, y2: bottom });
  }
  if (best !== null) part(group, "line", { class: "best", x1: at(best), x2: at(best), y1: top, y2: bottom });
  part(group, "text", { class: "weights", x: at(weights), y: top + 10 }, "weights");
}

function slide(slider) {
  const told = JSON.parse(slider.dataset.slider);
  const svg = slider.parentElement.querySelector("svg");
  const { patience, min_delta: delta } = slider.elements;
  patience.max = told.patiences.length - 1;
  delta.max = told.deltas.length - 1;
  function show() {
    const decision = told.decided[delta.value][patience.value];
    patience.nextElementSibling.textContent = told.patiences[patience.value];
    delta.nextElementSibling.textContent = told.deltas[delta.value];
    slider.querySelector(".decided").textContent = inWords(decision, told.last);
    const played = +patience.value === told.at[0] && +delta.value === told.at[1];
    if (played) svg.querySelector(".asked")?.remove();
    else drawOver(svg, decision);
  }
  function asPlayed() {
    [patience.value, delta.value] = told.at;
    show();
  }
  slider.addEventListener("input", show);
  slider.addEventListener("submit", (event) => event.preventDefault());
  slider.querySelector("button").addEventListener("click", asPlayed);
  slider.hidden = false;
  asPlayed();
}

document.querySelectorAll(".slider").forEach(slide);
form.hidden = false;
document.querySelector(".counts").hidden = true;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("open").addEventListener("click", () => openAll(true));
document.getElementById("close").addEventListener("click", () => openAll(false));
document.addEventListener("toggle", (event) => event.target.matches(".case") && drawBody(event.target), true);
window.addEventListener("hashchange", openNamed);
filter();
openNamed();
