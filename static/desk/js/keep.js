/* What is typed is not lost: it is kept in this browser while a form is open, and leaving asks first.
   Every page works without this file. */
"use strict";

/* What the scripts of a page share: whether something was typed, and whether a change of focus is ours. */
window.desk = { changed: false, quiet: false };

(() => {
  const DAYS = 7;
  const shelf = "draft:";
  const form = document.querySelector("form[data-keep][data-draft]");
  const key = form && `${shelf}${form.dataset.draft}:${location.pathname}${location.search}`;
  const store = {
    get(name) { try { return JSON.parse(localStorage.getItem(name)); } catch (unreadable) { return null; } },
    put(name, value) { try { localStorage.setItem(name, JSON.stringify(value)); return true; } catch (full) { return false; } },
    drop(name) { try { localStorage.removeItem(name); } catch (denied) { /* there is none then */ } },
    names() { try { return Object.keys(localStorage).filter((name) => name.startsWith(shelf)); } catch (denied) { return []; } },
  };
  const clock = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const typed = (scope) => [...scope.elements].filter((one) => one.name && !["file", "submit", "button"].includes(one.type)
    && one.name !== "csrfmiddlewaretoken");

  /* A form that was done names itself in a cookie: only then is its draft no longer needed. */
  desk.settle = () => {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith("done="));
    const done = found && decodeURIComponent(found.slice(5));
    store.names().forEach((name) => {
      const draft = store.get(name);
      if (!draft || draft.once === done || Date.now() - draft.at > DAYS * 86400000) store.drop(name);
    });
  };

  const note = (text, button, act) => {
    const bar = document.createElement("div");
    bar.className = "say say-info";
    bar.setAttribute("role", "status");
    const words = document.createElement("div");
    words.textContent = text;
    bar.append(words);
    if (button) {
      const one = document.createElement("button");
      one.type = "button";
      one.className = "btn btn-s";
      one.textContent = button;
      one.addEventListener("click", () => { bar.remove(); act(); });
      bar.append(one);
    }
    document.querySelectorAll("[data-note]").forEach((old) => old.remove());
    bar.dataset.note = "";
    (form || document.querySelector("main")).before(bar);
    return bar;
  };

  const read = () => typed(form).filter((one) => !["checkbox", "radio"].includes(one.type) || one.checked)
    .filter((one) => one.tagName !== "SELECT" || !one.multiple).map((one) => [one.name, one.value])
    .concat([...form.querySelectorAll("select[multiple]")].flatMap((one) => [...one.selectedOptions].map((option) => [one.name, option.value])));

  const save = () => {
    const kept = store.put(key, { at: Date.now(), once: form.elements.once.value, fields: read() });
    const status = form.querySelector("[data-kept]");
    if (status && kept) status.textContent = status.dataset.kept.replace("{time}", clock(Date.now()));
  };

  const restore = (draft) => {
    const grid = form.querySelector("[data-grid]");
    const rows = draft.fields.map(([name]) => /^lines-(\d+)-/.exec(name)).filter(Boolean).map((found) => Number(found[1]));
    if (grid && rows.length) grid.dispatchEvent(new CustomEvent("grow", { detail: Math.max(...rows) }));
    typed(form).forEach((one) => {
      const values = draft.fields.filter(([name]) => name === one.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(one.type)) one.checked = values.includes(one.value);
      else if (one.multiple) [...one.options].forEach((option) => { option.selected = values.includes(option.value); });
      else if (values.length) one.value = values[0];
    });
    form.dispatchEvent(new CustomEvent("restored", { bubbles: true }));
  };

  /* ---- a draft is laid back, unless the server has just answered to what was typed ---- */
  desk.settle();
  desk.start = () => {
    if (!form || !form.elements.once) return;
    const draft = store.get(key);
    const fresh = JSON.stringify(read().filter(([name]) => name !== "once" && name !== "version"));
    const differs = draft && JSON.stringify(draft.fields.filter(([name]) => name !== "once" && name !== "version")) !== fresh;
    if (form.dataset.typed !== undefined) { desk.changed = true; save(); }
    else if (draft && differs) {
      const before = read();
      restore(draft);
      desk.changed = true;
      note(form.dataset.restored.replace("{time}", clock(draft.at)), form.dataset.discard, () => {
        store.drop(key);
        restore({ fields: before });
        desk.changed = false;
      });
    }
  };

  let pause = 0;
  desk.touch = () => {
    desk.changed = true;
    if (!form) return;
    clearTimeout(pause);
    pause = setTimeout(save, 300);
  };
  document.addEventListener("input", (event) => { if (event.target.closest && event.target.closest("form[data-keep]")) desk.touch(); });
  addEventListener("pagehide", () => { if (form && desk.changed) save(); });

  /* ---- a form is sent once, and only when somebody is there to take it ---- */
  const reachable = async () => {
    if (!navigator.onLine) return false;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), 4000);
    try { return (await fetch(form.dataset.reach, { method: "HEAD", cache: "no-store", signal: patience.signal })).ok; }
    catch (lost) { return false; }
    finally { clearTimeout(timer); }
  };
  document.addEventListener("submit", async (event) => {
    const sent = event.target;
    /* A field called "method" hides the form's own property. */
    if (sent.getAttribute("method") !== "post" || sent.hasAttribute("hx-post")) return;
    if (sent.dataset.sent) { event.preventDefault(); return; }
    if (sent === form && !sent.dataset.reached) {
      event.preventDefault();
      const button = event.submitter;
      save();
      if (!(await reachable())) { note(form.dataset.offline); return; }
      sent.dataset.reached = "1";
      sent.requestSubmit(button && button.form === sent ? button : undefined);
      return;
    }
    delete sent.dataset.reached;
    desk.changed = false;
    /* A second click on a form that is on its way does nothing. */
    sent.dataset.sent = "1";
    setTimeout(() => delete sent.dataset.sent, 8000);
  });
  addEventListener("beforeunload", (event) => { if (desk.changed) event.preventDefault(); });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((one) => delete one.dataset.sent));
  addEventListener("online", () => document.querySelectorAll("[data-note]").forEach((old) => old.remove()));

  /* ---- the first error is where the eye and the cursor go ---- */
  const first = document.querySelector("form[data-keep] .bad :is(input, select, textarea), form[data-keep] .err :is(input, select, textarea)");
  if (first) { desk.quiet = true; first.focus({ preventScroll: true }); desk.quiet = false; }
})();
