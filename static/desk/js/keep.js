/* Typed work is not lost by leaving; the first error is where the cursor goes. Every page works without these files. */
"use strict";

/* What the scripts of a page share: whether something was typed, and whether a change of focus is ours. */
window.desk = { changed: false, quiet: false };

(() => {
  /* ---- typed work is not lost by leaving ---- */
  desk.changed = document.querySelector("form[data-keep][data-typed]") !== null;
  document.addEventListener("input", (event) => { if (event.target.closest && event.target.closest("form[data-keep]")) desk.changed = true; });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-keep]")) desk.changed = false;
    /* A second click on a form that is on its way does nothing. */
    if (event.target.method === "post") {
      if (event.target.dataset.sent) { event.preventDefault(); return; }
      event.target.dataset.sent = "1";
      setTimeout(() => delete event.target.dataset.sent, 8000);
    }
  });
  addEventListener("beforeunload", (event) => { if (desk.changed) event.preventDefault(); });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  /* ---- the first error is where the eye and the cursor go ---- */
  const first = document.querySelector("form[data-keep] .bad :is(input, select, textarea), form[data-keep] .err :is(input, select, textarea)");
  if (first) { desk.quiet = true; first.focus({ preventScroll: true }); desk.quiet = false; }
})();
