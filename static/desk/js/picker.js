/* The picker of references: entries that fit what was typed. */
"use strict";

(() => {
  /* ---- the picker of references ---- */
  let list = null, picked = null, asked = 0;
  const close = () => { if (list) list.remove(); if (picked) picked.removeAttribute("aria-expanded"); list = null; picked = null; };
  /* What a code stands for is said below its field; in a grid, where there is no room, on pointing at it. */
  const name = (element, text) => {
    element.title = text;
    if (element.closest("[data-grid]")) return;
    let note = element.parentElement.querySelector("[data-named]");
    if (!note) {
      note = document.createElement("p");
      note.className = "hint";
      note.dataset.named = "";
      element.after(note);
    }
    note.textContent = text;
  };
  const choose = (item) => {
    const element = picked;
    element.value = item.dataset.value;
    name(element, item.dataset.name);
    close();
    element.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const show = (element, results) => {
    close();
    if (!results.length) return;
    picked = element;
    list = document.createElement("ul");
    list.className = "picker";
    list.id = "picker";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", element.getAttribute("aria-label") || (element.labels && element.labels[0] ? element.labels[0].textContent.trim() : "…"));
    element.setAttribute("role", "combobox");
    element.setAttribute("aria-controls", list.id);
    element.setAttribute("aria-expanded", "true");
    results.forEach((result, at) => {
      const item = document.createElement("li");
      item.id = `picker-${at}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.dataset.value = result.value;
      item.dataset.name = result.label.startsWith(`${result.value} `) ? result.label.slice(result.value.length + 1) : result.label;
      item.textContent = result.value;
      if (item.dataset.name !== result.value) {
        const label = document.createElement("small");
        label.textContent = item.dataset.name;
        item.append(label);
      }
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(item); });
      list.append(item);
    });
    const box = element.getBoundingClientRect();
    list.style.left = `${box.left + scrollX}px`;
    list.style.top = `${box.bottom + scrollY + 2}px`;
    list.style.minWidth = `${box.width}px`;
    document.body.append(list);
  };
  const ask = async (element) => {
    const turn = ++asked;
    const answer = await fetch(`${element.dataset.pick}?q=${encodeURIComponent(element.value)}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || turn !== asked || document.activeElement !== element) return;
    show(element, (await answer.json()).results);
  };
  let pause = 0;
  document.addEventListener("input", (event) => {
    if (!event.isTrusted || !event.target.dataset || !event.target.dataset.pick) return;
    clearTimeout(pause);
    asked++;
    close();
    if (event.target.title) name(event.target, "");
    pause = setTimeout(() => ask(event.target).catch(close), 150);
  });
  document.addEventListener("focusin", (event) => {
    /* In a grid the list opens by typing or by F2: arrows go from row to row there. */
    const one = event.target;
    if (!desk.quiet && one.dataset && one.dataset.pick && !one.value && !one.closest("[data-grid]")) ask(one).catch(close);
  });
  document.addEventListener("focusout", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "F2" && event.target.dataset && event.target.dataset.pick) { event.preventDefault(); ask(event.target).catch(close); return; }
    if (!list) return;
    const items = [...list.children];
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (at >= 0) items[at].setAttribute("aria-selected", "false");
      const to = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      items[to].setAttribute("aria-selected", "true");
      items[to].scrollIntoView({ block: "nearest" });
      picked.setAttribute("aria-activedescendant", items[to].id);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      choose(items[at]);
    } else if (event.key === "Escape") close();
  });
})();
