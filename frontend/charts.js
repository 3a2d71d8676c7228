// Draws a picture from each table that asks for one; the table stays in the page, and is what phones and print show first.
import { init, use } from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { GridSimpleComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridSimpleComponent, SVGRenderer]);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const words = { fontFamily: token("--sans"), fontSize: 13, color: token("--ink-2") };
const hairline = { lineStyle: { color: token("--line") } };

function readTable(card) {
  const rows = [...card.querySelectorAll("tbody tr")];
  return rows.map((row) => {
    const cell = row.querySelector("[data-value]");
    return { name: row.querySelector("th").firstChild.textContent.trim(), value: cell ? Number(cell.dataset.value) : null };
  });
}

function line(points, { target, unit }) {
  const values = points.map((point) => point.value).filter((value) => value !== null);
  const last = points.findLastIndex((point) => point.value !== null);
  const floor = Math.max(0, Math.floor((Math.min(...values, 95) - 5) / 20) * 20);
  return {
    grid: { left: 80, right: 64, top: 12, bottom: 24 },
    xAxis: { type: "category", data: points.map((point) => point.name), boundaryGap: false, axisTick: { show: false }, axisLine: hairline, axisLabel: words },
    yAxis: { type: "value", min: floor, max: Number(target), axisLabel: { ...words, formatter: (value) => (value === Number(target) ? `目标 ${value}${unit}` : `${value}${unit}`) }, splitLine: hairline, interval: (Number(target) - floor) / 4 },
    series: [{
      type: "line",
      symbol: "circle",
      symbolSize: 7,
      lineStyle: { width: 2.5, color: token("--acc") },
      itemStyle: { color: token("--acc") },
      data: points.map((point, at) => ({
        value: point.value,
        label: { show: at === last, position: "right", fontFamily: token("--sans"), fontSize: 13, fontWeight: 600, color: token(point.value < Number(target) ? "--over" : "--ink"), formatter: `{c}${unit}` },
      })),
    }, {
      type: "line",
      symbol: "none",
      silent: true,
      lineStyle: { width: 1.5, type: "dashed", color: token("--ink") },
      data: points.map(() => Number(target)),
    }],
  };
}

function bar(points) {
  return {
    grid: { left: 0, right: 40, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "value", min: 0, show: false },
    yAxis: { type: "category", inverse: true, data: points.map((point) => point.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { ...words, width: 200, overflow: "break" } },
    series: [{
      type: "bar",
      barMaxWidth: 20,
      data: points.map((point, at) => ({ value: point.value, itemStyle: { color: token(at ? "--acc-300" : "--acc"), borderRadius: 2 } })),
      label: { show: true, position: "right", fontFamily: token("--sans"), fontSize: 13, fontWeight: 600, color: token("--ink") },
    }],
  };
}

const KINDS = { line, bar };

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

for (const card of document.querySelectorAll("[data-chart]")) {
  const heading = card.querySelector("h2").textContent;
  const table = card.querySelector("table");
  const canvas = document.createElement("div");
  const choice = document.createElement("div");
  canvas.className = "chart";
  canvas.setAttribute("aria-hidden", "true");
  choice.className = "switch";
  choice.setAttribute("role", "group");
  choice.setAttribute("aria-label", `${heading}：图或表`);
  table.before(canvas);
  card.querySelector("header").append(choice);
  let chart = null;
  const show = (drawn) => {
    canvas.hidden = !drawn;
    table.classList.toggle("unseen", drawn);
    picture.setAttribute("aria-pressed", String(drawn));
    rows.setAttribute("aria-pressed", String(!drawn));
    if (!drawn) return;
    chart ??= init(canvas, null, { renderer: "svg" });
    chart.setOption({ animation: false, ...KINDS[card.dataset.chart](readTable(card), card.dataset) });
    chart.resize();
  };
  const picture = button("图", () => show(true));
  const rows = button("表", () => show(false));
  choice.append(picture, rows);
  show(matchMedia("(min-width: 768px)").matches);
  addEventListener("resize", () => chart?.resize());
}
