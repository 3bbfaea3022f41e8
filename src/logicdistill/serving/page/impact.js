// What a change would change, and the buttons that put it into force or drop it.

import { busy, el, fill, labelled, say, trouble } from "./dom.js";
import { actionInWords, count, short } from "./words.js";

const SHOWN = 12;

// `states` has known states by id, `send(body)` asks the server for the change, and
// `done(answer)` comes after it is in force.
export function proposalIn(place, head, states, send, done) {
  const area = el("section", { class: "proposal", "aria-label": head, tabindex: -1 });
  const by = el("input", { type: "text", autocomplete: "name", value: sessionStorage.getItem("by") ?? "" });
  const why = el("input", { type: "text" });
  const signed = () => {
    sessionStorage.setItem("by", by.value.trim());
    const given = {};
    if (by.value.trim()) given.by = by.value.trim();
    if (why.value.trim()) given.why = why.value.trim();
    return given;
  };
  let found = null;

  const ask = async (notice) => {
    found = await send({});
    fill(area, ...parts(notice));
    fill(place, area);
    area.focus();
    area.scrollIntoView({ block: "nearest" });
    say(`${head}. ${found.lines[0] ?? "It changes nothing."}`);
  };
  const parts = (notice) => {
    const accept = el("button", { type: "button" }, "Put into force");
    const drop = el("button", { type: "button", class: "light" }, "Drop");
    const problem = el("div");
    const same = found.old === found.new;
    if (same) accept.disabled = true;
    drop.addEventListener("click", () => {
      fill(place);
      say("Dropped. Nothing was changed.");
      done(null);
    });
    accept.addEventListener("click", () =>
      busy(accept, async () => {
        try {
          const body = { accept: true, parent: found.old, new: found.new, ...signed() };
          const made = await send(body);
          fill(place, el("p", { class: "note good", role: "status" }, inForce(made)));
          await done(made);
        } catch (error) {
          if (error.status !== 409 || !error.code) return fill(problem, trouble(error));
          const meanwhile = `Nothing was put into force: ${error.message}. Below is what it would change now.`;
          await ask(meanwhile).catch((again) => fill(problem, trouble(again)));
        }
      }),
    );
    return [
      el("h3", {}, head),
      notice ? el("p", { class: "note warn", role: "alert" }, notice) : "",
      ...impactOf(found, states),
      ...functionsOf(found),
      el(
        "div",
        { class: "two" },
        labelled("Your name", by, "For the journal."),
        labelled("Why", why, "For the journal, in one sentence."),
      ),
      problem,
      el("p", { class: "quiet" }, "Nothing is changed yet."),
      el("p", { class: "actions" }, accept, drop),
    ];
  };
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") area.querySelector("button.light")?.click();
  });
  return ask();
}

const inForce = (made) => `In force from the next decision on. The snapshot is ${made.snapshot}.`;

function impactOf({ impact, old, new: next }, states) {
  if (old === next) return [el("p", { class: "note" }, "This changes nothing: the functions stay as they are.")];
  if (!impact) return [];
  if (!impact.decided) {
    return [el("p", { class: "note" }, "There are no recorded or logged states to show the change on.")];
  }
  const sampled = impact.states > impact.decided ? `, a sample of ${impact.states.toLocaleString("en")}` : "";
  const parts = [
    el(
      "p",
      { class: "big" },
      el("b", {}, impact.changed ? count(impact.changed, "case") : "No case"),
      ` of ${impact.decided.toLocaleString("en")} would be decided otherwise${sampled}.`,
    ),
  ];
  if (impact.known) parts.push(rightness(impact));
  if (impact.groups.length) parts.push(groupsOf(impact.groups, states));
  for (const one of impact.joined) {
    const place = one.place ? `; it would be ${one.place}` : "";
    const runs = ` would run in ${one.ran.toLocaleString("en")} of ${count(impact.decided, "case")}${place}.`;
    parts.push(el("p", {}, el("code", {}, one.name), runs));
  }
  return parts;
}

function rightness(impact) {
  const worse = impact.right_after < impact.right_before;
  const better = impact.right_after > impact.right_before;
  const text =
    `Of ${count(impact.known, "case")} with a known right action, ` +
    `${impact.right_before} are right now and ${impact.right_after} would be.` +
    (worse ? " What is on record follows the rules as they were." : "");
  return el("p", { class: `note ${worse ? "bad" : better ? "good" : ""}` }, text);
}

function groupsOf(groups, states) {
  const rows = groups.slice(0, SHOWN).flatMap((group) => {
    const ids = group.states.slice(0, 3);
    const rest = group.states.length - ids.length;
    const names = `${ids.join(", ")}${rest ? ` and ${rest.toLocaleString("en")} more` : ""}`;
    const cases = ids.filter((id) => states.has(id)).map((id) => el("li", {}, `${id}: ${short(states.get(id))}`));
    const right = group.known ? `${group.right_before} before, ${group.right_after} after` : "not known";
    const row = el(
      "tr",
      {},
      el("td", { "data-label": "Cases" }, el("b", {}, String(group.states.length)), el("small", {}, ` ${names}`)),
      el("td", { "data-label": "Now" }, action(group.old, group.fitted)),
      el("td", { "data-label": "Then" }, action(group.new, group.fits)),
      el("td", { "data-label": "Right" }, right),
    );
    if (!cases.length) return [row];
    return [row, el("tr", { class: "cases" }, el("td", { colspan: 4 }, el("ul", {}, ...cases)))];
  });
  const rest = groups.slice(SHOWN);
  const hidden = rest.reduce((sum, group) => sum + group.states.length, 0);
  const heads = ["Cases", "Now", "Then", "Right"].map((one) => el("th", { scope: "col" }, one));
  const table = el(
    "table",
    { class: "groups" },
    el("caption", {}, "What would be decided otherwise"),
    el("thead", {}, el("tr", {}, ...heads)),
    el("tbody", {}, ...rows),
  );
  const note = rest.length ? el("p", { class: "quiet" }, `And ${count(hidden, "case")} in ${rest.length} other ways.`) : "";
  return el("div", {}, table, note);
}

const action = (value, fits) =>
  fits ? actionInWords(value) : [actionInWords(value), " ", el("span", { class: "badge bad" }, "fallback")];

function functionsOf({ functions, refused }) {
  const parts = functions.map((one) =>
    el(
      "details",
      {},
      el("summary", {}, el("code", {}, one.name), ` ${one.manual.summary}`),
      el("pre", { tabindex: 0, "aria-label": `Source of ${one.name}` }, one.source),
    ),
  );
  for (const [name, why] of Object.entries(refused)) {
    parts.push(el("p", { class: "note bad" }, `${name} is refused: ${why}`));
  }
  return parts;
}
