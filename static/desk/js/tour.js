/* The light of the first tour: goes from stop to stop over what the page shows of them. */
"use strict";

(() => {
  const card = document.querySelector("[data-tour]");
  const start = card && card.querySelector("[data-tour-start]");
  if (!start) return;

  const seen = (element) => element && element.getClientRects().length > 0;
  const target = (stop) => [...document.querySelectorAll(stop.dataset.spot || "[data-none]")].find(seen);
  let stops = [];
  let place = -1;
  let guide = null;
  let light = null;

  const shut = () => {
    guide.remove();
    light.remove();
    removeEventListener("keydown", keys, true);
    removeEventListener("resize", again);
    removeEventListener("scroll", again, true);
    start.focus();
  };

  const put = (at) => {
    const box = at.getBoundingClientRect();
    Object.assign(light.style, { left: `${box.left - 4}px`, top: `${box.top - 4}px`, width: `${box.width + 8}px`, height: `${box.height + 8}px` });
    const size = guide.getBoundingClientRect();
    const room = 14;
    let left = box.right + room;
    let top = box.top;
    if (left + size.width > innerWidth) { left = box.left; top = box.bottom + room; }
    if (top + size.height > innerHeight) top = box.top - size.height - room;
    guide.style.left = `${Math.max(8, Math.min(left, innerWidth - size.width - 8))}px`;
    guide.style.top = `${Math.max(8, Math.min(top, innerHeight - size.height - 8))}px`;
  };

  const show = (next) => {
    place = next;
    if (place >= stops.length) { shut(); return; }
    const [stop, at] = stops[place];
    const last = place === stops.length - 1;
    guide.querySelector("b").textContent = stop.querySelector("a").textContent;
    guide.querySelector("p").textContent = stop.querySelector("p").textContent;
    guide.querySelector(".quiet").textContent = `${place + 1} / ${stops.length}`;
    guide.querySelector("[data-go]").textContent = last ? card.dataset.done : card.dataset.next;
    // Something higher than the window shows its beginning, below the head of the page.
    if (at.offsetHeight > innerHeight / 2) scrollTo(0, at.getBoundingClientRect().top + scrollY - 120);
    else at.scrollIntoView({ block: "nearest" });
    put(at);
    guide.querySelector("[data-go]").focus();
  };

  function again() { put(stops[place][1]); }

  function keys(event) {
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); shut(); }
    if (event.key === "ArrowRight") show(place + 1);
    if (event.key === "ArrowLeft" && place > 0) show(place - 1);
  }

  const build = () => {
    guide = document.createElement("div");
    guide.className = "guide";
    guide.setAttribute("role", "dialog");
    guide.setAttribute("aria-labelledby", "guide-title");
    const title = Object.assign(document.createElement("b"), { id: "guide-title" });
    const foot = Object.assign(document.createElement("div"), { className: "row" });
    const count = Object.assign(document.createElement("span"), { className: "quiet" });
    const close = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-s", textContent: card.dataset.shut });
    const go = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-s btn-primary" });
    go.dataset.go = "";
    close.addEventListener("click", shut);
    go.addEventListener("click", () => show(place + 1));
    foot.append(count, close, go);
    guide.append(title, document.createElement("p"), foot);
    light = Object.assign(document.createElement("div"), { className: "light" });
    document.body.append(light, guide);
    addEventListener("keydown", keys, true);
    addEventListener("resize", again);
    addEventListener("scroll", again, true);
  };

  const open = (stop) => document.querySelectorAll(stop.dataset.spot || "[data-none]").forEach((one) => one.closest("details.group")?.setAttribute("open", ""));
  start.hidden = false;
  start.addEventListener("click", () => {
    const all = [...card.querySelectorAll("[data-spot]")];
    all.forEach(open);
    stops = all.map((stop) => [stop, target(stop)]).filter(([, at]) => at);
    build();
    show(0);
  });
})();
