// Change: a new rule, a function, a removal, or the way back; what it would change comes first.

import { busy, checkbox, choices, el, fill, labelled, trouble } from "./dom.js";
import { proposalIn } from "./impact.js";
import { server } from "./server.js";
import { plain, when } from "./words.js";

const OPS = {
  admit: "added",
  replace: "replaced",
  remove: "removed",
  rollback: "went back",
  revise: "corrected",
  edit: "edited in its file",
  lapse: "expired",
  lift: "became an ordinary function",
  consolidate: "trained anew",
};
const SHOWN = 20;

export async function changeView(context) {
  const { policy, why, given } = context;
  const [{ functions }, { entries }, { examples }] = await Promise.all([
    server.functions(policy.name),
    server.journal(policy.name),
    server.examples(policy.name, 200),
  ]);
  const states = new Map(examples.map((one) => [one.id, one.state]));
  const place = el("div", { class: "proposals" });
  const journal = el("div");
  const packed = "This policy is a packed file, so a change would be lost; serve the run's folder.";
  const reason = policy.changeable ? why("change") : packed;
  let known = functions;
  const panel = el("div");
  const fields = el("fieldset", { class: "plain" }, el("legend", { class: "unseen" }, "A change"));
  fields.disabled = Boolean(reason);

  const done = async (made) => {
    if (!made) return;
    await context.refresh();
    const [now, later] = await Promise.all([server.functions(policy.name), server.journal(policy.name)]);
    known = now.functions;
    open(kind);
    fill(journal, ...journalOf(later.entries, reason, back, later.snapshot));
  };
  const propose = (head, send) => proposalIn(place, head, states, send, done);
  const back = (snapshot, button) =>
    busy(button, () =>
      propose(`Go back to ${snapshot}`, (body) => server.rollback(policy.name, { snapshot, ...body })),
    ).catch((error) => fill(place, trouble(error)));

  const kinds = { tell: tellForm, function: functionForm, remove: removeForm };
  let kind = policy.tells && !given.function ? "tell" : "function";
  const open = (value) => {
    kind = value;
    fill(panel, kinds[value]({ policy, functions: known, propose, place, chosen: given.function }));
  };
  open(kind);
  fields.append(
    choices(
      "What do you want to change?",
      [
        ["tell", "a new rule, in words", !policy.tells],
        ["function", "a function"],
        ["remove", "remove a function"],
      ],
      kind,
      open,
    ),
    policy.tells
      ? ""
      : el("p", { class: "quiet" }, "A rule in words needs a model that writes its functions: 'logicdistill serve --teacher MODEL'."),
    panel,
  );
  fill(journal, ...journalOf(entries, reason, back, policy.snapshot));
  return [
    el("h2", {}, "Change"),
    el("p", { class: "lead" }, "You first see what a change would change. It is in force only when you say so."),
    reason ? el("p", { class: "note" }, reason) : "",
    fields,
    place,
    journal,
  ];
}

function submits(form, button, place, work) {
  const problem = el("div");
  form.append(problem, el("p", { class: "actions" }, button));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fill(problem);
    fill(place);
    busy(button, work).catch((error) => {
      fill(problem, trouble(error));
      error.control?.focus();
    });
  });
  return form;
}

const wanted = (control, message) => {
  if (control.value.trim()) return control.value;
  throw Object.assign(new Error(message), { control });
};

const look = () => el("button", { type: "submit" }, "Show what it would change");

function tellForm({ policy, propose, place }) {
  const rule = el("textarea", { rows: 2 });
  const until = el("input", { type: "datetime-local" });
  const form = el("form", { novalidate: true, "aria-label": "A new rule" });
  form.append(
    labelled("The new rule, in one sentence", rule, "A model writes its functions; this may take a minute."),
    labelled("In force until (UTC)", until, "Leave empty for no end."),
  );
  return submits(form, look(), place, () => {
    const body = { rule: wanted(rule, "Write the rule first.").trim() };
    if (until.value) body.expires = until.value;
    return propose("The new rule", (more) => server.tell(policy.name, { ...body, ...more }));
  });
}

function functionForm({ policy, functions, propose, place, chosen }) {
  const which = el("select", {});
  which.append(el("option", { value: "" }, "a new function"));
  which.append(...functions.map((one) => el("option", { value: one.name }, `${one.name} (${plain(one.stage)})`)));
  const source = el("textarea", { rows: 16, class: "code", spellcheck: "false", wrap: "off" });
  const stage = el("select", {});
  stage.append(el("option", { value: "" }, "as its text says"));
  stage.append(...policy.stages.map((one) => el("option", { value: one.name }, plain(one.name))));
  const rule = el("input", { type: "text" });
  const [exception, exceptionField] = checkbox("It is an exception", {}, "While its When: holds, it goes before what it replaces.");
  const added = el("div", { class: "two" }, labelled("Stage", stage), labelled("Rule, in words", rule, "Where the written rules have none for it."), exceptionField);
  const form = el("form", { novalidate: true, "aria-label": "A function" });
  const load = async () => {
    added.hidden = Boolean(which.value);
    if (!which.value) return (source.value = "");
    source.value = (await server.function(policy.name, which.value)).source;
  };
  which.addEventListener("change", () => load().catch((error) => fill(place, trouble(error))));
  if (functions.some((one) => one.name === chosen)) {
    which.value = chosen;
    load().catch((error) => fill(place, trouble(error)));
  }
  form.append(
    labelled("Which function", which),
    labelled("Its text", source, "A Python function with its manual; Tab leaves this field."),
    added,
  );
  return submits(form, look(), place, () => {
    const body = { source: wanted(source, "Paste or write the function first.") };
    const name = which.value;
    if (name) {
      return propose(`Another text for ${name}`, (more) => server.replace(policy.name, name, { ...body, ...more }));
    }
    if (stage.value) body.stage = stage.value;
    if (rule.value.trim()) body.rule = rule.value.trim();
    if (exception.checked) body.emergency = true;
    return propose("A new function", (more) => server.add(policy.name, { ...body, ...more }));
  });
}

function removeForm({ policy, functions, propose, place, chosen }) {
  const which = el("select", {});
  which.append(...functions.map((one) => el("option", { value: one.name }, `${one.name}: ${one.manual.summary}`)));
  if (functions.some((one) => one.name === chosen)) which.value = chosen;
  const form = el("form", { novalidate: true, "aria-label": "Removal" });
  form.append(labelled("Which function", which));
  return submits(form, look(), place, () => {
    const name = which.value;
    return propose(`Without ${name}`, (more) => server.remove(policy.name, name, more));
  });
}

function journalOf(entries, reason, back, now) {
  const head = el("h3", {}, "Journal");
  if (!entries.length) return [head, el("p", { class: "quiet" }, "Nothing was changed yet.")];
  const items = together(entries).reverse();
  const list = el("ol", { class: "journal" }, ...items.slice(0, SHOWN).map((one) => item(one, reason, back, now)));
  const more = el("button", { type: "button", class: "light" }, `Show all ${items.length}`);
  more.addEventListener("click", () => {
    list.append(...items.slice(SHOWN).map((one) => item(one, reason, back, now)));
    more.remove();
  });
  return [head, list, items.length > SHOWN ? more : ""];
}

// What was put into force at once is one item.
function together(entries) {
  const items = [];
  for (const entry of entries) {
    const last = items.at(-1);
    if (last && last.snapshot === entry.snapshot && last.parent === entry.parent) last.all.push(entry);
    else items.push({ ...entry, all: [entry] });
  }
  return items;
}

function item(one, reason, back, now) {
  const said = one.all.slice(0, 6).map((entry) => what(entry));
  const more = one.all.length > 6 ? el("li", {}, `and ${one.all.length - 6} more`) : "";
  const buttons = [];
  const offer = (snapshot, label) => {
    if (!snapshot || snapshot === now) return;
    const button = el("button", { type: "button", class: "light" }, label);
    button.addEventListener("click", () => back(snapshot, button));
    button.disabled = Boolean(reason);
    buttons.push(button);
  };
  const here = one.snapshot === now;
  offer(one.snapshot, "Go back to this");
  if (here && one.parent !== one.snapshot) offer(one.parent, "Undo this");
  return el(
    "li",
    { class: "card" },
    el(
      "p",
      { class: "head" },
      el("b", {}, when(one.time)),
      one.by ? el("span", {}, `by ${one.by}`) : "",
      here ? el("span", { class: "badge" }, "in force") : "",
    ),
    el("ul", {}, ...said, more),
    one.rule ? el("p", {}, el("b", {}, "Rule: "), one.rule) : "",
    one.why ? el("p", {}, el("b", {}, "Why: "), one.why) : "",
    el("p", { class: "quiet" }, `snapshot ${one.snapshot}`),
    buttons.length ? el("p", { class: "actions" }, ...buttons) : "",
  );
}

const what = (entry) =>
  el(
    "li",
    {},
    OPS[entry.op] ?? entry.op,
    entry.function ? [" ", el("code", {}, entry.function)] : "",
    entry.to ? ` to ${entry.to}` : "",
  );
