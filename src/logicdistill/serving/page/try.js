// Try: a state, and what is decided in it. Nothing of it is logged.

import { busy, choices, el, fill, labelled, off, say, trouble } from "./dom.js";
import { FormError, formOf, parsed } from "./forms.js";
import { alarms, explanation, rulesCited, trace, verdict } from "./reasons.js";
import { server } from "./server.js";
import { actionInWords, percent, sameValue, short, when } from "./words.js";

export async function tryView(context) {
  const { policy, why, given } = context;
  const [{ examples }, logged] = await Promise.all([
    server.examples(policy.name, 60),
    server.decisions(policy.name, 50).catch(() => ({ decisions: [] })),
  ]);
  const form = formOf(policy.schema);
  const json = el("textarea", { rows: 14, class: "code", spellcheck: "false" });
  const jsonField = labelled("State as JSON", json);
  jsonField.hidden = true;
  const problem = el("div");
  const result = el("section", { class: "result-area", "aria-label": "Decision", tabindex: -1 });
  let recorded;
  let asJson = false;

  const set = (state) => {
    form.set(state);
    json.value = JSON.stringify(state, null, 2);
  };
  const get = () => {
    const state = asJson ? parsed(json.value, "State", json) : form.get();
    if (state === null || typeof state !== "object" || Array.isArray(state)) {
      throw new FormError("State: an object {...} is wanted.", json);
    }
    return state;
  };
  const complain = (error) => {
    fill(problem, trouble(error));
    error.control?.focus();
  };
  const swap = (to) => {
    fill(problem);
    try {
      if (to === "json") json.value = JSON.stringify(form.get(), null, 2);
      else form.set(parsed(json.value || "{}", "State", json));
    } catch (error) {
      if (to !== "json") return complain(error);
    }
    asJson = to === "json";
    jsonField.hidden = !asJson;
    form.node.hidden = asJson;
  };

  const decide = el("button", { type: "submit" }, "Decide");
  const pick = picker(examples, logged.decisions, (found) => {
    set(found.state);
    recorded = "action" in found && !found.logged ? found : undefined;
    fill(result, idle());
    fill(problem);
  });
  const run = async () => {
    fill(problem);
    let state;
    try {
      state = get();
    } catch (error) {
      complain(error);
      return;
    }
    await busy(decide, async () => {
      try {
        const decision = await server.explain(policy.name, state);
        const same = recorded && sameValue(recorded.state, decision.state) ? recorded : undefined;
        fill(result, ...shown(decision, policy, same));
        say(spoken(decision));
        result.focus({ preventScroll: true });
        if (result.getBoundingClientRect().top > innerHeight - 120) result.scrollIntoView();
      } catch (error) {
        fill(result);
        complain(error);
      }
    });
  };
  const entry = el(
    "form",
    { class: "entry", novalidate: true, "aria-label": "State" },
    pick,
    choices(
      "Enter the state",
      [
        ["form", "field by field"],
        ["json", "as JSON"],
      ],
      "form",
      swap,
    ),
    form.node,
    jsonField,
    problem,
    el("p", { class: "actions" }, off(decide, why("decide"))),
    el("p", { class: "quiet" }, "Ctrl+Enter decides too. A try is not logged."),
  );
  entry.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  entry.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !decide.disabled) {
      event.preventDefault();
      run();
    }
  });
  fill(result, idle());
  if (given.state) {
    set(given.state);
    if (!why("decide")) context.shown = run;
  } else if (examples.length) {
    set(examples[0].state);
    recorded = "action" in examples[0] ? examples[0] : undefined;
  }
  return [
    el("h2", {}, "Try"),
    el("p", { class: "lead" }, "Enter a case and see what is decided, and by which rules."),
    el("div", { class: "columns" }, entry, result),
  ];
}

const idle = () => el("p", { class: "quiet" }, "The decision will stand here.");

const spoken = (decision) =>
  decision.fallback !== null
    ? `Fallback: ${actionInWords(decision.action)}. ${decision.fallback}`
    : `${actionInWords(decision.action)}, ${percent(decision.confidence)} sure`;

function picker(examples, decisions, chosen) {
  if (!examples.length && !decisions.length) return "";
  const found = [];
  const group = (label, items) => {
    if (!items.length) return "";
    const options = items.map(([text, one]) =>
      el("option", { value: found.push(one) - 1 }, text),
    );
    return el("optgroup", { label }, ...options);
  };
  const pick = el("select", {});
  pick.append(
    ...[
      group("Examples", examples.map((one) => [`${one.id}: ${short(one.state, 60)}`, one])),
      group(
        "From the log, newest first",
        decisions
          .filter((one) => one && typeof one.state === "object")
          .map((one) => [`${when(one.time)}: ${short(one.state, 60)}`, { ...one, logged: true }]),
      ),
    ].filter(Boolean),
  );
  pick.addEventListener("change", () => chosen(found[pick.value]));
  return labelled("Begin with", pick);
}

function shown(decision, policy, recorded) {
  const right = recorded && sameValue(recorded.action, decision.action);
  const note = !recorded
    ? ""
    : right
      ? el("p", { class: "note good" }, `The same as the action that ${recorded.id} has on record.`)
      : el(
          "p",
          { class: "note warn" },
          `On record as right for ${recorded.id}: ${actionInWords(recorded.action)}.`,
        );
  return [
    el("h3", { class: "unseen" }, "Decision"),
    verdict(decision),
    ...alarms(decision),
    note,
    el("h3", {}, "Rules"),
    ...rulesCited(decision),
    el("h3", {}, "Why"),
    explanation(decision.explanation),
    el("h3", {}, "Stage by stage"),
    trace(decision, policy.stages),
    el(
      "details",
      {},
      el("summary", {}, "The action as a program gets it"),
      el("pre", { tabindex: 0, "aria-label": "Action as JSON" }, JSON.stringify(decision.action, null, 2)),
    ),
  ];
}
