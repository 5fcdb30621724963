// The three charts of the last five minutes, by uPlot.
import { byId, duration, make, rate } from "./draw.js";

const SPAN = 300;
const SPAN_LEAST = 60;
const REASONS_SHOWN = 4;
const HEIGHT = { wide: 150, narrow: 120 };
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const charts = [];
let seconds = [];
let reasons = [];

/** Powers of ten alone: a line for each of nine between would be noise. */
const powers = (low, high) => {
  const found = [];
  for (let at = low; at <= high * 1.001; at *= 10) found.push(at);
  return found;
};
const axes = (format, scale) => [
  { stroke: () => colour("--muted"), grid: { show: false }, ticks: { show: false }, size: 24, font: "11px system-ui, sans-serif", space: 70,
    values: (_, splits) => splits.map((at) => new Date(at * 1000).toTimeString().slice(0, splits[1] - splits[0] < 60 ? 8 : 5)) },
  { stroke: () => colour("--muted"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false }, size: 54, font: "11px system-ui, sans-serif",
    space: 34, values: (_, splits) => splits.map(format),
    ...(scale.distr ? { splits: (_, axis, low, high) => powers(low, high), filter: (_, splits) => splits } : {}) },
];

const line = (name, fill) => ({ spanGaps: true, stroke: () => colour(name), width: 1.5, points: { show: false }, fill: fill ? () => `${colour(name)}22` : undefined });

/** A time on an axis, in as few signs as say it. */
const tick = (seconds) => (seconds >= 60 ? `${seconds / 60} min` : seconds >= 1 ? `${seconds} s` : seconds >= 0.001 ? `${+(seconds * 1000).toFixed(0)} ms` : `${+(seconds * 1000).toFixed(1)} ms`);
const fromZero = { range: (_, low, high) => [0, Math.max(high ?? 0, 0.001) * 1.1] };
/** Tenfold by tenfold: one slow request does not flatten all others. */
const tenfold = {
  distr: 3,
  range: (_, low, high) => {
    const least = Math.floor(Math.log10(Math.max(low ?? 0.001, 0.0001)));
    return [10 ** least, 10 ** Math.max(least + 1, Math.ceil(Math.log10(Math.max(high ?? 1, 0.0001))))];
  },
};

function chart(id, series, format, scale = fromZero) {
  const box = byId(id);
  const plot = new uPlot({
    width: Math.max(100, box.clientWidth), height: height(), legend: { show: false }, cursor: { show: false },
    scales: { x: { time: true }, y: scale },
    axes: axes(format, scale), series: [{}, ...series], padding: [8, 4, 0, 0],
  }, [[], ...series.map(() => [])], box);
  charts.push({ plot, box });
  return plot;
}

const height = () => (matchMedia("(max-width: 760px)").matches ? HEIGHT.narrow : HEIGHT.wide);
let rates;
let times;
let errors;

export function begin() {
  rates = chart("c-rate", [line("--accent", true)], (value) => (value >= 1000 ? `${value / 1000}k` : String(+value.toFixed(1))));
  times = chart("c-time", [line("--accent-2", false), line("--accent", true)], (value) => (value === null ? null : tick(value)), tenfold);
  errors = chart("c-errors", [line("--bad", true), line("--warn", false), line("--accent", false), line("--muted", false)], (value) => String(+value.toFixed(1)));
  new ResizeObserver(() => {
    for (const { plot, box } of charts) plot.setSize({ width: Math.max(100, box.clientWidth), height: height() });
  }).observe(byId("c-rate"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach(({ plot }) => plot.redraw()));
}

/** What is known of reasons, and that nothing is known of seconds: a stream begins anew. */
export function reset(names) {
  reasons = names;
  seconds = [];
}

export function add(news) {
  if (news.length === 0) return;
  seconds = [...seconds, ...news].slice(-SPAN);
  const last = seconds[seconds.length - 1];
  const span = Math.max(SPAN_LEAST, Math.min(SPAN, last[0] - seconds[0][0] + 1));
  const xs = Array.from({ length: span }, (_, i) => last[0] - span + 1 + i);
  const byTime = new Map(seconds.map((it) => [it[0], it]));
  const values = (pick) => xs.map((at) => (byTime.has(at) ? pick(byTime.get(at)) : null));
  rates.setData([xs, values((it) => it[1])]);
  times.setData([xs, values((it) => it[2] || null), values((it) => it[3] || null)]);
  const worst = drawReasons();
  errors.setData([xs, ...Array.from({ length: REASONS_SHOWN }, (_, i) => values((it) => (i < worst.length ? count(it, worst[i][0]) : 0)))]);
  byId("c-rate").setAttribute("aria-label", `Requests a second: ${rate(last[1])} in the last second`);
  byId("c-time").setAttribute("aria-label", `Time of a request in the last second: p50 ${duration(last[2])}, p99 ${duration(last[3])}`);
}

function count(second, reason) {
  for (let i = 5; i + 1 < second.length; i += 2) if (second[i] === reason) return second[i + 1];
  return 0;
}

/** The reasons with the most failures, which have a line each. */
function drawReasons() {
  const sums = new Map();
  for (const second of seconds) for (let i = 5; i + 1 < second.length; i += 2) sums.set(second[i], (sums.get(second[i]) ?? 0) + second[i + 1]);
  const worst = [...sums].sort((one, other) => other[1] - one[1]).slice(0, REASONS_SHOWN);
  const words = worst.map(([reason, sum]) => `${reasons[reason]} ${sum}`);
  const key = byId("c-keys");
  if (key.dataset.words !== words.join()) {
    key.dataset.words = words.join();
    key.replaceChildren(...(worst.length === 0 ? ["none"] : words.flatMap((word, i) => [make("i", { class: `k-${i}` }), word])));
    byId("c-errors").setAttribute("aria-label", worst.length === 0 ? "No failures in five minutes" : `Failures in five minutes: ${words.join(", ")}`);
  }
  return worst;
}
