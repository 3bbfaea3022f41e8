// A decision for a person: the action and how sure it is, why, and then stage by stage.

import { el } from "./dom.js";
import { actionInWords, count, inWords, percent, plain } from "./words.js";

export const bar = (share) =>
  el("meter", { min: 0, max: 1, value: share, "aria-hidden": "true" }, percent(share));

export function badges(decision) {
  const found = [];
  if (decision.fallback !== null) found.push(el("span", { class: "badge bad" }, "fallback"));
  const marks = decision.marks?.length ?? 0;
  if (marks) found.push(el("span", { class: "badge warn" }, count(marks, "mark")));
  return found;
}

const alarm = (kind, head, ...inside) =>
  el("div", { class: `note ${kind}` }, el("strong", {}, head), ...inside);

export function verdict(decision) {
  const sure =
    decision.fallback !== null
      ? el("p", { class: "sure" }, "No function decided this.")
      : el("p", { class: "sure" }, bar(decision.confidence), ` ${percent(decision.confidence)} sure`);
  return el(
    "div",
    { class: `verdict${decision.fallback !== null ? " fell" : ""}` },
    el("p", { class: "action" }, actionInWords(decision.action)),
    sure,
  );
}

export function alarms(decision) {
  const found = [];
  if (decision.fallback !== null) {
    found.push(
      alarm("bad", "This is the fallback. ", `No rule led to it: ${decision.fallback}.`),
    );
  }
  if (decision.marks?.length) {
    const lines = decision.marks.map((mark) => el("li", {}, mark));
    found.push(alarm("warn", "Something did not go as it should.", el("ul", {}, ...lines)));
  }
  return found;
}

// The rules of the function that gave the action, and then those cited on the way there.
export function rulesCited(decision) {
  const { cited, trace: steps } = decision;
  const last = decision.fallback === null ? (steps.at(-1)?.rules ?? []) : [];
  const decisive = Object.keys(cited).filter((one) => last.includes(Number(one)));
  const others = Object.keys(cited).filter((one) => !last.includes(Number(one)));
  const list = (numbers) => {
    const items = numbers.sort((a, b) => a - b).map((one) => el("li", { value: one }, cited[one]));
    return el("ol", { class: "cited" }, ...items);
  };
  const parts = [];
  if (decisive.length) parts.push(list(decisive));
  else if (decision.fallback === null) {
    parts.push(el("p", { class: "quiet" }, "The function that gave the action cites no numbered rule."));
  }
  if (others.length) {
    const summary = el("summary", {}, `${count(others.length, decisive.length ? "other rule" : "rule")} cited on the way`);
    parts.push(el("details", {}, summary, list(others)));
  }
  return parts.length ? parts : [el("p", { class: "quiet" }, "No rule is cited.")];
}

// Decision.explain() without its first line (the action) and the rules, which stand beside it.
export function explanation(text) {
  const lines = text.split("\n").slice(1).filter((line) => !/^rule \d+: /.test(line));
  return el("div", { class: "why" }, ...lines.map((line) => why(line)));
}

// "  name (61% sure): summary [rule 8]" has the name as code, behind what it says.
function why(line) {
  if (!line.startsWith("  ")) return el("p", { class: "stage" }, plain(line));
  const found = /^ {2}(\w+)( \([^)]*\))?: (.*)$/.exec(line);
  if (!found) return el("p", {}, line.trim());
  const [, name, sure = "", text] = found;
  const said = sure ? text.replace(/( \[rules? [\d, ]+\])?$/, `${sure}$&`) : text;
  return el("p", {}, `${said} `, el("code", {}, name));
}

export function trace(decision, stages) {
  const questions = new Map(stages.map((stage) => [stage.name, stage]));
  const steps = decision.trace.map((step) => stageOf(step, questions.get(step.stage)));
  return el("ol", { class: "trace" }, ...steps);
}

function stageOf(step, stage) {
  const parts = [el("h4", {}, plain(step.stage), stage ? el("small", {}, ` ${stage.question}`) : "")];
  if (step.choice?.ranked.length) parts.push(candidates(step));
  if (step.choice?.why) parts.push(el("p", { class: "quiet" }, step.choice.why));
  if (!step.choice) parts.push(el("p", { class: "quiet" }, "Every function of this stage runs."));
  for (const [name, reason] of Object.entries(step.failed)) {
    parts.push(el("p", { class: "note warn" }, `${name} failed: ${reason}`));
  }
  if (step.outcome.error) parts.push(el("p", { class: "note warn" }, step.outcome.error));
  else parts.push(el("p", { class: "result" }, el("b", {}, "Result: "), outcome(step, stage)));
  if (step.view) {
    const read = el("pre", { tabindex: 0, "aria-label": "What was read" }, step.view);
    parts.push(el("details", {}, el("summary", {}, "What was read in this stage"), read));
  }
  return el("li", {}, ...parts);
}

const outcome = (step, stage) =>
  stage?.output === "action" ? actionInWords(step.outcome.value) : inWords(step.outcome.value);

function candidates(step) {
  const [first, ...others] = step.choice.ranked;
  if (!others.length && first.probability === 1 && step.function === first.name) {
    return el("p", {}, el("code", {}, first.name), el("span", { class: "quiet" }, " alone was left to take."));
  }
  const row = (name, share, chosen) =>
    el(
      "tr",
      { class: chosen ? "chosen" : null },
      el("th", { scope: "row" }, name, chosen ? el("span", { class: "badge" }, "taken") : ""),
      el("td", {}, bar(share)),
      el("td", { class: "share" }, percent(share)),
    );
  const likely = step.choice.ranked.filter(
    (one) => one.probability >= 0.01 || one.name === step.function || one === first,
  );
  const rows = likely.map((one) =>
    row(plain(one.name), one.probability, one.name === step.function),
  );
  if (step.choice.none > 0) rows.push(row("none of these", step.choice.none, step.function === null));
  const rest = step.choice.ranked.length - likely.length;
  const under = rest ? el("p", { class: "quiet" }, `And ${rest} more, each under 1 %.`) : "";
  const table = el(
    "table",
    { class: "candidates" },
    el("caption", {}, "What it could have been, and how probable"),
    el("tbody", {}, ...rows),
  );
  return el("div", {}, table, under);
}
