"""Players that write text with a causal language model, where Logic Distillation selects.

- ``kd-causal`` writes the teacher's action;
- ``kd-causal-legal`` is the same model: where what it wrote is no legal action, it takes the most
  probable legal one;
- ``cot-kd`` writes the teacher's reasons first (when the labelled functions are used), then the
  action;
- ``call-causal`` writes the right function's name, stage by stage, in the ordinary loop;
- ``zero-shot`` is not trained: it reads the rules and the state, and writes an action.
"""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from logicdistill.compare.baselines.actions import ActionCoder, Directions, coder_for, state_text
from logicdistill.compare.baselines.answers import Answer
from logicdistill.compare.baselines.teaching import TeacherStep, Training, facts_of
from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position
from logicdistill.deciding.parts import Parts
from logicdistill.errors import CorruptError, UnknownNameError, one_line
from logicdistill.files import write_atomic
from logicdistill.students.causal import read_settings
from logicdistill.students.language import LanguageModel, Written
from logicdistill.training.causal import Pair, fit_text
from logicdistill.training.collect import Labeller, LabelStudent
from logicdistill.training.network import has_bf16
from logicdistill.types import Candidate, Choice, Decision, Function, Json, Query, Stage

MAX_TOKENS = {
    "kd-causal": 12,
    "kd-causal-legal": 12,
    "cot-kd": 128,
    "call-causal": 16,
    "zero-shot": 24,
}
"""Each player with the most tokens that it writes."""

FITTED = ("kd-causal", "cot-kd", "call-causal")
"""What `fit_text_player` trains; ``kd-causal-legal`` plays what ``kd-causal`` learned."""

LABELS_FILE = "labels.json"
ACTION = "Action:"
REASONS = "Because:"

KEPT_ANSWERS = 4096
VALIDATION_PAIRS = 25
"""Distinct validation pairs on which a checkpoint is judged."""


def fit_text_player(
    kind: str,
    steps: Sequence[TeacherStep],
    validation: Sequence[TeacherStep],
    parts: Parts,
    labeller: Labeller,
    model: str,
    training: Training,
) -> Mapping[str, Json]:
    """Train one of `FITTED`.

    Args:
        kind: see the module.
        steps: the teacher's, in training states.
        validation: the same in other training states; chooses the checkpoint.
        parts: task, base and sandbox; its student is not asked.
        labeller: names the right functions (the reasons, and the calls).
        model: see `logicdistill.students.weights.find_causal`.
        training: where and how long.

    Returns:
        See `logicdistill.training.causal.fit_causal_student`.

    Raises:
        UnknownNameError: no such player.
    """
    if kind not in FITTED:
        raise UnknownNameError("trained text player", kind, FITTED)
    pairs, checked = (
        list(dict.fromkeys(_pairs(kind, found, parts, labeller))) for found in (steps, validation)
    )
    drawn = random.Random(training.seed).sample(checked, min(len(checked), VALIDATION_PAIRS))
    how = training.folder, training.seconds, training.seed, training.on_progress, training.start
    record = fit_text(pairs, drawn, model, *how)
    coder = coder_for(parts.task.id)
    labels = sorted({coder.encode(step.state, step.action) for step in steps})
    write_atomic(training.folder / LABELS_FILE, json.dumps(labels))
    return {**record, "distinct": len(pairs)}


def _pairs(kind: str, steps: Sequence[TeacherStep], parts: Parts, labeller: Labeller) -> list[Pair]:
    """What is asked and what is to be written, one or more a step."""
    coder = coder_for(parts.task.id)
    actions = [coder.encode(step.state, step.action) for step in steps]
    if kind == "kd-causal":
        return [
            Pair(_prompt(coder, step.state, step.facts, ACTION), f" {action}\n")
            for step, action in zip(steps, actions, strict=True)
        ]
    labelled = replace(parts, student=LabelStudent(labeller, 0.0, seed=0))
    decisions = decide(labelled, [dict(step.state) for step in steps])
    if kind == "call-causal":
        return [pair for decision in decisions for pair in _calls(parts, decision)]
    return [
        Pair(
            _prompt(coder, step.state, step.facts, REASONS),
            f" {_reasons(parts, decision)} {ACTION} {action}\n",
        )
        for step, decision, action in zip(steps, decisions, actions, strict=True)
    ]


def _calls(parts: Parts, decision: Decision) -> list[Pair]:
    pairs = []
    for step in decision.trace:
        if step.function:
            names = {found.name for found in step.choice.ranked} if step.choice else set()
            candidates = [f for f in parts.base.of_stage(step.stage) if f.name in names]
            question = _call(parts.base.stage(step.stage), step.view, candidates)
            pairs.append(Pair(question, f" {_words(step.function)}\n"))
    return pairs


def _reasons(parts: Parts, decision: Decision) -> str:
    chosen = (parts.base.function(step.function) for step in decision.trace if step.function)
    return " ".join(_use(function) for function in chosen)


def _prompt(
    coder: ActionCoder, state: Mapping[str, Json], facts: Mapping[str, Json], opening: str
) -> str:
    return f"{coder.text(state, facts)}\n{opening}"


def _call(stage: Stage, view: str, candidates: Sequence[Function]) -> str:
    """The question and the manuals by name, which many states share; then the view."""
    ordered = sorted(candidates, key=lambda function: function.name)
    manuals = "".join(f"{_words(function.name)}: {_use(function)}\n" for function in ordered)
    return f"{stage.question}\n{manuals}{view}\nFunction:"


def _use(function: Function) -> str:
    return function.manual.use_when or function.manual.summary


def _words(name: str) -> str:
    return name.replace("_", " ")


class Writer:
    """Greedy answers of a model to prompts; an answer is a function of its prompt, so it is kept.

    Args:
        model: the language model.
        max_tokens: the most that is written.
    """

    def __init__(self, model: LanguageModel, max_tokens: int) -> None:
        self.model, self._max_tokens = model, max_tokens
        self._known: dict[str, Written] = {}

    def write(self, prompts: Sequence[str]) -> list[Written]:
        """One answer a prompt."""
        found = {prompt: self._known[prompt] for prompt in prompts if prompt in self._known}
        new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in found]
        if new:
            found.update(zip(new, self.model.write(new, self._max_tokens), strict=True))
        self._known.update((prompt, found[prompt]) for prompt in new)
        while len(self._known) > KEPT_ANSWERS:
            del self._known[next(iter(self._known))]
        return [found[prompt] for prompt in prompts]

    def forget(self) -> None:
        """Drop the kept answers."""
        self._known.clear()


class TextPlayer(ABC):
    """A `logicdistill.deciding.episodes.Player` whose answers are written text.

    Args:
        writer: the model.
        parts: task, base and sandbox of a policy; its student is not asked.
    """

    def __init__(self, writer: Writer, parts: Parts) -> None:
        self._writer, self._parts, self._coder = writer, parts, coder_for(parts.task.id)

    @abstractmethod
    def answers(self, states: Sequence[Mapping[str, Json]]) -> list[Answer]:
        """One answer a state."""

    def forget(self) -> None:
        """Drop the kept answers.

        The last bits of an entropy depend on what is written in one batch: without kept answers
        the figures are the same whatever was played before.
        """
        self._writer.forget()

    def __call__(self, positions: Sequence[Position]) -> list[Move]:
        """See `logicdistill.deciding.episodes.Player`."""
        found = self.answers([position.state for position in positions])
        return [(answer.action, answer.decision) for answer in found]


def _answer(action: Json, written: Sequence[Written], decision: Decision | None = None) -> Answer:
    return Answer(
        action,
        sum(text.tokens_in for text in written),
        sum(text.tokens_out for text in written),
        sum(text.entropy_bits for text in written),
        decision,
    )


class PromptedPlayer(TextPlayer):
    """One prompt a state; what is written after it is the answer."""

    def answers(self, states: Sequence[Mapping[str, Json]]) -> list[Answer]:
        """See `TextPlayer`."""
        facts = facts_of(self._parts, states)
        prompts = [self._prompt(*seen) for seen in zip(states, facts, strict=True)]
        return [
            _answer(self._action(state, prompt, written.text), [written])
            for state, prompt, written in zip(
                states, prompts, self._writer.write(prompts), strict=True
            )
        ]

    @abstractmethod
    def _prompt(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str: ...

    def _action(self, state: Mapping[str, Json], prompt: str, text: str) -> Json:
        return self._read(state, text)

    def _read(self, state: Mapping[str, Json], text: str) -> Json:
        """The action that a text is, or None; the text is taken as it stands."""
        try:
            return self._coder.decode(state, text)
        except (KeyError, ValueError, TypeError, IndexError):
            return None


class ImitatingPlayer(PromptedPlayer):
    """Writes the action, with or without reasons before it.

    Args:
        writer: a model that `fit_text_player` trained.
        parts: see `TextPlayer`.
        reasons: whether the model writes reasons first.
        legal: labels; where what was written is no legal action, the most probable legal one of
            them is taken. Empty: none is.
    """

    def __init__(
        self, writer: Writer, parts: Parts, *, reasons: bool = False, legal: Sequence[str] = ()
    ) -> None:
        super().__init__(writer, parts)
        self._reasons, self._legal = reasons, legal

    def _prompt(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str:
        return _prompt(self._coder, state, facts, REASONS if self._reasons else ACTION)

    def _action(self, state: Mapping[str, Json], prompt: str, text: str) -> Json:
        if self._reasons:
            text = text.rpartition(ACTION)[2].strip() if ACTION in text else ""
        action = self._read(state, text)
        if not self._legal or self._is_legal(state, action):
            return action
        read = {label: self._read(state, label) for label in self._legal}
        legal = {label: found for label, found in read.items() if self._is_legal(state, found)}
        if not legal:
            return action
        model = self._writer.model
        asked = model.encode(prompt)
        scores = model.scored([(asked, model.encode(f" {label}\n")) for label in legal])
        return max(zip(scores, legal.values(), strict=True), key=lambda pair: sum(pair[0]))[1]

    def _is_legal(self, state: Mapping[str, Json], action: Json) -> bool:
        return action is not None and self._parts.task.illegal(state, action) is None


class ZeroShotPlayer(PromptedPlayer):
    """The untrained model reads rules, state and the form of an action, in its own chat format."""

    def _prompt(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str:
        task, tokenizer = self._parts.task, self._writer.model.tokenizer
        form = _form(self._coder, state, task.fallback(state))
        lines = [
            *task.rules,
            f"The state: {state_text(state)}",
            state_text(facts),
            f"What is done now? Answer with the action alone: {form}.",
        ]
        text = "\n".join(line for line in lines if line)
        if not getattr(tokenizer, "chat_template", None):
            return f"{text}\n{ACTION}"
        chat = tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True
        )
        return f"{chat}{ACTION}"


def _form(coder: ActionCoder, state: Mapping[str, Json], legal: Json) -> str:
    """What an action is written like; an example would be copied."""
    if isinstance(coder, Directions):
        pieces = len(coder.encode(state, legal).split())
        return f"{pieces} words, one for each piece, each of them right, left, down, up or stay"
    kinds = {int: "a whole number", float: "a number", str: "one word in double quotes"}
    return kinds.get(type(legal), f"JSON such as {json.dumps(legal)}")


class CallStudent:
    """Student that reads the manuals of all candidates and writes a function's name, or "none".

    Args:
        writer: a model that `fit_text_player` trained to call functions.

    Attributes:
        written: what was written, by stage, view and names of the candidates.
    """

    name = "call-causal"

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.written: dict[tuple[str, str, frozenset[str]], Written] = {}

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        asked = [_call(query.stage, query.view, query.candidates) for query in queries]
        choices = []
        for query, written in zip(queries, self._writer.write(asked), strict=True):
            names = frozenset(function.name for function in query.candidates)
            self.written[query.stage.name, query.view, names] = written
            ranked = sorted(names, key=lambda name: (_words(name) != written.text, name))
            sure = [float(_words(name) == written.text) for name in ranked]
            choices.append(Choice(tuple(map(Candidate, ranked, sure)), none=1.0 - sum(sure)))
        return choices


class CallPlayer(TextPlayer):
    """Decides stage by stage with `CallStudent`; a name that is no candidate's is no answer."""

    def answers(self, states: Sequence[Mapping[str, Json]]) -> list[Answer]:
        """See `TextPlayer`."""
        student = CallStudent(self._writer)
        found = []
        for decision in decide(replace(self._parts, student=student), states):
            asked = [
                (step.stage, step.view, frozenset(found.name for found in step.choice.ranked))
                for step in decision.trace
                if step.choice
            ]
            written = [student.written[key] for key in asked]
            named = all(
                text.text in map(_words, names)
                for text, (_, _, names) in zip(written, asked, strict=True)
            )
            found.append(_answer(decision.action if named else None, written, decision))
        return found


def load_text_player(kind: str, folder: Path, parts: Parts, model: str = "smollm2") -> TextPlayer:
    """One of the players of this module.

    Args:
        kind: see the module.
        folder: written by `fit_text_player`; ``zero-shot`` reads none.
        parts: of a policy of the run; its student is not asked.
        model: of ``zero-shot``.

    Raises:
        UnknownNameError: no such player.
        CorruptError: a file is missing or damaged.
        MissingExtraError: the model or a library is not installed.
    """
    if kind not in MAX_TOKENS:
        raise UnknownNameError("text player", kind, MAX_TOKENS)
    if kind == "zero-shot":
        language = LanguageModel(model, bf16=has_bf16())
        return ZeroShotPlayer(Writer(language, MAX_TOKENS[kind]), parts)
    language = LanguageModel(read_settings(folder)[0], folder, bf16=has_bf16())
    writer = Writer(language, MAX_TOKENS[kind])
    if kind == "call-causal":
        return CallPlayer(writer, parts)
    legal = _read_labels(folder) if kind == "kd-causal-legal" else ()
    return ImitatingPlayer(writer, parts, reasons=kind == "cot-kd", legal=legal)


def _read_labels(folder: Path) -> list[str]:
    path = folder / LABELS_FILE
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptError(f"{path}: not readable: {one_line(error)}; train again") from None
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise CorruptError(f"{path}: not a list of labels; train again")
    return labels
