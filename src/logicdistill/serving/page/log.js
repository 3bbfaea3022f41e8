// Log: what was decided, and a person's word on what is right.

import { busy, choices, el, fill, fresh, labelled, off, say, trouble } from "./dom.js";
import { actionForm } from "./forms.js";
import { badges } from "./reasons.js";
import { server } from "./server.js";
import { actionInWords, count, fieldsInWords, percent, sameValue, short, when } from "./words.js";

const MOST = 500;
const SHOWN = 25;

const BECOMES =
  "Kept in labels.jsonl of the run; what a change would change is counted with it. Nothing is " +
  "trained on it by itself: for that its line goes into states.jsonl of the task's folder, and " +
  "'logicdistill run' runs again.";

export async function logView(context) {
  const { policy } = context;
  const [{ logs, decisions }, { keeps, labels }] = await Promise.all([
    server.decisions(policy.name, MOST),
    server.labels(policy.name),
  ]);
  const kept = [...labels];
  const list = el("ol", { class: "log" });
  const found = el("p", { class: "quiet", role: "status" });
  const more = el("button", { type: "button", class: "light" }, "Show more");
  const about = el("div");
  let which = "all";
  let shown = SHOWN;

  const slider = el("input", { type: "range", min: 1, max: 100, value: 90 });
  const level = el("output", {}, "90 %");
  const sliderField = labelled("Unsure means less sure than", slider);
  sliderField.append(level);
  sliderField.hidden = true;
  const fits = (one) => {
    if (which === "fallback") return one.fallback !== null;
    if (which === "marked") return one.marks?.length > 0;
    if (which === "unsure") return one.fallback === null && one.confidence * 100 < slider.value;
    return true;
  };
  const show = () => {
    const fitting = decisions.filter((one) => one?.state && fits(one));
    const cards = fitting.slice(0, shown).map((one) => card(one, context, kept, tellLabels, keeps));
    fill(list, ...cards);
    more.hidden = fitting.length <= shown;
    found.textContent = `${fitting.length} of the last ${count(decisions.length, "decision")}`;
  };
  const tellLabels = () => fill(about, ...labelsOf(kept, policy.name));
  slider.addEventListener("input", () => {
    level.textContent = `${slider.value} %`;
    show();
  });
  more.addEventListener("click", () => {
    shown += SHOWN;
    show();
    list.children[shown - SHOWN]?.querySelector("button")?.focus();
  });
  const filter = choices(
    "Show",
    [
      ["all", "all"],
      ["unsure", "unsure"],
      ["fallback", "fallbacks"],
      ["marked", "marked"],
    ],
    "all",
    (value) => {
      which = value;
      shown = SHOWN;
      sliderField.hidden = value !== "unsure";
      show();
    },
  );
  tellLabels();
  show();
  const head = [
    el("h2", {}, "Log"),
    el("p", { class: "lead" }, "What was decided, the newest first. Say what is right where it was not."),
  ];
  if (!logs) {
    const start = "This server keeps no log. Start it with 'logicdistill serve --log' to see decisions here.";
    return [...head, el("p", { class: "note" }, start), about];
  }
  const empty = decisions.length ? "" : el("p", { class: "note" }, "No decision was logged yet.");
  return [...head, el("div", { class: "filters" }, filter, sliderField), found, empty, list, more, about];
}

function card(one, context, kept, tellLabels, keeps) {
  const { policy, go, why } = context;
  const label = kept.find((line) => sameValue(line.state, one.state));
  const state = el("dl", { class: "state" });
  for (const [name, text] of fieldsInWords(one.state)) {
    state.append(el("div", {}, el("dt", {}, name), el("dd", {}, text)));
  }
  const place = el("div");
  const said = el("div");
  const tell = (line) => {
    const right = sameValue(line.action, one.action);
    const text = right ? "Confirmed as right" : `Right would be: ${actionInWords(line.action)}`;
    fill(said, el("p", { class: right ? "note good" : "note warn" }, `${text} (${line.by}).`));
  };
  if (label) tell(label);
  const again = el("button", { type: "button", class: "light" }, "Try it again");
  again.addEventListener("click", () => go("try", { state: one.state }));
  const open = el("button", { type: "button", class: "light", "aria-expanded": "false" }, "Say what is right");
  const close = () => {
    place.replaceChildren();
    open.setAttribute("aria-expanded", "false");
    open.focus();
  };
  open.addEventListener("click", () => {
    if (place.firstChild) return close();
    const form = labelForm(one, policy, close, (line) => {
      kept.unshift(line);
      tell(line);
      tellLabels();
      close();
    });
    fill(place, form.node);
    open.setAttribute("aria-expanded", "true");
    form.focus();
  });
  const part = one.redacted && Object.keys(one.redacted).length ? "The log keeps only a part of this state." : "";
  if (part) again.disabled = true;
  const reason = part || (keeps ? why("change") : "A packed file keeps no labels; serve the run's folder.");
  const sure = one.fallback !== null ? "" : el("span", { class: "share" }, `${percent(one.confidence)} sure`);
  const rules = one.rules?.length ? `rules ${one.rules.join(", ")}` : "no rule cited";
  return el(
    "li",
    { class: `card${one.fallback !== null ? " fell" : ""}` },
    el("p", { class: "head" }, el("b", {}, actionInWords(one.action)), sure, ...badges(one)),
    el("p", {}, short(one.state, 240)),
    one.fallback !== null ? el("p", {}, el("b", {}, "Fallback: "), one.fallback) : "",
    ...(one.marks ?? []).map((mark) => el("p", { class: "note warn" }, mark)),
    el("p", { class: "quiet" }, `${when(one.time)} · ${rules}`),
    said,
    el("details", {}, el("summary", {}, "The whole case"), state),
    el("p", { class: "actions" }, again, off(open, reason)),
    place,
  );
}

function labelForm(one, policy, close, done) {
  const form = actionForm(policy);
  form.set(one.action);
  const by = el("input", { type: "text", autocomplete: "name", value: sessionStorage.getItem("by") ?? "" });
  const keep = el("button", { type: "submit" }, "Keep as right");
  const cancel = el("button", { type: "button", class: "light" }, "Cancel");
  const problem = el("div");
  const id = fresh("label");
  const node = el(
    "form",
    { class: "box", novalidate: true, "aria-labelledby": id },
    el("h3", { id }, "What is right in this case?"),
    form.node,
    labelled("Your name", by, "Kept beside the label."),
    problem,
    el("p", { class: "quiet" }, BECOMES),
    el("p", { class: "actions" }, keep, cancel),
  );
  cancel.addEventListener("click", close);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    fill(problem);
    await busy(keep, async () => {
      try {
        const body = { state: one.state, action: form.get() };
        if (by.value.trim()) body.by = by.value.trim();
        const { label } = await server.label(policy.name, body);
        sessionStorage.setItem("by", by.value.trim());
        say("The label is kept.");
        done(label);
      } catch (error) {
        fill(problem, trouble(error));
        error.control?.focus();
      }
    });
  });
  return { node, focus: () => form.focus?.() };
}

// The labels as lines of states.jsonl, the newest word on each state.
function labelsOf(kept, name) {
  if (!kept.length) return [];
  const latest = [];
  for (const line of kept) {
    if (!latest.some((one) => sameValue(one.state, line.state))) latest.push(line);
  }
  const save = el("button", { type: "button", class: "light" }, "Save them as states.jsonl lines");
  save.addEventListener("click", () => {
    const lines = latest.reverse().map(({ state, action }) => JSON.stringify({ state, action }));
    const blob = new Blob([`${lines.join("\n")}\n`], { type: "application/jsonl" });
    const link = el("a", { href: URL.createObjectURL(blob), download: `${name}-labels.jsonl` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  return [
    el("h3", {}, "Labels"),
    el("p", {}, `${count(kept.length, "label")} so far. ${BECOMES}`),
    el("p", { class: "actions" }, save),
  ];
}
