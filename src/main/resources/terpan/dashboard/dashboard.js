// The state as the server sends it, what has changed at a time, and who draws it.
import * as actions from "./actions.js";
import * as charts from "./charts.js";
import * as draw from "./draw.js";

const EVENTS_KEPT = 200;
const LINES_KEPT = 500;
const SILENCE_MILLIS = 6000;
const TICK_MILLIS = 250;

const sections = new Map();
const texts = new Map();
let events = [];
let lines = [];
let operator = false;
let heard = 0;
let isLost = false;

const state = {
  get head() { return sections.get("head"); },
  get numbers() { return sections.get("numbers"); },
  get held() { return sections.get("held"); },
  get waiting() { return sections.get("waiting"); },
  get operator() { return operator; },
  /** By generation, then in the order of the server. */
  workers() {
    const order = new Map((sections.get("order") ?? []).map((name, index) => [name, index]));
    return [...sections].filter(([key]) => key.startsWith("worker/"))
      .map(([key, value]) => ({ key, json: texts.get(key), ...value }))
      .sort((one, other) => one.worker.generation - other.worker.generation || order.get(one.worker.name) - order.get(other.worker.name));
  },
  groups: () => [...sections.keys()].filter((key) => key.startsWith("group/")).map((key) => key.slice("group/".length)),
};

function take(message) {
  heard = Date.now();
  draw.clock.offset = message.now - heard;
  if (message.role) {
    operator = message.role === "operator";
    sections.clear();
    texts.clear();
    events = [];
    lines = [];
    charts.reset(message.reasons);
  }
  for (const [key, value] of Object.entries(message.set)) {
    sections.set(key, value);
    texts.set(key, JSON.stringify(value));
  }
  for (const key of message.gone) {
    sections.delete(key);
    texts.delete(key);
  }
  events = [...events, ...message.events].slice(-EVENTS_KEPT);
  lines = [...lines, ...message.lines].slice(-LINES_KEPT);
  show(message);
}

function show(message) {
  charts.add(message.seconds); // first: a second is sent once
  const changed = (key) => key in message.set;
  if (changed("head")) {
    draw.drawHead(state.head);
    showActions(state.head.state);
  }
  draw.drawFigures(state);
  draw.drawVerdict(state);
  if (Object.keys(message.set).some((key) => key.startsWith("worker/") || key === "order" || key === "head") || message.gone.length > 0) {
    draw.drawWorkers(state, actions.showStack, actions.restart);
  }
  if (changed("waiting") || changed("numbers")) draw.drawQueue(state);
  if (changed("advice")) draw.drawAdvice(sections.get("advice"));
  if (changed("routes")) draw.drawRoutes(sections.get("routes"));
  if (changed("slow")) draw.drawPast("slow", sections.get("slow"));
  if (changed("failed")) draw.drawPast("failed", sections.get("failed").toReversed());
  if (message.events.length > 0 || message.role) draw.drawEvents(events);
  if (message.lines.length > 0 || message.role) draw.drawLog(lines);
}

function showActions(word) {
  draw.byId("actions").hidden = !operator;
  const button = (name) => document.querySelector(`[data-action="${name}"]`);
  button("pause").hidden = word === "paused";
  button("resume").hidden = word !== "paused";
  button("maintenance").hidden = word === "maintenance";
  button("serve").hidden = word !== "maintenance";
}

function linked(kind, word) {
  draw.byId("link").querySelector(".shape").className = `shape ${kind}`;
  draw.text(draw.byId("link-word"), word);
}

/** That the connection is lost is said, with the moment that everything shown is of. */
function lost(why) {
  isLost = true;
  document.body.classList.add("stale");
  linked("bad", "connection lost");
  const box = draw.byId("lost");
  box.hidden = false;
  draw.text(box, `${why} ${heard ? `What you see is of ${new Date(heard).toTimeString().slice(0, 8)}.` : ""}`);
}

function found() {
  if (isLost || draw.byId("link-word").textContent !== "live") linked("good", operator ? "live" : "live, read only");
  isLost = false;
  document.body.classList.remove("stale");
  draw.byId("lost").hidden = true;
}

function listen() {
  const source = new EventSource("/feed");
  source.addEventListener("message", (event) => {
    take(JSON.parse(event.data));
    found();
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) {
      lost("Terpan refuses this browser, or too many dashboards are open. For another link: terpan dashboard. It is tried again.");
      setTimeout(listen, SILENCE_MILLIS);
    } else {
      lost("The connection to Terpan is lost, and tried again every second.");
    }
  });
}

charts.begin();
actions.begin({ workers: state.workers, groups: state.groups });
for (const id of ["log-text", "log-level"]) draw.byId(id).addEventListener("input", () => draw.drawLog(lines));
setInterval(() => {
  if (heard && Date.now() - heard > SILENCE_MILLIS) lost("Nothing has come from Terpan for some seconds.");
  else draw.tick();
}, TICK_MILLIS);
listen();
