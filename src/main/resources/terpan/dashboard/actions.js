// What an operator can order: each is asked for once more, sent, and followed until it is done.
import { byId, make, text } from "./draw.js";

const LOOK_AGAIN = 300;
const SHOWN_MILLIS = 12000;
const state = { workers: () => [], groups: () => [] };
let confirmed = () => {};

const field = (label, attributes) => make("label", {}, label, make("input", { ...attributes, autocomplete: "off" }));

function groupField() {
  const groups = state.groups();
  const select = make("select", { name: "group" }, ...groups.map((name) => make("option", { value: name }, name)));
  return make("label", {}, "Group", select);
}

const ACTIONS = {
  reload: { title: "Reload settings and code?", text: "New workers start beside the old ones and take over once all of them are ready and answer. What does not start changes nothing.", yes: "Reload", path: () => "/reload" },
  rollback: { title: "Roll back?", text: "Leads back to the generation before the one that serves.", yes: "Roll back", path: () => "/rollback" },
  restart: { title: "Restart all workers?", text: "Each is replaced by a new process of the same code, one after the other; no request is lost.", yes: "Restart all", path: () => "/restart" },
  scale: {
    title: "How many workers?", text: "Until the next reload. With auto the load says how many, where the settings have a range.", yes: "Scale",
    fields: () => [...(state.groups().length > 1 ? [groupField()] : []), field("Workers, 1 to 1024, or auto", { name: "count", required: true, pattern: "[1-9][0-9]{0,3}|auto", value: String(state.workers().length || 1) })],
    path: (form) => `${form.get("group") ? `/groups/${encodeURIComponent(form.get("group"))}` : ""}/scale/${form.get("count")}`,
  },
  pause: {
    title: "Pause?", text: "New requests are held in the queue; what is with workers goes on. It ends by itself after that time.", yes: "Pause",
    fields: () => [field("Seconds, 1 to 3600", { name: "seconds", type: "number", min: "1", max: "3600", value: "60", required: true })],
    path: (form) => `/pause/${form.get("seconds")}`,
  },
  resume: { title: "Resume?", text: "Requests go to workers again.", yes: "Resume", path: () => "/resume" },
  maintenance: {
    title: "Begin maintenance?", text: "Clients get a page for 503 instead of the application, but for those from these addresses.", yes: "Begin maintenance",
    fields: () => [field("Addresses that are let through, with commas; may be empty", { name: "through", placeholder: "192.0.2.7, 10.0.0.0/8" })],
    path: (form) => {
      const through = form.get("through").split(",").map((it) => it.trim()).filter(Boolean).join(",");
      return `/maintenance/on${through ? `/${encodeURIComponent(through)}` : ""}`;
    },
  },
  serve: { title: "End maintenance?", text: "Clients are served again.", yes: "End maintenance", path: () => "/maintenance/off" },
};

export function begin(known) {
  Object.assign(state, known);
  for (const button of document.querySelectorAll("[data-action]")) button.addEventListener("click", () => ask(ACTIONS[button.dataset.action]));
  byId("ask-no").addEventListener("click", () => byId("ask").close());
  byId("ask-form").addEventListener("submit", () => confirmed(new FormData(byId("ask-form"))));
  byId("stack-close").addEventListener("click", () => byId("stack").close());
  byId("stack-again").addEventListener("click", () => showStack(byId("stack").dataset.worker));
}

export function restart(name) {
  ask({ title: `Restart ${name}?`, text: "A new process is ready before the old one drains; no request is lost.", yes: `Restart ${name}`, path: () => `/workers/${encodeURIComponent(name)}/restart` });
}

function ask(action) {
  text(byId("ask-title"), action.title);
  text(byId("ask-text"), action.text);
  text(byId("ask-yes"), action.yes);
  byId("ask-fields").replaceChildren(...(action.fields ? action.fields() : []));
  confirmed = (form) => order(action.yes, action.path(form));
  byId("ask").showModal();
}

async function order(title, path) {
  const steps = make("div", { class: "steps" }, "Sent.");
  const word = make("span", {}, title);
  const away = make("button", { type: "button", class: "small", "aria-label": `Dismiss ${title}` }, "Dismiss");
  const note = make("div", { class: "order", "data-order": "running" }, make("header", {}, word, away), steps);
  away.addEventListener("click", () => note.remove());
  byId("orders").append(note);
  const over = (how, what) => {
    note.dataset.order = how;
    note.classList.toggle("bad", how === "failed");
    text(word, `${title}: ${how}`);
    text(steps, what);
    if (how === "done") setTimeout(() => note.remove(), SHOWN_MILLIS);
  };
  try {
    const answer = await fetch(path, { method: "POST" });
    const said = (await answer.text()).trim();
    text(steps, said);
    if (!answer.ok) return over("failed", said);
    const place = answer.headers.get("Location");
    return place ? await follow(place, steps, over) : over("done", said);
  } catch (lost) {
    return over("failed", `The connection was lost (${lost.message}); whether it is done, the workers tell.`);
  }
}

async function follow(place, steps, over) {
  for (;;) {
    await new Promise((later) => setTimeout(later, LOOK_AGAIN));
    const now = await (await fetch(place)).json();
    const lines = now.steps.join("\n");
    if (lines) text(steps, lines);
    if (now.state === "done") return over("done", lines || "Done.");
    if (now.state !== "running") return over("failed", [lines, now.failure].filter(Boolean).join("\n"));
  }
}

/** The Python stack of a worker, on demand. */
export async function showStack(name) {
  const dialog = byId("stack");
  dialog.dataset.worker = name;
  text(byId("stack-title"), `What ${name} is at`);
  text(byId("stack-note"), "Asked.");
  text(byId("stack-text"), "");
  if (!dialog.open) dialog.showModal();
  try {
    const answer = await fetch(`/workers/${encodeURIComponent(name)}/stack`, { method: "POST" });
    const said = await answer.text();
    text(byId("stack-note"), answer.ok ? `As it was at ${new Date().toTimeString().slice(0, 8)}; the innermost call is first.` : said);
    text(byId("stack-text"), answer.ok ? said : "");
  } catch (lost) {
    text(byId("stack-note"), `The connection was lost (${lost.message}).`);
  }
}
