/* The palette: Ctrl+K, a few letters, Enter. Without this file the field in the head leads to a page of results. */
"use strict";

(() => {
  const field = document.querySelector("[data-palette]");
  const dialog = document.getElementById("palette");
  if (!field || !dialog) return;
  const input = dialog.querySelector("input");
  const list = document.getElementById("palette-list");
  const RECENT = "recent";
  let turn = 0, pause = 0;

  const recent = () => { try { return JSON.parse(localStorage.getItem(RECENT)) || []; } catch (unreadable) { return []; } };
  const remember = (entry) => {
    const kept = [entry, ...recent().filter((one) => one.href !== entry.href)].slice(0, 6);
    try { localStorage.setItem(RECENT, JSON.stringify(kept)); } catch (denied) { /* nothing is remembered then */ }
  };
  const fits = (words, text) => words.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));
  /* The steps that the page itself offers come first. */
  const here = (words) => [...document.querySelectorAll(".act-bar a.btn[href], [data-new]")]
    .map((link) => ({ label: link.textContent.trim(), hint: "", href: link.getAttribute("href") }))
    .filter((entry) => fits(words, entry.label)).slice(0, 6);

  const options = () => [...list.querySelectorAll('[role="option"]')];
  const select = (option) => {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const show = (groups) => {
    list.replaceChildren();
    let count = 0;
    groups.filter((group) => group.entries.length).forEach((group) => {
      const box = document.createElement("div");
      const title = document.createElement("h3");
      title.id = `palette-group-${count}`;
      title.textContent = group.title;
      box.setAttribute("role", "group");
      box.setAttribute("aria-labelledby", title.id);
      box.append(title);
      group.entries.forEach((entry) => {
        const option = document.createElement("a");
        const hint = document.createElement("small");
        option.id = `palette-${count++}`;
        option.href = entry.href;
        option.tabIndex = -1;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.append(entry.label);
        hint.textContent = entry.hint;
        option.append(hint);
        option.addEventListener("click", () => remember(entry));
        box.append(option);
      });
      list.append(box);
    });
    if (!count) {
      const none = document.createElement("p");
      none.className = "quiet none";
      none.textContent = field.dataset.nothing;
      list.append(none);
    }
    select(options()[0]);
  };
  const ask = async () => {
    const words = input.value.trim(), mine = ++turn;
    const near = [{ title: field.dataset.here, entries: here(words) }];
    if (!words) near.push({ title: field.dataset.recent, entries: recent() });
    const answer = await fetch(`${field.dataset.palette}?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
    if (answer.ok && mine === turn) show([...near, ...(await answer.json()).groups]);
  };
  const open = (words) => {
    if (dialog.open) return;
    dialog.showModal();
    input.value = words || "";
    ask().catch(() => show([]));
  };

  input.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(() => ask().catch(() => show([])), 90); });
  input.addEventListener("keydown", (event) => {
    const all = options(), at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (all.length) select(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      all[at].click();
    }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  field.addEventListener("focus", () => { if (!desk.quiet) { field.blur(); open(field.value); } });
  document.querySelectorAll("[data-open-palette]").forEach((link) => link.addEventListener("click", (event) => { event.preventDefault(); open(""); }));
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.target.isContentEditable;
    const wanted = (event.key === "/" && !typing) || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey));
    if (wanted) { event.preventDefault(); open(""); }
  });
})();
