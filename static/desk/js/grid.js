/* The grid of lines: rows, paste from Excel, taking over the cell above. */
"use strict";

(() => {
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
      desk.changed = true;
    });

    body.addEventListener("keydown", (event) => {
      if (event.key === "d" && (event.ctrlKey || event.metaKey)) {
        const cell = event.target.closest("[data-column]");
        const above = cell && cell.closest("tr").previousElementSibling;
        if (!above) return;
        event.preventDefault();
        const source = input(above, cell.dataset.column);
        if (source) { event.target.value = source.value; desk.changed = true; }
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
})();
