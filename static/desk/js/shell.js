/* The shell of every page: theme, what is folded, messages, confirmation, keys. */
"use strict";

(() => {
  const stored = (name, value) => {
    try { if (value === undefined) return localStorage.getItem(name); localStorage.setItem(name, value); } catch (denied) { /* it lasts for this page only */ }
    return null;
  };

  /* ---- theme ---- */
  document.querySelectorAll("[data-theme-switch]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      stored("theme", root.dataset.theme);
    });
  });

  /* ---- what somebody folded stays folded ---- */
  document.querySelectorAll("details[data-remember]").forEach((details) => {
    const kept = stored(details.dataset.remember);
    if (kept !== null && !details.querySelector("[aria-current]")) details.open = kept === "open";
    details.addEventListener("toggle", () => stored(details.dataset.remember, details.open ? "open" : "shut"));
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.querySelectorAll("[data-top]").forEach((one) => one.addEventListener("click", () => scrollTo({ top: 0 })));

  /* ---- controls that send their form at once ---- */
  document.querySelectorAll("select[data-send]").forEach((select) => {
    select.addEventListener("change", () => select.form.requestSubmit());
  });

  /* ---- messages: what was done goes by itself, what was refused stays until it is closed ---- */
  const toasts = document.querySelector("[data-toasts]");
  const settle = (say) => {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "icon-btn";
    close.setAttribute("aria-label", toasts.dataset.close);
    close.textContent = "×";
    close.addEventListener("click", () => say.remove());
    say.append(close);
    if (say.classList.contains("say-ok")) {
      let timer = setTimeout(() => say.remove(), 9000);
      say.addEventListener("mouseenter", () => clearTimeout(timer));
      say.addEventListener("mouseleave", () => { timer = setTimeout(() => say.remove(), 4000); });
    }
  };
  if (toasts) [...toasts.children].forEach(settle);
  desk.toast = (text, tone = "ok") => {
    const say = document.createElement("div");
    const words = document.createElement("div");
    say.className = `say say-${tone}`;
    say.setAttribute("role", "status");
    words.textContent = text;
    say.append(words);
    toasts.append(say);
    settle(say);
  };

  /* ---- what cannot be taken back is asked once more, with what follows from it ---- */
  const dialog = document.getElementById("confirm");
  document.addEventListener("submit", (event) => {
    const asked = (event.submitter && event.submitter.dataset.confirm && event.submitter) || (event.target.dataset.confirm && event.target);
    if (!asked || !dialog || asked.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    dialog.querySelector("h2").textContent = asked.dataset.confirm;
    dialog.querySelector("p").textContent = asked.dataset.follows || "";
    const yes = dialog.querySelector('[value="yes"]');
    yes.textContent = asked.dataset.verb || (submitter ? submitter.textContent.trim() : asked.dataset.confirm);
    yes.className = asked.dataset.tone === "plain" ? "btn btn-primary" : "btn btn-danger";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      asked.dataset.confirmed = "1";
      event.target.requestSubmit(submitter || undefined);
      delete asked.dataset.confirmed;
    }, { once: true });
    dialog.showModal();
  }, true);

  /* ---- the numbers in navigation and head renew themselves; a lost network is said in a quiet line ---- */
  const numbers = document.querySelector("[data-counts]");
  const lost = document.querySelector("[data-lost]");
  const count = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(numbers.dataset.counts, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      const said = await answer.json();
      document.querySelectorAll("[data-count]").forEach((one) => { one.textContent = said.counts[one.dataset.count] || ""; });
      document.querySelectorAll("[data-badge]").forEach((one) => {
        one.textContent = said.badges[one.dataset.badge] || "0";
        one.hidden = !said.badges[one.dataset.badge];
      });
      if (lost) lost.hidden = true;
    } catch (away) { if (lost) lost.hidden = false; }
  };
  if (numbers) { count(); setInterval(count, 30000); document.addEventListener("visibilitychange", count); addEventListener("online", count); }

  /* ---- keys ---- */
  const help = document.getElementById("keys");
  document.querySelectorAll("[data-keys]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => { button.closest("details").open = false; help.showModal(); });
  });
  let before = 0;
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const follows = Date.now() - before < 1200;
    before = 0;
    if (event.key === "?" && help) { event.preventDefault(); help.showModal(); }
    else if (follows && key === "h") location.href = document.querySelector(".brand").href;
    else if (follows && key === "n") { const notices = document.querySelector(".topbar a.icon-btn"); if (notices) location.href = notices.href; }
    else if (key === "g") before = Date.now();
    else if (key === "n") { const make = document.querySelector("[data-new]"); if (make) { event.preventDefault(); location.href = make.href; } }
  });
})();
