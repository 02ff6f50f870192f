/* The shell of every page: theme, controls that send at once, the way to the search. */
"use strict";

(() => {
  /* ---- theme ---- */
  document.querySelectorAll("[data-theme-switch]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch (denied) { /* it lasts for this page only */ }
    });
  });

  /* ---- controls that send their form at once ---- */
  document.querySelectorAll("select[data-send]").forEach((select) => {
    select.addEventListener("change", () => select.form.requestSubmit());
  });

  /* ---- "/" goes to the search ---- */
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.target.isContentEditable;
    const wanted = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
    const search = document.querySelector(".find input");
    if (wanted && search) { event.preventDefault(); search.focus(); }
  });
})();
