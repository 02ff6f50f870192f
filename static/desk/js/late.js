/* Draws the table of the departments as bars; the table is there without it. */
"use strict";

(() => {
  const table = document.querySelector("[data-late]");
  const card = document.querySelector("[data-chart-card]");
  if (!table || !card || !window.echarts) return;
  card.hidden = false;
  const place = card.querySelector("[data-chart]");
  const rows = [...table.querySelectorAll("tbody tr")].slice(0, 14).reverse();
  const heads = [...table.querySelectorAll("th[data-shade]")];
  const chart = echarts.init(place, null, { renderer: "svg" });
  const draw = () => {
    const css = getComputedStyle(document.documentElement);
    const ink = (name) => css.getPropertyValue(name).trim();
    const colours = { late: ink("--late-fill"), today: ink("--near-mark"), near: ink("--near"), ok: ink("--ok"), hold: ink("--hold") };
    const text = { color: ink("--ink-2"), fontFamily: ink("--sans"), fontSize: 12 };
    chart.setOption({
      textStyle: text, animation: false, color: heads.map((head) => colours[head.dataset.shade]),
      legend: { top: 0, icon: "rect", itemWidth: 12, itemHeight: 9, textStyle: text },
      grid: { left: 8, right: 16, top: 34, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText" },
      xAxis: { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: ink("--line") } } },
      yAxis: { type: "category", data: rows.map((row) => row.querySelector(".key a").textContent), axisLabel: text, axisTick: { show: false }, axisLine: { lineStyle: { color: ink("--line-strong") } } },
      series: heads.map((head, at) => ({
        name: head.textContent, type: "bar", stack: "all", barMaxWidth: 18,
        data: rows.map((row) => Number(row.querySelectorAll("[data-value]")[at].dataset.value)),
      })),
    }, true);
  };
  place.style.height = `${Math.max(160, rows.length * 28 + 60)}px`;
  chart.resize();
  draw();
  addEventListener("resize", () => chart.resize());
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
