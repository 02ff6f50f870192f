/* What a page can do beyond reading and posting: rows of a grid, paste from Excel, the picker, the theme,
   and asking before typed work is left. Every page works without this file. */
"use strict";

(() => {
  let changed = false, quiet = false;

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

  /* ---- the grid of lines ---- */
  document.querySelectorAll("[data-grid]").forEach((grid) => {
    const body = grid.querySelector("tbody");
    const blank = grid.querySelector("template");
    let next = Number(grid.dataset.next);
    const columns = () => [...blank.content.querySelectorAll("[data-column]")].map((cell) => cell.dataset.column);

    const addRow = () => {
      const row = blank.content.firstElementChild.cloneNode(true);
      const index = next++;
      row.querySelectorAll("*").forEach((element) => {
        ["name", "id", "for", "list"].forEach((attribute) => {
          const value = element.getAttribute(attribute);
          if (value) element.setAttribute(attribute, value.replace("__row__", index));
        });
      });
      row.querySelector("th").textContent = index + 1;
      body.append(row);
      return row;
    };

    const input = (row, column) => row.querySelector(`[data-column="${column}"] :is(input:not([type=hidden]), select, textarea)`);

    const put = (element, text) => {
      if (!element) return;
      if (element.tagName === "SELECT") {
        const wanted = [...element.options].find((option) => option.value === text || option.text.trim() === text);
        if (wanted) element.value = wanted.value;
      } else if (element.type === "checkbox") {
        element.checked = /^(1|true|yes|y|是|√)$/i.test(text);
      } else if (element.type === "date") {
        const found = text.match(/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})/);
        element.value = found ? `${found[1]}-${found[2].padStart(2, "0")}-${found[3].padStart(2, "0")}` : "";
      } else if (element.inputMode === "decimal" || element.inputMode === "numeric") {
        element.value = text.replace(/[,，\s¥￥]/g, "");
      } else {
        element.value = text;
      }
      element.dispatchEvent(new Event("input", { bubbles: true }));
    };

    /* A copied block of cells arrives as lines of tab-separated text; cells in quotes may hold both. */
    const cells = (text) => {
      const rows = [[]];
      let cell = "", quoted = false;
      for (let i = 0; i < text.length; i++) {
        const letter = text[i];
        if (quoted) {
          if (letter === '"' && text[i + 1] === '"') { cell += '"'; i++; }
          else if (letter === '"') quoted = false;
          else cell += letter;
        } else if (letter === '"' && cell === "") quoted = true;
        else if (letter === "\t") { rows.at(-1).push(cell); cell = ""; }
        else if (letter === "\n") { rows.at(-1).push(cell); cell = ""; rows.push([]); }
        else if (letter !== "\r") cell += letter;
      }
      rows.at(-1).push(cell);
      if (rows.at(-1).length === 1 && rows.at(-1)[0] === "") rows.pop();
      return rows;
    };

    body.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text/plain");
      if (!/[\t\n]/.test(text.trim())) return;
      event.preventDefault();
      const names = columns();
      const start = event.target.closest("[data-column]");
      const from = names.indexOf(start ? start.dataset.column : names[0]);
      let row = event.target.closest("tr");
      cells(text).forEach((line) => {
        if (!row) { if (grid.dataset.grows !== "true") return; row = addRow(); }
        line.forEach((value, offset) => { if (names[from + offset]) put(input(row, names[from + offset]), value.trim()); });
        row = row.nextElementSibling;
      });
      changed = true;
    });

    body.addEventListener("keydown", (event) => {
      if (event.key === "d" && (event.ctrlKey || event.metaKey)) {
        const cell = event.target.closest("[data-column]");
        const above = cell && cell.closest("tr").previousElementSibling;
        if (!above) return;
        event.preventDefault();
        const source = input(above, cell.dataset.column);
        if (source) { event.target.value = source.value; changed = true; }
      }
    });

    const more = grid.querySelector("[data-more]");
    if (more) more.addEventListener("click", (event) => {
      event.preventDefault();
      const row = addRow();
      const first = row.querySelector("input, select, textarea");
      if (first) first.focus();
    });
  });

  /* ---- the picker of references ---- */
  let list = null, picked = null, asked = 0;
  const close = () => { if (list) list.remove(); list = null; picked = null; };
  const choose = (item) => {
    picked.value = item.dataset.value;
    changed = true;
    close();
  };
  const show = (element, results) => {
    close();
    if (!results.length) return;
    picked = element;
    list = document.createElement("ul");
    list.className = "picker";
    list.setAttribute("role", "listbox");
    results.forEach((result) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.dataset.value = result.value;
      item.textContent = result.value;
      if (result.label !== result.value) {
        const label = document.createElement("small");
        label.textContent = result.label;
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
    pause = setTimeout(() => ask(event.target).catch(close), 150);
  });
  document.addEventListener("focusin", (event) => {
    if (!quiet && event.target.dataset && event.target.dataset.pick && !event.target.value) ask(event.target).catch(close);
  });
  document.addEventListener("focusout", close);
  document.addEventListener("keydown", (event) => {
    if (!list) return;
    const items = [...list.children];
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (at >= 0) items[at].removeAttribute("aria-selected");
      const to = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      items[to].setAttribute("aria-selected", "true");
      items[to].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      choose(items[at]);
    } else if (event.key === "Escape") close();
  });

  /* ---- typed work is not lost by leaving ---- */
  changed = document.querySelector("form[data-keep][data-typed]") !== null;
  document.addEventListener("input", (event) => { if (event.target.closest && event.target.closest("form[data-keep]")) changed = true; });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-keep]")) changed = false;
    /* A second click on a form that is on its way does nothing. */
    if (event.target.method === "post") {
      if (event.target.dataset.sent) { event.preventDefault(); return; }
      event.target.dataset.sent = "1";
      setTimeout(() => delete event.target.dataset.sent, 8000);
    }
  });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  /* ---- the first error is where the eye and the cursor go ---- */
  const first = document.querySelector("form[data-keep] .bad :is(input, select, textarea), form[data-keep] .err :is(input, select, textarea)");
  if (first) { quiet = true; first.focus({ preventScroll: true }); quiet = false; }

  /* ---- "/" goes to the search ---- */
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.target.isContentEditable;
    const wanted = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
    const search = document.querySelector(".find input");
    if (wanted && search) { event.preventDefault(); search.focus(); }
  });
})();
