"use strict";
const form = document.getElementById("filter");
const search = document.getElementById("search");
const shown = document.getElementById("shown");
const cases = [...document.querySelectorAll(".case")];
const texts = new Map();

// What a search looks at: what a reader sees, and not the tables and pictures.
function textOf(item) {
  if (!texts.has(item)) {
    const parts = item.querySelectorAll(":scope > summary, .said, .source");
    texts.set(item, [...parts].map((part) => part.textContent).join(" ").toLowerCase());
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

function openAll(open) {
  for (const item of cases) if (!item.hidden) item.open = open;
}

function openNamed() {
  const item = document.getElementById(location.hash.slice(1));
  if (item?.matches(".case")) {
    item.open = true;
    item.hidden = false;
    item.scrollIntoView();
  }
}

form.hidden = false;
document.querySelector(".counts").hidden = true;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("open").addEventListener("click", () => openAll(true));
document.getElementById("close").addEventListener("click", () => openAll(false));
window.addEventListener("hashchange", openNamed);
filter();
openNamed();
