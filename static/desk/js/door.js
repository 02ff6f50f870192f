/* One click on a name of the demo fills in name and password; without script the name alone comes with the page. */
"use strict";

(() => {
  const name = document.querySelector('input[name="username"]');
  const word = document.querySelector('input[name="password"]');
  const password = document.querySelector("[data-password]");
  if (!name || !word || !password) return;
  const doors = [...document.querySelectorAll("[data-as]")];
  const mark = () => doors.forEach((door) => door.setAttribute("aria-current", String(door.dataset.as === name.value)));
  const fill = (who) => {
    name.value = who;
    word.value = password.textContent.trim();
    mark();
    const button = word.form.querySelector(".btn-primary");
    button.focus();
    button.scrollIntoView({ block: "nearest" });
  };
  doors.forEach((door) => door.addEventListener("click", (event) => { event.preventDefault(); fill(door.dataset.as); }));
  name.addEventListener("input", mark);
  if (name.value && doors.some((door) => door.dataset.as === name.value)) fill(name.value);
})();
