// Play: an episode of a game, move by move, with the policy's reasons.

import { busy, el, fill, labelled, off, say, trouble } from "./dom.js";
import { explanation } from "./reasons.js";
import { server } from "./server.js";
import { actionInWords, percent } from "./words.js";

export async function playView({ policy, why }) {
  const seed = el("input", { type: "number", min: 0, step: 1, value: 1 });
  const start = el("button", { type: "submit" }, "Play");
  const place = el("div");
  const form = el(
    "form",
    { class: "filters", novalidate: true, "aria-label": "Game" },
    labelled("Game number", seed, "The same number is the same game."),
    el("p", { class: "actions" }, off(start, why("decide"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(start, async () => {
      try {
        const number = seed.valueAsNumber;
        if (!Number.isSafeInteger(number)) throw new Error("Game number: a whole number is wanted.");
        fill(place, ...stepped(await server.play(policy.name, number)));
        place.querySelector("button:not(:disabled)")?.focus();
      } catch (error) {
        fill(place, trouble(error));
      }
    });
  });
  return [
    el("h2", {}, "Play"),
    el("p", { class: "lead" }, "The policy plays; you see each move and why it was made."),
    form,
    place,
  ];
}

function stepped(game) {
  const { turns } = game;
  const move = el("div", { class: "box" });
  const back = el("button", { type: "button", class: "light" }, "Move before");
  const next = el("button", { type: "button" }, "Next move");
  let at = 0;
  const show = () => {
    const turn = turns[at];
    const last = at === turns.length - 1;
    const sure = turn.fallback === null ? `${percent(turn.confidence)} sure` : `fallback: ${turn.fallback}`;
    const end = !last ? "" : el("p", { class: `note ${game.success ? "good" : "bad"}` }, game.success ? "The game is won." : "The game is not won.");
    fill(
      move,
      el("h3", {}, `Move ${at + 1} of ${turns.length}`),
      el("pre", { tabindex: 0, "aria-label": "What the policy sees" }, turn.shown),
      el("p", { class: "action" }, actionInWords(turn.action)),
      el("p", {}, sure),
      explanation(turn.explanation),
      end,
    );
    back.disabled = at === 0;
    next.disabled = last;
    say(`Move ${at + 1}: ${actionInWords(turn.action)}${last ? (game.success ? ", won" : ", not won") : ""}`);
  };
  back.addEventListener("click", () => ((at -= 1), show()));
  next.addEventListener("click", () => ((at += 1), show()));
  show();
  return [el("p", { class: "actions" }, back, next), move];
}
