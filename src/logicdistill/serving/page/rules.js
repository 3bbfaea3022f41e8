// Rules: each with the functions that serve it.

import { checkbox, el, fill, folded, labelled, say, trouble } from "./dom.js";
import { server } from "./server.js";
import { count, inWords, plain } from "./words.js";

const MOST = 50;

export async function rulesView(context) {
  const { policy } = context;
  const { functions } = await server.functions(policy.name);
  const named = new Map(functions.map((one) => [one.name, one]));
  const uncovered = new Set(policy.uncovered);
  const search = el("input", { type: "search", placeholder: "a word, a number, a function" });
  const [open, openField] = checkbox("Only rules that no function serves");
  const list = el("ol", { class: "rules" });
  const behind = el("div");
  const found = el("p", { class: "quiet", role: "status" });

  const show = () => {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (text) => words.every((word) => text.toLowerCase().includes(word));
    const rules = policy.rules.filter((rule) => {
      const serving = rule.functions.map((name) => named.get(name));
      if (open.checked && !uncovered.has(rule.number)) return false;
      return fits(`${rule.number} ${rule.text} ${serving.map(textOf).join(" ")}`);
    });
    fill(list, ...rules.map((rule) => ruleCard(rule, named, uncovered, context)));
    const others = open.checked ? [] : functions.filter((one) => !one.rules.length && fits(textOf(one)));
    fill(behind, ...othersOf(others, policy, context));
    const none = uncovered.size ? `${count(uncovered.size, "rule")} without a function` : "";
    found.textContent = [
      `${rules.length} of ${count(policy.rules.length, "rule")} shown`,
      count(functions.length, "function"),
      none,
    ]
      .filter(Boolean)
      .join(", ");
  };
  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      search.value = "";
      show();
      say("Search cleared");
    }
  });
  open.addEventListener("change", show);
  show();
  return [
    el("h2", {}, "Rules"),
    el("p", { class: "lead" }, "What was written, and the functions that carry it out."),
    el("div", { class: "filters" }, labelled("Search rules and functions", search), openField),
    found,
    list,
    behind,
  ];
}

const textOf = (one) =>
  one ? `${one.name} ${plain(one.name)} ${one.manual.summary} ${one.manual.use_when} ${one.told ?? ""}` : "";

function ruleCard(rule, named, uncovered, context) {
  // The stage that gives the action comes last in a decision, and first here.
  const order = context.policy.stages.map((stage) => stage.name).reverse();
  const serving = rule.functions
    .map((name) => named.get(name))
    .filter(Boolean)
    .sort((a, b) => order.indexOf(a.stage) - order.indexOf(b.stage));
  const missing = uncovered.has(rule.number);
  const served = serving.length
    ? folded(`Carried out by ${count(serving.length, "function")}`, () =>
        serving.map((one) => functionCard(one, context)),
      )
    : missing
      ? el("p", { class: "note bad" }, "No function carries out this rule, so no decision follows it.")
      : el("p", { class: "quiet" }, "Explains; decides nothing by itself.");
  return el(
    "li",
    { class: missing ? "rule missing" : "rule", id: `rule-${rule.number}`, value: rule.number },
    el("p", { class: "text" }, el("span", { class: "number" }, `${rule.number}`), el("span", {}, rule.text)),
    served,
  );
}

function othersOf(functions, policy, context) {
  if (!functions.length) return [];
  const told = functions.filter((one) => one.told);
  const rest = functions.filter((one) => !one.told);
  const parts = [];
  if (told.length) {
    parts.push(el("h3", {}, "Rules that came later"));
    for (const one of told) {
      const text = el("p", { class: "text" }, el("span", {}, one.told));
      parts.push(el("div", { class: "rule" }, text, functionCard(one, context)));
    }
  }
  if (rest.length) {
    parts.push(el("h3", {}, "Functions that cite no rule"));
    parts.push(el("p", { class: "quiet" }, "They work out what the others need."));
    parts.push(...rest.slice(0, MOST).map((one) => functionCard(one, context)));
    if (rest.length > MOST) {
      const more = `${count(rest.length - MOST, "more function")}; the search finds them too`;
      parts.push(folded(more, () => rest.slice(MOST).map((one) => functionCard(one, context))));
    }
  }
  return parts;
}

function functionCard(one, { policy, go, may }) {
  const { manual } = one;
  const source = el("div");
  const button = el("button", { type: "button", class: "light", "aria-expanded": "false" }, "Show source");
  button.addEventListener("click", async () => {
    if (source.firstChild) {
      source.replaceChildren();
      button.textContent = "Show source";
      button.setAttribute("aria-expanded", "false");
      return;
    }
    try {
      const found = await server.function(policy.name, one.name);
      fill(source, el("pre", { tabindex: 0, "aria-label": `Source of ${one.name}` }, found.source));
      button.textContent = "Hide source";
      button.setAttribute("aria-expanded", "true");
    } catch (error) {
      fill(source, trouble(error));
    }
  });
  const edit = el("button", { type: "button", class: "light" }, "Change it");
  edit.addEventListener("click", () => go("change", { function: one.name }));
  return el(
    "article",
    { class: "function", "aria-label": one.name },
    el(
      "p",
      { class: "name" },
      el("b", {}, manual.summary),
      el("code", {}, one.name),
      el("small", {}, `stage ${plain(one.stage)}`),
      one.emergency ? el("span", { class: "badge warn" }, "exception") : "",
      manual.expires ? el("span", { class: "badge" }, `until ${manual.expires}`) : "",
    ),
    manual.use_when ? el("p", {}, el("b", {}, "Used when "), manual.use_when) : "",
    manual.when
      ? el("details", {}, el("summary", {}, "Exact condition"), el("pre", { tabindex: 0 }, manual.when))
      : "",
    examplesOf(manual),
    el("p", { class: "actions" }, button, may.change ? edit : ""),
    source,
  );
}

function examplesOf(manual) {
  const texts = manual.examples.filter((one) => one.text !== null);
  const runs = manual.examples.filter((one) => one.inputs !== null);
  const lines = [
    ...texts.map((one) => el("li", {}, `"${one.text}"`)),
    ...manual.near_misses.map((one) => el("li", {}, el("b", {}, "not: "), `"${one}"`)),
    ...runs.map((one) => el("li", {}, ranWith(one))),
  ];
  if (!lines.length) return "";
  return el("details", {}, el("summary", {}, count(lines.length, "usage example")), el("ul", {}, ...lines));
}

const ranWith = (one) =>
  `${Object.keys(one.inputs).length ? inWords(one.inputs) : "always"} → ${inWords(one.expected)}`;
