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
import operator
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from logicdistill.compare.baselines.actions import ActionCoder, Directions, coder_for, state_text
from logicdistill.compare.baselines.answers import Answer
from logicdistill.compare.baselines.teaching import TeacherStep, Training, facts_of
from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.errors import UnknownNameError
from logicdistill.files import write_atomic
from logicdistill.students.causal import read_settings
from logicdistill.students.language import LanguageModel, Written
from logicdistill.students.saved import readable
from logicdistill.training.causal import Pair, fit_text
from logicdistill.training.collect import LabelStudent
from logicdistill.training.labelling import Labeller
from logicdistill.training.network import has_bf16
from logicdistill.types import Candidate, Choice, Decision, Function, Json, Query, Stage

MAX_TOKENS = {"kd-causal": 12, "cot-kd": 128, "call-causal": 16, "zero-shot": 24}
MAX_TOKENS["kd-causal-legal"] = MAX_TOKENS["kd-causal"]
"""Each player with the most tokens that it writes."""

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
    """Train ``kd-causal`` (for ``kd-causal-legal`` too), ``cot-kd`` or ``call-causal``.

    ``validation``, the teacher's steps in other training states, chooses the checkpoint; the
    labeller gives the reasons and the calls. Returns what
    `logicdistill.training.causal.fit_causal_student` does, and how many ``distinct`` pairs were
    learned from.
    """
    pairs, checked = (
        list(dict.fromkeys(_pairs(kind, found, parts, labeller))) for found in (steps, validation)
    )
    drawn = random.Random(training.seed).sample(checked, min(len(checked), VALIDATION_PAIRS))
    how = training.folder, training.shown, training.seed, training.on_progress, training.start
    record = fit_text(pairs, drawn, model, *how)
    coder = coder_for(parts.task.id)
    labels = sorted({coder.encode(step.state, step.action) for step in steps})
    write_atomic(training.folder / LABELS_FILE, json.dumps(labels))
    return {**record, "distinct": len(pairs)}


def _pairs(kind: str, steps: Sequence[TeacherStep], parts: Parts, labeller: Labeller) -> list[Pair]:
    """What is asked and what is to be written, one or more a step."""
    coder, opening, texts = coder_for(parts.task.id), ACTION, [""] * len(steps)
    if kind != "kd-causal":
        labelled = replace(parts, student=LabelStudent(labeller, 0.0, seed=0))
        decisions = decide(labelled, [dict(step.state) for step in steps])
        if kind == "call-causal":
            calls = [call for decision in decisions for call in _calls(parts, decision)]
            return [Pair(asked, f" {_words(name)}\n") for asked, _, name in calls if name]
        opening = REASONS
        ran = ([step.function for step in found.trace if step.function] for found in decisions)
        reasons = (" ".join(_use(parts.base.function(name)) for name in names) for names in ran)
        texts = [f" {reason} {ACTION}" for reason in reasons]
    asked = [f"{coder.text(step.state, step.facts)}\n{opening}" for step in steps]
    actions = [f" {coder.encode(step.state, step.action)}\n" for step in steps]
    return list(map(Pair, asked, map(operator.add, texts, actions)))


def _calls(parts: Parts, decision: Decision) -> Iterator[tuple[str, list[str], str | None]]:
    """For each selection the prompt, the candidates' names, and the name of what ran, if any."""
    for step in decision.trace:
        if step.choice:
            names = [found.name for found in step.choice.ranked]
            candidates = [parts.base.function(name) for name in names]
            question = _call(parts.base.stage(step.stage), step.view, candidates)
            yield question, names, step.function


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
    """Greedy answers of a model; an answer is a function of its prompt, so it is kept."""

    def __init__(self, model: LanguageModel, max_tokens: int) -> None:
        self.model, self._max_tokens = model, max_tokens
        self._known: dict[str, Written] = {}

    def write(self, prompts: Sequence[str]) -> list[Written]:
        """One answer a prompt."""
        new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._known]
        if new:
            self._known.update(zip(new, self.model.write(new, self._max_tokens), strict=True))
        found = [self._known[prompt] for prompt in prompts]
        while len(self._known) > KEPT_ANSWERS:
            del self._known[next(iter(self._known))]
        return found

    def forget(self) -> None:
        """Drop the kept answers."""
        self._known.clear()


class TextPlayer(ABC):
    """A player whose answers are written text; the student of its ``parts`` is not asked."""

    def __init__(self, writer: Writer, parts: Parts) -> None:
        self._writer, self._parts, self._coder = writer, parts, coder_for(parts.task.id)

    @abstractmethod
    def answers(self, states: Sequence[Mapping[str, Json]]) -> list[Answer]:
        """One answer a state."""

    def forget(self) -> None:
        """Drop the kept answers: an entropy's last bits depend on what one batch writes."""
        self._writer.forget()


def _answer(action: Json, written: Sequence[Written], decision: Decision | None = None) -> Answer:
    tokens = sum(text.tokens_in for text in written), sum(text.tokens_out for text in written)
    return Answer(action, *tokens, sum(text.entropy_bits for text in written), decision)


class PromptedPlayer(TextPlayer):
    """One prompt a state; the action is written after it, with or without ``reasons`` before it.

    Where what was written is no legal action, the most probable legal one of the labels ``legal``
    is taken, if any.
    """

    def __init__(
        self, writer: Writer, parts: Parts, *, reasons: bool = False, legal: Sequence[str] = ()
    ) -> None:
        super().__init__(writer, parts)
        self._reasons, self._legal = reasons, legal

    def answers(self, states: Sequence[Mapping[str, Json]]) -> list[Answer]:
        """See `TextPlayer`."""
        prompts = list(map(self._prompt, states, facts_of(self._parts, states)))
        found = zip(states, prompts, self._writer.write(prompts), strict=True)
        return [_answer(self._action(at, asked, text.text), [text]) for at, asked, text in found]

    def _prompt(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str:
        return f"{self._coder.text(state, facts)}\n{REASONS if self._reasons else ACTION}"

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

    def _read(self, state: Mapping[str, Json], text: str) -> Json:
        """The action that a text is, or None; the text is taken as it stands."""
        try:
            return self._coder.decode(state, text)
        except (KeyError, ValueError, TypeError, IndexError):
            return None

    def _is_legal(self, state: Mapping[str, Json], action: Json) -> bool:
        return action is not None and self._parts.task.illegal(state, action) is None


class ZeroShotPlayer(PromptedPlayer):
    """The untrained model reads rules, state and the form of an action, in its own chat format."""

    def _prompt(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str:
        task, tokenizer = self._parts.task, self._writer.model.tokenizer
        form = _form(self._coder, state, task.fallback(state))
        known = f"The state: {state_text(state)}", state_text(facts)
        asked = f"What is done now? Answer with the action alone: {form}."
        text = "\n".join(line for line in (*task.rules, *known, asked) if line)
        if not getattr(tokenizer, "chat_template", None):
            return f"{text}\n{ACTION}"
        messages = [{"role": "user", "content": text}]
        how = {"tokenize": False, "add_generation_prompt": True}
        return f"{tokenizer.apply_chat_template(messages, **how)}{ACTION}"


def _form(coder: ActionCoder, state: Mapping[str, Json], legal: Json) -> str:
    """What an action is written like; an example would be copied."""
    if isinstance(coder, Directions):
        pieces = len(coder.encode(state, legal).split())
        return f"{pieces} words, one for each piece, each of them right, left, down, up or stay"
    kinds = {int: "a whole number", float: "a number", str: "one word in double quotes"}
    return kinds.get(type(legal), f"JSON such as {json.dumps(legal)}")


class CallStudent:
    """Student that reads the manuals of all candidates and writes a function's name, or "none"."""

    name = "call-causal"

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        asked = [_call(query.stage, query.view, query.candidates) for query in queries]
        choices = []
        for query, written in zip(queries, self._writer.write(asked), strict=True):
            right = {found.name: _words(found.name) == written.text for found in query.candidates}
            ranked = sorted(right, key=lambda name: (not right[name], name))
            found = tuple(Candidate(name, float(right[name])) for name in ranked)
            choices.append(Choice(found, none=1.0 - sum(right.values())))
        return choices


class CallPlayer(TextPlayer):
    """Decides stage by stage with `CallStudent`; a name that is no candidate's is no answer."""

    def answers(self, states: Sequence[Mapping[str, Json]]) -> list[Answer]:
        """See `TextPlayer`."""
        found = []
        parts = replace(self._parts, student=CallStudent(self._writer))
        for decision in decide(parts, states):
            calls = list(_calls(parts, decision))
            written = self._writer.write([prompt for prompt, _, _ in calls])  # kept since `decide`
            pairs = zip(written, calls, strict=True)
            named = all(text.text in map(_words, names) for text, (_, names, _) in pairs)
            found.append(_answer(decision.action if named else None, written, decision))
        return found


def load_text_player(kind: str, folder: Path, parts: Parts, model: str = "smollm2") -> TextPlayer:
    """One of the players of this module; ``zero-shot`` takes the model, the others the folder.

    Raises:
        UnknownNameError: no such player.
        CorruptError: a file is missing or damaged.
        MissingExtraError: the model or a library is not installed.
    """
    if kind not in MAX_TOKENS:
        raise UnknownNameError("text player", kind, MAX_TOKENS)
    name, adapter = (model, None) if kind == "zero-shot" else (read_settings(folder)[0], folder)
    writer = Writer(LanguageModel(name, adapter, bf16=has_bf16()), MAX_TOKENS[kind])
    if kind == "zero-shot":
        return ZeroShotPlayer(writer, parts)
    if kind == "call-causal":
        return CallPlayer(writer, parts)
    legal, file = list[str](), folder / LABELS_FILE
    if kind == "kd-causal-legal":
        with readable(file):
            legal = TypeAdapter(list[str]).validate_json(file.read_bytes(), strict=True)
    return PromptedPlayer(writer, parts, reasons=kind == "cot-kd", legal=legal)
