// The page: which policy, which key, which section.

import { changeView } from "./change.js";
import { el, fill, say, trouble } from "./dom.js";
import { logView } from "./log.js";
import { playView } from "./play.js";
import { rulesView } from "./rules.js";
import { key, server } from "./server.js";
import { tryView } from "./try.js";

const SECTIONS = {
  rules: ["Rules", rulesView, "read"],
  try: ["Try", tryView, "decide"],
  log: ["Log", logView, "read"],
  change: ["Change", changeView, "read"],
  play: ["Play", playView, "decide"],
};
const GAMES = /^(guess|twentyone|pursuit)-/;

const at = (id) => document.getElementById(id);
let policies = [];
let rights = { keys: false, rights: [] };
let policy = null;
let given = {};
let turn = 0;

const may = (right) => rights.rights.includes(right);

function why(right) {
  if (may(right)) return "";
  const known = rights.rights.length > 0;
  return known
    ? `This key may not do that; it needs the right to ${right}.`
    : "A key is needed; enter one at the top of the page.";
}

const section = () => {
  const found = location.hash.slice(1);
  return SECTIONS[found] && sectionsOf().includes(found) ? found : "rules";
};

const sectionsOf = () =>
  Object.keys(SECTIONS).filter((name) => name !== "play" || (policy && GAMES.test(policy.task)));

function go(name, options = {}) {
  given = options;
  if (section() === name) show(true);
  else location.hash = name;
}

async function start() {
  at("trouble").hidden = true;
  try {
    rights = await server.rights();
    at("key-form").hidden = !rights.keys;
    at("key").value = key.get();
    showRights();
    if (!may("read")) {
      policy = null;
      fillSections();
      fill(at("view"), el("p", { class: "lead" }, noKey()));
      return;
    }
    policies = (await server.policies()).policies;
    const before = at("policy").value || new URLSearchParams(location.search).get("policy");
    fill(at("policy"), ...policies.map((one) => el("option", { value: one.name }, one.name)));
    if (policies.some((one) => one.name === before)) at("policy").value = before;
    at("policy-field").hidden = policies.length < 2;
    await show();
  } catch (error) {
    fail(error);
  }
}

const noKey = () =>
  rights.rights.length
    ? "This key may decide for programs, and may not read the rules. Use a key with the right to read."
    : key.get()
      ? "The server does not know this key. Enter another one above."
      : "This server wants a key. Enter yours above; it is kept in this tab only.";

function showRights() {
  const line = at("may");
  const lacks = ["decide", "read", "change"].filter((right) => !may(right));
  line.hidden = !rights.keys || !rights.rights.length || !lacks.length;
  line.textContent = `This key may ${rights.rights.join(" and ")}; it may not ${lacks.join(" or ")}.`;
}

function fail(error) {
  const line = at("trouble");
  line.textContent = error.message;
  line.hidden = false;
}

function fillSections() {
  const here = section();
  const items = sectionsOf().map((name) => {
    const current = name === here ? "page" : null;
    return el("li", {}, el("a", { href: `#${name}`, "aria-current": current }, SECTIONS[name][0]));
  });
  fill(at("sections"), ...(policy ? items : []));
}

async function show(focus = false) {
  if (!may("read")) return;
  const mine = (turn += 1);
  at("trouble").hidden = true;
  try {
    policy = await server.policy(at("policy").value);
    const name = section();
    const [label, view] = SECTIONS[name];
    at("title").textContent = policy.title;
    document.title = `${label}: ${policy.title}`;
    at("about").textContent = `Policy ${policy.name}, task ${policy.task}, snapshot ${policy.snapshot}.`;
    fillSections();
    const options = given;
    given = {};
    const context = { policy, why, go, given: options, may: { change: may("change") }, refresh };
    const made = await view(context);
    if (mine !== turn) return;
    fill(at("view"), ...made);
    context.shown?.();
    if (focus && !context.shown) focusHeading();
  } catch (error) {
    if (mine !== turn) return;
    fill(at("view"), trouble(error));
  }
}

function focusHeading() {
  const heading = at("view").querySelector("h2");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
}

// The policy as it is now, for a section that stays as it is.
async function refresh() {
  policy = await server.policy(at("policy").value);
  at("about").textContent = `Policy ${policy.name}, task ${policy.task}, snapshot ${policy.snapshot}.`;
  return policy;
}

at("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key.set(at("key").value.trim());
  start().then(() => say(may("read") ? "The key is in use." : noKey()));
});
at("policy").addEventListener("change", () => show());
addEventListener("hashchange", () => {
  if (location.hash === "#main") return;
  show(true);
});
start();
