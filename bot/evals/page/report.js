"use strict";
{
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  const cases = [...list.children].map((node, number) => {
    const [state, question, cause, f1, sure, ms] = node.firstElementChild.children;
    return {
      node, number, cause: cause.textContent, sure: parseFloat(sure.textContent), ms: parseFloat(ms.textContent),
      words: (question.textContent + " " + (node.dataset.t || "")).toLowerCase(),
    };
  });
  const orders = {
    "": (a, b) => a.number - b.number,
    sure: (a, b) => (b.sure || 0) - (a.sure || 0),
    unsure: (a, b) => (a.sure || 0) - (b.sure || 0),
    slow: (a, b) => (b.ms || 0) - (a.ms || 0),
  };
  let order = "";

  function filter() {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.find.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const item of cases) {
      const data = item.node.dataset;
      const shown = (!wanted.state || data.s === wanted.state)
        && (!wanted.cause || item.cause === wanted.cause)
        && (!wanted.kind || data.k === wanted.kind)
        && (!wanted.flip || data.f === wanted.flip)
        && words.every((word) => item.words.includes(word));
      if (item.node.hidden === shown) item.node.hidden = !shown;
      count += shown;
    }
    if (order !== wanted.order) {
      order = wanted.order;
      list.append(...[...cases].sort(orders[order]).map((item) => item.node));
    }
    form.querySelector("output").textContent = `${count.toLocaleString("en")} of ${cases.length.toLocaleString("en")} cases`;
  }

  // The details of most cases of a large run are packed: gzip in base64, unpacked when one of them is opened.
  const packs = new Map();
  function unpacked(name) {
    if (!packs.has(name)) {
      const bytes = Uint8Array.from(atob(document.getElementById("pack-" + name).textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      packs.set(name, new Response(stream).json());
    }
    return packs.get(name);
  }
  async function fill(node) {
    if (!node.dataset.p) return;
    const [pack, place] = node.dataset.p.split(".");
    node.querySelector(".body").innerHTML = (await unpacked(pack))[place];
    delete node.dataset.p;
  }
  list.addEventListener("toggle", (event) => { if (event.target.open) fill(event.target); }, true);

  for (const kind of ["input", "change"]) form.addEventListener(kind, filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const link of document.querySelectorAll("[data-cause]")) {
    link.addEventListener("click", () => {
      form.reset();
      form.elements.cause.value = link.dataset.cause;
      filter();
    });
  }
  function follow() {
    const node = /^#case-\d+$/.test(location.hash) && document.querySelector(location.hash);
    if (node) { node.open = true; node.scrollIntoView(); }
  }
  addEventListener("hashchange", follow);
  form.hidden = false;
  form.reset();
  filter();
  follow();
}
