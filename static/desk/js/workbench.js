/* The workbench by keys: J and K walk the rows, Enter goes to what the row asks. */
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-task]")];
  const now = () => rows().findIndex((row) => row.classList.contains("me"));
  const mark = (row) => {
    rows().forEach((one) => { one.classList.toggle("me", one === row); one.toggleAttribute("aria-current", one === row); });
    row.scrollIntoView({ block: "nearest" });
  };
  const take = (row) => {
    mark(row);
    row.querySelector(".pick").click();
  };
  document.addEventListener("click", (event) => {
    const pick = event.target.closest(".pick");
    if (pick && window.htmx && matchMedia("(min-width: 901px)").matches) { event.preventDefault(); mark(pick.closest("tr")); }
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(event.target.tagName);
    if (typing && !(event.target.tagName === "A" && /^[jk]$/i.test(event.key))) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const all = rows(), at = now(), key = event.key.toLowerCase();
    if (key === "j" && all[at + 1]) take(all[at + 1]);
    else if (key === "k" && all[at - 1]) take(all[at - 1]);
    else if (event.key === "Enter" && at >= 0) {
      const pane = document.getElementById("pane");
      const first = pane.querySelector("form :is(input:not([type=hidden]), select, textarea)") || pane.querySelector(".btn-primary");
      event.preventDefault();
      if (first) first.focus();
    }
  });
  /* The rows come anew every half minute; the one at hand stays marked, and a page nobody looks at asks nothing. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id !== "tasks") return;
    if (document.hidden || desk.changed) event.preventDefault();
    else event.target.dataset.at = (document.querySelector("[data-task].me") || { dataset: {} }).dataset.task || "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "tasks") return;
    const kept = rows().find((row) => row.dataset.task === event.target.dataset.at);
    if (kept) rows().forEach((one) => one.classList.toggle("me", one === kept));
  });
})();
