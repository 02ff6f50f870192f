/* The grid of lines: moving by key, paste from Excel with undo, rows, sums, and checks while one types. */
"use strict";

document.querySelectorAll("[data-grid]").forEach((grid) => {
  const body = grid.querySelector("tbody");
  const blank = grid.querySelector("template");
  const form = grid.closest("form");
  const grows = grid.dataset.grows === "true";
  const names = [...blank.content.querySelectorAll("[data-column]")].map((cell) => cell.dataset.column);
  const titles = [...grid.querySelectorAll("thead [data-title]")].map((head) => head.dataset.title.trim());
  let next = Number(grid.dataset.next);
  let undo = null;

  const input = (row, column) => row.querySelector(`[data-column="${column}"] :is(input:not([type=hidden]), select, textarea)`);
  const number = (text) => Number(String(text).replace(/[,，\s¥￥]/g, ""));
  const money = (value) => value.toLocaleString("zh-CN", { maximumFractionDigits: 2 });

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
  const index = (row) => Number(/lines-(\d+)-/.exec(row.querySelector("[name]").name)[1]);
  grid.addEventListener("grow", (event) => { while (grows && next <= event.detail) addRow(); });

  /* ---- what is put into a cell ---- */
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

  /* ---- paste, and taking it back ---- */
  const status = grid.querySelector("[data-status]");
  const paste = (start, rows) => {
    const before = [...body.rows].map((row) => names.map((name) => { const one = input(row, name); return one && (one.type === "checkbox" ? one.checked : one.value); }));
    /* A block copied with its heads is laid out by them. */
    const heads = rows[0].map((cell) => titles.indexOf(cell.trim().replace(/\s*\*$/, "")));
    const headed = heads.filter((at) => at >= 0).length >= 2;
    const from = names.indexOf(start.dataset.column);
    const columns = headed ? heads : rows[0].map((_cell, offset) => from + offset);
    let row = start.closest("tr");
    const block = headed ? rows.slice(1) : rows;
    let laid = 0;
    block.forEach((line) => {
      if (!row) { if (!grows) return; row = addRow(); }
      line.forEach((value, offset) => { const name = names[columns[offset] ?? from + offset]; if (name) put(input(row, name), value.trim()); });
      row.dataset.dirty = "1";
      laid += 1;
      row = row.nextElementSibling;
    });
    undo = () => {
      [...body.rows].slice(before.length).forEach((extra) => extra.remove());
      next = Math.max(...[...body.rows].map(index)) + 1;
      [...body.rows].forEach((kept, at) => names.forEach((name, column) => {
        const one = input(kept, name);
        if (one) { if (one.type === "checkbox") one.checked = before[at][column]; else one.value = before[at][column]; }
        clean(kept);
      }));
      status.hidden = true;
      undo = null;
      changed();
    };
    if (status) {
      const left = block.length - laid;
      const said = left ? status.dataset.left.replace("{left}", left) : status.dataset.pasted;
      status.querySelector("span").textContent = said.replace("{rows}", laid).replace("{columns}", Math.max(...block.map((line) => line.length), 0));
      status.hidden = false;
    }
    changed();
  };
  if (status) status.querySelector("button").addEventListener("click", () => undo && undo());
  body.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    const start = event.target.closest("[data-column]");
    if (!start || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    paste(start, cells(text));
  });

  /* ---- keys ---- */
  const go = (row, column) => { const one = row && input(row, column); if (one) { one.focus(); if (one.select) one.select(); } return Boolean(one); };
  body.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-column]");
    const open = document.querySelector(".picker");
    if (!cell || (open && (event.key.startsWith("Arrow") || open.querySelector('[aria-selected="true"]')))) return;
    const row = cell.closest("tr"), column = cell.dataset.column;
    const plain = event.target.tagName === "INPUT" && event.target.type !== "date" && event.target.type !== "datetime-local";
    if (event.key === "d" && (event.ctrlKey || event.metaKey)) {
      const source = row.previousElementSibling && input(row.previousElementSibling, column);
      event.preventDefault();
      if (source) { put(event.target, source.value); event.target.dispatchEvent(new Event("input", { bubbles: true })); }
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey) && undo) {
      event.preventDefault();
      undo();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Enter" && event.target.tagName !== "TEXTAREA" && !event.altKey) {
      event.preventDefault();
      if (event.shiftKey) go(row.previousElementSibling, column);
      else if (!go(row.nextElementSibling, column) && grows) go(addRow(), column);
    } else if (event.key === "ArrowDown" && plain) {
      event.preventDefault();
      go(row.nextElementSibling, column);
    } else if (event.key === "ArrowUp" && plain) {
      event.preventDefault();
      go(row.previousElementSibling, column);
    }
  });

  /* ---- rows ---- */
  const more = grid.querySelector("[data-more]");
  if (more) more.addEventListener("click", (event) => { event.preventDefault(); go(addRow(), names[0]); });
  body.addEventListener("click", (event) => {
    const drop = event.target.closest("[data-drop]");
    if (!drop) return;
    const row = drop.closest("tr"), beside = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    if (!body.rows.length) addRow();
    go(beside || body.rows[0], names[0]);
    changed();
  });

  /* ---- sums ---- */
  const sums = form.querySelector("[data-sums]");
  const typed = (row) => names.some((name) => { const one = input(row, name); return one && one.type !== "checkbox" && one.tagName !== "SELECT" && one.value !== "" && one.value !== one.defaultValue || one && one.defaultValue && one.value; });
  const add = () => {
    if (!sums) return;
    let rows = 0, quantity = 0, amount = 0;
    [...body.rows].forEach((row) => {
      if (!typed(row)) return;
      rows += 1;
      const count = input(row, "quantity"), price = input(row, "unit_price");
      const many = count ? number(count.value) : NaN;
      if (!Number.isNaN(many)) quantity += many;
      if (price && price.value && !Number.isNaN(many * number(price.value))) amount += many * number(price.value);
    });
    const said = { rows, quantity: money(quantity), amount: `¥ ${money(amount)}` };
    sums.querySelectorAll("[data-sum]").forEach((one) => { one.textContent = said[one.dataset.sum]; });
    sums.hidden = rows === 0;
  };

  /* ---- checks: the server looks at the rows that changed, with the same rules as when it is sent ---- */
  const clean = (row) => {
    row.querySelectorAll(".err").forEach((cell) => cell.classList.remove("err"));
    row.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
    const said = row.querySelector("[data-said]");
    if (said) said.replaceChildren();
  };
  const chip = (text, element) => {
    const one = document.createElement("button");
    one.type = "button";
    one.className = "repair";
    one.textContent = text;
    one.addEventListener("click", () => { put(element, text); element.dispatchEvent(new Event("input", { bubbles: true })); element.focus(); });
    return one;
  };
  const show = (row, errors, offers) => {
    clean(row);
    const said = row.querySelector("[data-said]");
    Object.entries(errors || {}).forEach(([name, sentences]) => {
      const element = input(row, name);
      if (element && element.value === "" && row.contains(document.activeElement)) return;
      /* Nobody is corrected who is still choosing from the list. */
      if (element && element === document.activeElement && element.getAttribute("aria-expanded") === "true") return;
      if (element) { element.closest("[data-column]").classList.add("err"); element.setAttribute("aria-invalid", "true"); }
      const line = document.createElement("div");
      const title = element ? `${element.getAttribute("aria-label")}: ` : "";
      line.textContent = title + sentences.join(" ");
      const found = element && /decimal|numeric/.test(element.inputMode) && element.value.match(/-?\d+(\.\d+)?/);
      if (found && found[0] !== element.value) line.append(" ", chip(found[0], element));
      ((offers || {})[name] || []).forEach((offer) => line.append(" ", chip(offer, element)));
      if (said) said.append(line);
    });
  };
  let pause = 0, turn = 0;
  const check = async () => {
    const dirty = [...body.rows].filter((row) => row.dataset.dirty && typed(row));
    const mine = ++turn;
    if (!dirty.length) return;
    const sent = new FormData();
    [...form.elements].filter((one) => one.name && !["file", "submit", "button"].includes(one.type) && !one.name.startsWith("lines-")).forEach((one) => {
      if (!["checkbox", "radio"].includes(one.type) || one.checked) sent.append(one.name, one.value);
    });
    dirty.forEach((row) => row.querySelectorAll("[name]").forEach((one) => { if (one.type !== "checkbox" || one.checked) sent.append(one.name, one.value); }));
    const answer = await fetch(location.href, { method: "POST", body: sent, headers: { "X-Check": "1" } });
    if (!answer.ok || mine !== turn) return;
    const found = await answer.json();
    dirty.forEach((row) => {
      delete row.dataset.dirty;
      if (row.isConnected) show(row, found.lines[index(row)], found.offers[index(row)]);
    });
  };
  const changed = () => {
    desk.touch();
    add();
    clearTimeout(pause);
    pause = setTimeout(() => check().catch(() => { /* without the network nothing is checked before it is sent */ }), 400);
  };
  body.addEventListener("input", (event) => {
    const row = event.target.closest("tr");
    row.dataset.dirty = row.dataset.touched = "1";
    changed();
  });
  /* What is missing in a row is said once the row is left. */
  body.addEventListener("focusout", (event) => {
    const row = event.target.closest("tr");
    if (!row.dataset.touched || row.contains(event.relatedTarget)) return;
    delete row.dataset.touched;
    row.dataset.dirty = "1";
    changed();
  });
  form.addEventListener("restored", () => { [...body.rows].forEach((row) => { row.dataset.dirty = "1"; }); changed(); });
  [...body.rows].filter((row) => row.querySelector(".err")).forEach((row) => { row.dataset.dirty = "1"; });
  if (body.querySelector(".err")) setTimeout(() => check().catch(() => {}), 0);
  add();
});

if (window.desk) desk.start();
