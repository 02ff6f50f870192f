/* Dragging a card takes its step; the server decides. Without this file every card has its steps as links. */
"use strict";

(() => {
  const board = document.querySelector("[data-board]");
  if (!board || !window.Sortable) return;
  const token = board.querySelector("[name=csrfmiddlewaretoken]").value;
  const told = document.querySelector("[data-refused]");
  told.querySelector("button").addEventListener("click", () => { told.hidden = true; });

  const refuse = (name, reasons) => {
    const title = told.querySelector("[data-refused-title]");
    title.textContent = title.dataset.refusedTitle.replace("{document}", name);
    told.querySelector("ul").replaceChildren(...reasons.map((reason) => {
      const one = document.createElement("li");
      one.textContent = reason;
      return one;
    }));
    told.hidden = false;
    told.scrollIntoView({ block: "nearest" });
  };
  const recount = () => board.querySelectorAll(".lane").forEach((lane) => {
    const number = lane.querySelector("[data-many]"), cards = lane.querySelectorAll(".board-card").length;
    if (!number.textContent.includes("+")) number.textContent = cards;
    lane.classList.toggle("bare", !cards);
  });
  const put = (lane, card, at) => lane.insertBefore(card, lane.children[at] || null);

  const moved = async ({ item, from, to, oldIndex }) => {
    if (from === to) return;
    const name = item.querySelector(".open").textContent;
    const back = () => { put(from, item, oldIndex); item.classList.remove("going"); recount(); };
    item.classList.add("going");
    told.hidden = true;
    let answer, said;
    try {
      answer = await fetch(board.dataset.board, {
        method: "POST",
        headers: { "X-CSRFToken": token, Accept: "application/json" },
        body: new URLSearchParams({ id: item.dataset.id, version: item.dataset.version, to: to.dataset.lane }),
      });
      said = await answer.json();
    } catch (away) { back(); refuse(name, [board.dataset.lost]); return; }
    if (!answer.ok) { back(); refuse(name, said.reasons || []); return; }
    if (said.go) { back(); location.href = said.go; return; }
    const made = document.createElement("template");
    made.innerHTML = said.card.trim();
    const lane = board.querySelector(`[data-lane="${said.state}"]`);
    item.remove();
    if (lane) lane.prepend(made.content.firstElementChild);
    recount();
    desk.toast(said.said);
  };

  board.classList.add("drags");
  board.querySelectorAll("[data-lane]").forEach((lane) => new Sortable(lane, {
    group: "cards", sort: false, animation: 120, delay: 150, delayOnTouchOnly: true,
    filter: "details", preventOnFilter: false, onAdd: moved,
  }));
})();
