/* @ in a remark offers the colleagues who may see the document. Without this file a whole name after @ does. */
"use strict";

(() => {
  const WORD = /(^|[\s，。、；：（(])@([^\s@]{0,20})$/;
  document.querySelectorAll("[data-mention]").forEach((box) => {
    const field = box.querySelector("textarea");
    const form = field.form;
    const list = document.createElement("ul");
    list.id = "mention-list";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.getAttribute("placeholder") || "");
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-autocomplete", "list");
    box.append(list);
    let turn = 0;
    let pause = 0;

    const options = () => [...list.children];
    const select = (option) => {
      options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
      if (option) field.setAttribute("aria-activedescendant", option.id);
      else field.removeAttribute("aria-activedescendant");
    };
    const close = () => { list.hidden = true; select(null); };
    const begun = () => WORD.exec(field.value.slice(0, field.selectionStart));

    const take = (person) => {
      const found = begun();
      if (!found) { close(); return; }
      const end = field.selectionStart, start = end - found[2].length;
      const said = `${person.name} `;
      field.value = field.value.slice(0, start) + said + field.value.slice(end);
      field.setSelectionRange(start + said.length, start + said.length);
      if (![...form.querySelectorAll("[name=mention]")].some((one) => one.value === String(person.id))) {
        const kept = document.createElement("input");
        kept.type = "hidden";
        kept.name = "mention";
        kept.value = person.id;
        form.append(kept);
      }
      close();
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    };

    const show = (people) => {
      list.replaceChildren(...people.map((person, n) => {
        const option = document.createElement("li");
        const hint = document.createElement("small");
        option.id = `mention-${n}`;
        option.setAttribute("role", "option");
        option.append(person.name);
        hint.textContent = person.hint;
        option.append(hint);
        option.addEventListener("mousedown", (event) => { event.preventDefault(); take(person); });
        return option;
      }));
      list.hidden = !people.length;
      select(options()[0] || null);
    };

    const ask = async () => {
      const found = begun(), mine = ++turn;
      if (!found) { close(); return; }
      const answer = await fetch(`${box.dataset.mention}?q=${encodeURIComponent(found[2])}`, { headers: { Accept: "application/json" } });
      if (answer.ok && mine === turn) show((await answer.json()).people);
    };

    field.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(() => ask().catch(close), 120); });
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      const all = options(), at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        select(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
      } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) {
        event.preventDefault();
        all[at].dispatchEvent(new MouseEvent("mousedown", { cancelable: true }));
      } else if (event.key === "Escape") close();
    });
  });

  /* Who came by “ask them” goes on writing behind what stands there. */
  const asked = new URLSearchParams(location.search).has("ask") && document.querySelector("[data-mention] textarea");
  if (asked) { asked.focus(); asked.setSelectionRange(asked.value.length, asked.value.length); }
})();
