/* A list by keys and with picked rows; without this file the boxes and the bar are plain form controls. */
"use strict";

(() => {
  const table = document.querySelector("[data-list]");
  const bar = document.querySelector("[data-bulk]");
  const boxes = () => [...document.querySelectorAll("[data-row] .tick input")];
  const picked = () => boxes().filter((box) => box.checked);
  const every = bar && bar.querySelector("[name=all]");

  /* ---- what is picked, and what a step would leave out ---- */
  const skips = (button) => {
    const say = bar.querySelector("[data-skips]");
    const from = button && button.dataset.from ? button.dataset.from.split(" ") : [];
    const away = from.length && !every?.checked ? picked().filter((box) => !from.includes(box.closest("tr").dataset.state)).length : 0;
    say.textContent = away ? say.dataset.skips.replace("{step}", button.textContent.trim()).replace("{count}", away) : "";
  };
  const tell = () => {
    if (!bar) return;
    const count = picked().length;
    const said = bar.querySelector("[data-picked]");
    bar.classList.toggle("on", count > 0 || Boolean(every?.checked));
    said.textContent = said.dataset.picked.replace("{count}", count);
    const here = document.querySelector("[data-all-here]");
    if (here) { here.hidden = false; here.checked = count > 0 && count === boxes().length; here.indeterminate = count > 0 && count < boxes().length; }
    skips(null);
  };
  if (bar) {
    document.addEventListener("change", (event) => {
      if (event.target.matches("[data-all-here]")) boxes().forEach((box) => { box.checked = event.target.checked; });
      if (event.target.closest("[data-list], [data-bulk]")) tell();
    });
    bar.querySelectorAll("[data-from]").forEach((button) => {
      ["mouseenter", "focus"].forEach((name) => button.addEventListener(name, () => skips(button)));
      ["mouseleave", "blur"].forEach((name) => button.addEventListener(name, () => skips(null)));
    });
    const none = bar.querySelector("[data-unpick]");
    none.hidden = false;
    none.addEventListener("click", () => { boxes().forEach((box) => { box.checked = false; }); if (every) every.checked = false; tell(); });
    tell();
    addEventListener("pageshow", tell);
  }

  /* ---- a filter that says nothing does not stand in the address ---- */
  document.querySelectorAll("form[data-sparse]").forEach((form) => {
    form.addEventListener("submit", () => {
      const blank = [...form.elements].filter((one) => one.name && one.value === "" && !one.disabled);
      blank.forEach((one) => { one.disabled = true; });
      setTimeout(() => blank.forEach((one) => { one.disabled = false; }));
    });
  });

  /* ---- how many rows each view has: asked for when the page stands already ---- */
  const tabs = document.querySelector("[data-looks]");
  if (tabs) {
    const now = tabs.querySelector("[aria-current]");
    if (now && tabs.scrollWidth > tabs.clientWidth) tabs.scrollLeft = now.offsetLeft - 40;
    fetch(tabs.dataset.looks, { headers: { Accept: "application/json" } }).then((answer) => answer.ok && !answer.redirected ? answer.json() : { counts: {} })
      .then(({ counts }) => tabs.querySelectorAll("[data-look]").forEach((one) => { one.textContent = counts[one.dataset.look] === "0" ? "" : counts[one.dataset.look] || ""; }))
      .catch(() => { /* the views work without their numbers */ });
  }

  /* ---- keys ---- */
  if (!table) return;
  const rows = () => [...table.querySelectorAll("[data-row]")];
  const at = () => rows().findIndex((row) => row.classList.contains("at"));
  const go = (row) => {
    if (!row) return;
    rows().forEach((one) => one.classList.toggle("at", one === row));
    row.scrollIntoView({ block: "nearest" });
    const link = row.querySelector(".key a");
    if (link) link.focus({ preventScroll: true });
  };
  document.addEventListener("keydown", (event) => {
    const typing = /^(SELECT|TEXTAREA|BUTTON|SUMMARY)$/.test(event.target.tagName) || (event.target.tagName === "INPUT" && event.target.type !== "checkbox");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const all = rows(), now = at(), key = event.key.toLowerCase();
    if (key === "j") go(all[Math.min(now + 1, all.length - 1)]);
    else if (key === "k") go(all[Math.max(now - 1, 0)]);
    else if (key === "x" && now >= 0) {
      const box = all[now].querySelector(".tick input");
      box.checked = !box.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (event.key === "Enter" && now >= 0 && event.target.tagName !== "A") location.href = all[now].querySelector(".key a").href;
  });
})();
