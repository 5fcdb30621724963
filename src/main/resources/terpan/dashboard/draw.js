// What is drawn of the state: each function redraws one part, and only when that part has changed.

const SLOW_SECONDS = 2;
const STUCK_SECONDS = 10;
const FAILING_SHARE = 0.01;

/** The clock of the server, as far as it is known: ages are counted on here between two messages. */
export const clock = { offset: 0, now: () => Date.now() + clock.offset };

export const byId = (id) => document.getElementById(id);

/** An element; attributes by name, children as nodes or text. Nothing from outside is ever taken for markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
export const whole = (number) => grouped.format(number);

/** A rate: with a place after the point as long as that says something. */
export const rate = (number) => (number < 100 ? one.format(number) : whole(number));

/** Seconds as milliseconds, with as many places as say something. */
export function millis(seconds) {
  const value = seconds * 1000;
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : whole(value);
}

export function duration(seconds) {
  if (seconds < 1) return `${millis(seconds)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${String(minutes % 60).padStart(2, "0")} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const age = (since) => Math.max(0, (clock.now() - since) / 1000);
const shortAge = (since) => {
  const seconds = age(since);
  return seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds);
};
const timeOfDay = (at) => new Date(at).toTimeString().slice(0, 8);

/** Everything that has an age says it anew. */
export function tick() {
  for (const element of document.querySelectorAll("[data-since]")) {
    text(element, shortAge(Number(element.dataset.since)));
    const place = element.closest(".place");
    if (place) judge(place, age(Number(element.dataset.since)));
  }
}

function judge(place, seconds) {
  const word = seconds >= STUCK_SECONDS ? "stuck" : seconds >= SLOW_SECONDS ? "slow" : "";
  if (place.dataset.word === word) return;
  place.dataset.word = word;
  place.classList.toggle("slow", word === "slow");
  place.classList.toggle("stuck", word === "stuck");
  text(place.querySelector(".mark"), word === "stuck" ? "◆ stuck · " : word === "slow" ? "▲ slow · " : "");
}

const SHAPES = {
  serving: "good", ready: "good", starting: "go", draining: "wait", stopping: "wait", parked: "off", exited: "bad", ejected: "bad",
  maintenance: "warn", paused: "warn",
};
export const shapeOf = (state) => SHAPES[state] ?? "wait";
const shape = (kind) => make("span", { class: `shape ${kind}`, "aria-hidden": "true" });

export function drawHead(head) {
  const [name, directory] = head.application.split(" in ");
  text(byId("application"), name);
  byId("application").title = directory ?? "";
  document.title = `${name} · Terpan`;
  text(byId("about"), `Terpan ${head.version} · ${head.server} · generation ${head.generation} · ${head.binds.join(", ")}`);
  byId("state").querySelector(".shape").className = `shape ${shapeOf(head.state)}`;
  text(byId("state-word"), head.state);
  text(byId("foot"), `Process ${head.pid}, since ${new Date(head.started).toLocaleString("en-GB")}`);
}

export function drawFigures(state) {
  const { numbers, head } = state;
  if (!numbers || !head) return;
  const rates = numbers.rates;
  text(byId("f-rate"), rate(rates.requests_per_second));
  text(byId("f-total"), `${whole(numbers.requests.total)} since the start`);
  const some = rates.requests_per_second > 0;
  text(byId("f-half"), some ? millis(rates.p50_seconds) : "–");
  text(byId("f-most"), some ? millis(rates.p99_seconds) : "–");
  const places = state.workers().filter((it) => it.worker.state === "ready").reduce((sum, it) => sum + (it.worker.capacity ?? 0), 0);
  text(byId("f-work"), whole(numbers.in_flight));
  text(byId("f-places"), places ? `of ${whole(places)} places` : "requests");
  text(byId("f-wait"), whole(numbers.queue_length));
  text(byId("f-bound"), `of ${whole(head.queue_bound)}`);
  text(byId("f-failed"), rate(rates.failed_per_second));
  text(byId("f-failures"), `${whole(numbers.requests["5xx"])} with 5xx, ${whole(numbers.requests["4xx"])} with 4xx`);
  drawOldest(byId("f-oldest"), oldest(state.held, "oldest_working"), "oldest for ", "nothing is at work");
  drawOldest(byId("f-first"), oldest(state.held, "oldest_waiting"), "first for ", "nobody waits");
}

const oldest = (held, name) => (held ?? []).reduce((least, it) => (it[name] && (!least || it[name] < least) ? it[name] : least), null);

function drawOldest(element, since, before, none) {
  if (!since) {
    element.replaceChildren(none);
    element.removeAttribute("data-kept");
  } else if (element.dataset.kept !== String(since)) {
    element.dataset.kept = since;
    element.replaceChildren(before, make("span", { "data-since": since }, shortAge(since)));
  }
}

/** One sentence on what is wrong, the routes at fault named; and whether it is. */
export function drawVerdict(state) {
  const [kind, sentence, detail] = verdict(state);
  const element = byId("verdict");
  const key = `${kind}|${sentence}|${detail}`;
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  element.className = `verdict ${kind}`;
  element.replaceChildren(shape(kind === "" ? "good" : kind), make("div", {}, make("p", {}, sentence), ...(detail ? [make("p", {}, detail)] : [])));
}

function verdict(state) {
  const workers = state.workers();
  const { numbers, head, held = [] } = state;
  if (!numbers || !head) return ["", "Waiting for the first figures.", ""];
  const ready = workers.filter((it) => it.worker.state === "ready");
  if (head.state === "paused") return ["warn", `Paused: ${whole(numbers.queue_length)} requests wait until somebody resumes.`, ""];
  if (head.state === "maintenance") return ["warn", "In maintenance: clients get a page for 503.", ""];
  if (workers.length > 0 && ready.length === 0) return ["bad", "No worker is ready: requests wait or are refused.", ""];
  const stuck = held.filter((it) => it.oldest_working && age(it.oldest_working) >= STUCK_SECONDS);
  const names = stuck.slice(0, 3).map((it) => `${it.route} holds ${it.working}`).join(", ");
  const full = ready.filter((it) => it.worker.in_flight !== null && it.worker.in_flight >= it.worker.capacity).length;
  const waits = numbers.queue_length > 0 ? `${whole(numbers.queue_length)} of ${whole(head.queue_bound)} places in the queue are taken.` : "";
  if (stuck.length > 0) return [full === ready.length ? "bad" : "warn", `${full} of ${ready.length} workers are busy; longer than ${STUCK_SECONDS} s: ${names}.`, waits];
  if (numbers.queue_length > 0 && full === ready.length) {
    const first = held.filter((it) => it.working > 0).slice(0, 3).map((it) => `${it.route} (${it.working})`).join(", ");
    return ["warn", `All ${ready.length} workers are busy, and requests wait. At work: ${first}.`, waits];
  }
  const down = workers.filter((it) => it.worker.state === "exited");
  if (down.length > 0) return ["warn", `${down.map((it) => it.worker.name).join(", ")} ${down.length === 1 ? "is" : "are"} down.`, down[0].worker.why];
  const failing = numbers.rates.failed_per_second / Math.max(numbers.rates.requests_per_second, 0.001);
  if (failing >= FAILING_SHARE) return ["warn", `${Math.round(100 * failing)} of 100 requests fail.`, "Failures by reason are drawn below, the last ones listed with why."];
  return ["", `All is well: ${ready.length} of ${workers.length} workers are ready, nobody waits too long.`, ""];
}

/** What the figures say that somebody could do; nothing is shown where they say nothing. */
export function drawAdvice(sentences) {
  byId("advice").hidden = sentences.length === 0;
  byId("advice-list").replaceChildren(...sentences.map((it) => make("li", {}, it)));
}

const rows = new Map();

/** Workers, older generations first; a row stays the same element as long as its worker is there, so that focus stays. */
export function drawWorkers(state, onStack, onRestart) {
  const workers = state.workers();
  const most = Math.max(1, ...workers.map((it) => it.worker.resident_bytes ?? 0));
  const list = byId("rows");
  const seen = new Set();
  workers.forEach((it, index) => {
    seen.add(it.key);
    let row = rows.get(it.key);
    if (!row) {
      row = makeRow(it, onStack, onRestart);
      rows.set(it.key, row);
    }
    if (row.json !== it.json || row.most !== most || row.operator !== state.operator) fillRow(row, it, most, state.operator);
    if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
  });
  for (const [key, row] of rows) {
    if (!seen.has(key)) {
      row.element.remove();
      rows.delete(key);
    }
  }
  byId("no-workers").hidden = workers.length > 0;
  drawGenerations(workers, state.head);
}

function makeRow(it, onStack, onRestart) {
  const name = it.worker.name;
  const parts = {
    state: make("span", { class: "state" }),
    name: make("div", { class: "name" }),
    places: make("div", { class: "places" }),
    memory: make("div", { class: "memory" }),
    tools: make("div", { class: "tools" }),
    why: make("p", { class: "why", hidden: true }),
  };
  parts.stack = make("button", { type: "button", class: "small", "data-stack": name, "aria-label": `Stack of ${name}` }, "Stack");
  parts.restart = make("button", { type: "button", class: "small", "data-restart": name, "aria-label": `Restart ${name}` }, "Restart");
  parts.stack.addEventListener("click", () => onStack(name));
  parts.restart.addEventListener("click", () => onRestart(name));
  parts.tools.append(parts.stack, parts.restart);
  const element = make("li", { class: "row", "data-worker": name, "data-generation": it.worker.generation });
  element.append(parts.state, parts.name, parts.places, parts.memory, parts.tools, parts.why);
  return { element, parts, json: "", most: 0 };
}

function fillRow(row, it, most, operator) {
  const { worker } = it;
  Object.assign(row, { json: it.json, most, operator });
  const parts = row.parts;
  parts.state.replaceChildren(shape(shapeOf(worker.state)), worker.state);
  const restarts = worker.restarts > 0 ? ` · ${whole(worker.restarts)} restart${worker.restarts === 1 ? "" : "s"}` : "";
  parts.name.replaceChildren(
    make("b", {}, worker.name),
    make("span", { class: "quiet" }, `gen ${worker.generation} · ${worker.pid === null ? "no process" : `pid ${worker.pid}`}${restarts}`));
  parts.places.replaceChildren(...places(it));
  const bytes = worker.resident_bytes;
  const width = bytes === null ? 0 : Math.round((100 * bytes) / most);
  const bar = make("i");
  bar.style.width = `${width}%`;
  parts.memory.replaceChildren(make("b", {}, bytes === null ? "–" : `${whole(bytes / 1048576)} MiB`), " memory", make("div", { class: "bar", "aria-hidden": "true" }, bar));
  parts.tools.hidden = !operator;
  parts.stack.disabled = worker.pid === null;
  const bad = worker.state === "exited" || worker.state === "ejected";
  parts.why.hidden = !bad || !worker.why;
  text(parts.why, worker.why);
}

const FREE_SHOWN = 12;

function places(it) {
  const { worker, open } = it;
  const busy = open.map((request) => {
    const cell = make("div", { class: "place", title: `${request.target}\n${request.id}` },
      make("span", { class: "route" }, request.route),
      make("span", { class: "age", "data-since": request.since }, shortAge(request.since)),
      make("span", { class: "client" }, make("span", { class: "mark" }), request.client || "Unix socket"));
    judge(cell, age(request.since));
    return cell;
  });
  if (worker.state !== "ready" && busy.length === 0) return [make("div", { class: "place free" }, worker.state === "starting" ? "is starting" : "takes no requests")];
  const free = Math.max(0, (worker.capacity ?? 0) - busy.length);
  if (worker.capacity === null) return [...busy, make("div", { class: "place free" }, "shares its socket")];
  if (free > FREE_SHOWN) return [...busy, make("div", { class: "place free" }, `${whole(free)} free`)];
  return [...busy, ...Array.from({ length: free }, () => make("div", { class: "place free" }, "free"))];
}

function drawGenerations(workers, head) {
  const byNumber = new Map();
  for (const it of workers) byNumber.set(it.worker.generation, [...(byNumber.get(it.worker.generation) ?? []), it.worker]);
  const parts = [...byNumber].map(([number, its]) => {
    const ready = its.filter((worker) => worker.state === "ready").length;
    return make("span", { class: "gen", "data-gen": number },
      make("b", {}, `Generation ${number}`), ...its.slice(0, 64).map((worker) => shape(shapeOf(worker.state))),
      `${ready} of ${its.length} ready`, ...(head && head.generation === number ? [make("span", { class: "now" }, "serves")] : []));
  });
  byId("generations").replaceChildren(...parts);
}

export function drawQueue(state) {
  const { waiting = [], numbers, head } = state;
  byId("queue").replaceChildren(...waiting.map((it) => make("tr", {},
    make("td", { title: it.target }, it.route), make("td", {}, it.client || "Unix socket"),
    make("td", { class: "n", "data-since": it.since }, shortAge(it.since)))));
  const none = waiting.length === 0;
  byId("no-queue").hidden = !none;
  byId("queue").closest(".scroll").hidden = none;
  const more = (numbers?.queue_length ?? 0) - waiting.length;
  text(byId("queue-note"), none || !head ? "" : `those who wait longest${more > 0 ? `, and ${whole(more)} more` : ""}`);
}

export function drawRoutes(routes) {
  byId("routes").replaceChildren(...routes.map((it) => {
    const bar = make("i");
    bar.style.width = `${Math.round(100 * it.share)}%`;
    return make("tr", {},
      make("td", { title: it.route }, it.route),
      make("td", { class: "n" }, make("span", { class: "share", "aria-hidden": "true" }, bar), make("span", { class: "percent" }, `${Math.round(100 * it.share)} %`)),
      make("td", { class: "n" }, rate(it.rates.requests_per_second)),
      make("td", { class: "n" }, duration(it.rates.p50_seconds)),
      make("td", { class: "n" }, duration(it.rates.p99_seconds)),
      make("td", { class: "n" }, rate(it.rates.failed_per_second)));
  }));
  byId("no-routes").hidden = routes.length > 0;
  byId("routes").closest(".scroll").hidden = routes.length === 0;
}

export function drawPast(id, list) {
  const longest = Math.max(0.001, ...list.map(total));
  byId(id).replaceChildren(...list.map((it) => make("tr", {},
    make("td", { title: `${it.target}\n${it.id}` }, it.route, make("span", { class: "under" }, `${it.client || "Unix socket"} · ${it.id}`)),
    make("td", { class: "n" }, duration(total(it))),
    make("td", {}, timeline(it, longest)),
    make("td", {}, it.worker || "–"),
    make("td", {}, it.status === 0 ? "none" : String(it.status), ...(it.why ? [make("span", { class: "under" }, it.why)] : [])),
    make("td", {}, timeOfDay(it.ended)))));
  byId(`no-${id}`).hidden = list.length > 0;
  byId(id).closest(".scroll").hidden = list.length === 0;
}

const total = (it) => it.client_seconds + it.queue_seconds + it.worker_seconds + it.sending_seconds;

function timeline(it, longest) {
  const parts = [["client", it.client_seconds], ["queue", it.queue_seconds], ["worker", it.worker_seconds], ["sending", it.sending_seconds]];
  const words = parts.map(([name, seconds]) => `${name} ${duration(seconds)}`).join(", ");
  const bar = make("div", { class: "time", title: words, "aria-hidden": "true" });
  for (const [name, seconds] of parts) {
    const part = make("i", { class: `p-${name}` });
    part.style.width = `${(100 * seconds) / longest}%`;
    if (seconds > 0) bar.append(part);
  }
  return make("div", {}, bar, make("span", { class: "gone" }, words));
}

const KINDS = { worker: "good", reload: "go", limit: "warn", fault: "bad", other: "wait" };

export function drawEvents(events) {
  byId("events").replaceChildren(...events.toReversed().map((it) => make("li", {},
    make("span", { class: "quiet" }, timeOfDay(it.at)),
    make("span", { class: "kind" }, shape(it.level === "error" ? "bad" : it.level === "warn" ? "warn" : KINDS[it.kind] === "go" ? "off" : KINDS[it.kind]), it.kind),
    make("span", { class: "text" }, ...(it.worker ? [make("b", {}, it.worker), " "] : []), it.text))));
  byId("no-events").hidden = events.length > 0;
}

const LEVELS = { trace: 0, debug: 0, info: 1, warn: 2, error: 3 };
const LOG_SHOWN = 200;

export function drawLog(lines) {
  const wanted = byId("log-text").value.trim().toLowerCase();
  const least = Number(byId("log-level").value);
  const shown = lines.filter((it) => LEVELS[it.level] >= least && (!wanted || `${it.worker} ${it.source} ${it.text}`.toLowerCase().includes(wanted))).slice(-LOG_SHOWN);
  const box = byId("log-box");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  byId("log").replaceChildren(...shown.map((it) => make("li", { class: `l-${it.level}` },
    make("span", { class: "quiet" }, timeOfDay(it.at)), make("span", { class: "level" }, it.level),
    make("span", { class: "text" }, `${it.worker ? `${it.worker}: ` : ""}${it.text}`))));
  byId("no-log").hidden = shown.length > 0;
  box.hidden = shown.length === 0;
  if (atEnd) box.scrollTop = box.scrollHeight;
}
