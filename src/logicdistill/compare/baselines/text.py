"""Players that write text with a causal language model, where Logic Distillation selects: the same model, states and teacher.

- ``kd-causal`` writes the teacher's action; ``kd-causal-legal`` is the same model, which takes the most probable legal action where
  what it wrote is none;
- ``cot-kd`` writes the teacher's reasons first (what the labelled functions are used for), then the action;
- ``call-causal`` writes the right function's name, stage by stage, in the ordinary loop;
- ``zero-shot`` is not trained: it reads the rules and the state, and writes an action.
"""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from logicdistill.compare.baselines.actions import ActionCoder, Directions, coder_for, state_text
from logicdistill.compare.baselines.teaching import Taught, facts_of
from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position
from logicdistill.deciding.parts import Parts
from logicdistill.errors import CorruptError, UnknownNameError, one_line
from logicdistill.runs import write_atomic
from logicdistill.students.causal import read_settings
from logicdistill.students.language import LanguageModel, Written
from logicdistill.training.causal import Pair, fit_text
from logicdistill.training.collect import Labeller, LabelStudent
from logicdistill.training.network import has_bf16
from logicdistill.types import Candidate, Choice, Decision, Function, Json, Query, Stage

TEXT_PLAYERS = ("kd-causal", "kd-causal-legal", "cot-kd", "call-causal", "zero-shot")
FITTED = ("kd-causal", "cot-kd", "call-causal")
"""The kinds that `fit_text_player` trains; ``kd-causal-legal`` plays what ``kd-causal`` was trained into."""

LABELS_FILE = "labels.json"
ACTION = "Action:"
MOST = {"kd-causal": 12, "kd-causal-legal": 12, "cot-kd": 128, "call-causal": 16, "zero-shot": 24}
"""Tokens that are written at most."""

VALIDATED = 25
"""Distinct validation pairs on which a checkpoint is judged."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a player answered in one state.

    Attributes:
        action: None where what was written is no action at all.
        decision: behind it, for a player that calls functions.
        written: all that was written for it.
    """

    action: Json
    decision: Decision | None
    written: tuple[Written, ...]


def fit_text_player(
    kind: str,
    lessons: Sequence[Taught],
    validation: Sequence[Taught],
    parts: Parts,
    labeller: Labeller,
    model: str,
    folder: Path,
    seconds: float,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    start: Path | None = None,
) -> Mapping[str, Json]:
    """Train one of `FITTED` into a folder.

    Args:
        kind: see the module.
        lessons: the teacher's decisions in training states.
        validation: the same in other training states; used to choose the checkpoint.
        parts: task, base and sandbox; its student is not asked.
        labeller: names the right functions (the reasons, and the calls).
        model: see `logicdistill.students.weights.find_causal`.
        folder: to write.
        seconds: time for training; checkpoints are not counted.
        seed: of the training.
        on_progress: told of seconds done and in all.
        start: folder of an earlier training of this kind to go on from.

    Returns:
        See `logicdistill.training.causal.fit_causal_student`.
    """
    if kind not in FITTED:
        raise UnknownNameError("trained text player", kind, FITTED)
    pairs, checked = (
        list(dict.fromkeys(_pairs(kind, found, parts, labeller))) for found in (lessons, validation)
    )
    checked = random.Random(seed).sample(checked, min(len(checked), VALIDATED))
    record = fit_text(pairs, checked, model, folder, seconds, seed, on_progress, start)
    coder = coder_for(parts.task.id)
    known = sorted({coder.encode(lesson.state, lesson.action) for lesson in lessons})
    write_atomic(folder / LABELS_FILE, json.dumps(known))
    return {**record, "distinct": len(pairs)}


def _pairs(kind: str, lessons: Sequence[Taught], parts: Parts, labeller: Labeller) -> list[Pair]:
    coder = coder_for(parts.task.id)
    if kind == "kd-causal":
        return [
            Pair(
                _asked(coder, found.state, found.facts),
                f" {coder.encode(found.state, found.action)}\n",
            )
            for found in lessons
        ]
    pairs: list[Pair] = []
    labelled = replace(parts, student=LabelStudent(labeller, 0.0, seed=0))
    for found, decision in zip(
        lessons, decide(labelled, [dict(lesson.state) for lesson in lessons]), strict=True
    ):
        steps = [
            (parts.base.stage(step.stage), step, parts.base.function(step.function))
            for step in decision.trace
            if step.function
        ]
        if kind == "cot-kd":
            reasons = " ".join(
                function.manual.use_when or function.manual.summary for _, _, function in steps
            )
            label = coder.encode(found.state, found.action)
            pairs.append(
                Pair(
                    _asked(coder, found.state, found.facts, "Because:"),
                    f" {reasons} {ACTION} {label}\n",
                )
            )
        else:
            for stage, step, function in steps:
                names = (
                    {candidate.name for candidate in step.choice.ranked} if step.choice else set()
                )
                candidates = [f for f in parts.base.of_stage(stage.name) if f.name in names]
                pairs.append(
                    Pair(_call(stage, step.view, candidates), f" {_words(function.name)}\n")
                )
    return pairs


def _asked(
    coder: ActionCoder, state: Mapping[str, Json], facts: Mapping[str, Json], opening: str = ACTION
) -> str:
    return f"{coder.text(state, facts)}\n{opening}"


def _call(stage: Stage, view: str, candidates: Sequence[Function]) -> str:
    """The question with the manuals, which many states share, and then the view; the functions by name, whatever their order."""
    manuals = "".join(
        f"{_words(f.name)}: {f.manual.use_when or f.manual.summary}\n"
        for f in sorted(candidates, key=lambda f: f.name)
    )
    return f"{stage.question}\n{manuals}{view}\nFunction:"


def _words(name: str) -> str:
    return name.replace("_", " ")


def load_text_player(
    kind: str, folder: Path, parts: Parts, model: str = "smollm2", cached: int = 4096
) -> TextPlayer:
    """A player of `TEXT_PLAYERS`.

    Args:
        kind: which.
        folder: written by `fit_text_player`; ``zero-shot`` reads none.
        parts: of a policy of the run; its student is not asked.
        model: of ``zero-shot``.
        cached: see `Writer`.

    Raises:
        UnknownNameError: no such player.
        CorruptError: a file is missing or damaged.
        MissingExtraError: the model or a library is not installed.
    """
    if kind not in TEXT_PLAYERS:
        raise UnknownNameError("text player", kind, TEXT_PLAYERS)
    if kind == "zero-shot":
        return ZeroShotPlayer(
            Writer(LanguageModel(model, bf16=has_bf16()), MOST[kind], cached), parts
        )
    writer = Writer(
        LanguageModel(read_settings(folder)[0], folder, bf16=has_bf16()), MOST[kind], cached
    )
    if kind == "call-causal":
        return CallPlayer(writer, parts)
    return ImitatingPlayer(
        writer,
        parts,
        reasons=kind == "cot-kd",
        legal=_labels(folder) if kind == "kd-causal-legal" else (),
    )


def _labels(folder: Path) -> list[str]:
    path = folder / LABELS_FILE
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptError(f"{path}: not readable: {one_line(error)}; train again") from None
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise CorruptError(f"{path}: not a list of labels; train again")
    return labels


class Writer:
    """Greedy answers of a model to prompts; an answer is a function of its prompt, so it is kept.

    Args:
        model: the language model.
        most: tokens that are written at most.
        cached: answers that are kept; 0 keeps none.
    """

    def __init__(self, model: LanguageModel, most: int, cached: int) -> None:
        self.model, self._most, self._cached = model, most, cached
        self._known: dict[str, Written] = {}

    def write(self, prompts: Sequence[str]) -> list[Written]:
        """One answer a prompt."""
        found = {prompt: self._known[prompt] for prompt in prompts if prompt in self._known}
        new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in found]
        if new:
            found.update(zip(new, self.model.write(new, self._most), strict=True))
        self._known.update((prompt, found[prompt]) for prompt in new)
        while len(self._known) > self._cached:
            del self._known[next(iter(self._known))]
        return [found[prompt] for prompt in prompts]

    def forget(self) -> None:
        """Keep nothing of what was written so far."""
        self._known.clear()


class TextPlayer(ABC):
    """A `logicdistill.deciding.episodes.Player` whose answers are written text; the action None is an answer that is no action at all."""

    _writer: Writer

    def forget(self) -> None:
        """Keep no answers.

        The last bits of an entropy depend on what is written in one batch: a player that begins with nothing kept gives the same
        figures whatever it played before.
        """
        self._writer.forget()

    @abstractmethod
    def answers(self, states: list[dict[str, Json]]) -> list[Answer]:
        """One answer a state."""

    def __call__(self, positions: Sequence[Position]) -> list[Move]:
        """See `logicdistill.deciding.episodes.Player`."""
        answers = self.answers([position.state for position in positions])
        return [(answer.action, answer.decision) for answer in answers]


class ImitatingPlayer(TextPlayer):
    """Writes the action, with its reasons before it or without.

    Args:
        writer: a model that `fit_text_player` trained.
        parts: task, base and sandbox, for the facts.
        reasons: whether the model writes reasons first.
        legal: labels among which the most probable legal one is taken where what was written is no legal action; none: it stays so.
    """

    def __init__(
        self, writer: Writer, parts: Parts, *, reasons: bool, legal: Sequence[str]
    ) -> None:
        self._writer, self._parts, self._coder = writer, parts, coder_for(parts.task.id)
        self._opening, self._legal = "Because:" if reasons else ACTION, legal
        self._reasons = reasons

    def answers(self, states: list[dict[str, Json]]) -> list[Answer]:
        """See `TextPlayer`."""
        asked = [
            _asked(self._coder, s, facts, self._opening)
            for s, facts in zip(states, facts_of(self._parts, states), strict=True)
        ]
        return [
            Answer(self._action(state, prompt, written.text), None, (written,))
            for state, prompt, written in zip(states, asked, self._writer.write(asked), strict=True)
        ]

    def _action(self, state: dict[str, Json], prompt: str, text: str) -> Json:
        if self._reasons:
            text = text.rpartition(ACTION)[2].strip() if ACTION in text else ""
        action = _parsed(self._coder, state, text)
        if not self._legal or (
            action is not None and self._parts.task.illegal(state, action) is None
        ):
            return action
        model = self._writer.model
        found = [(label, _parsed(self._coder, state, label)) for label in self._legal]
        open_ones = [
            (label, act)
            for label, act in found
            if act is not None and self._parts.task.illegal(state, act) is None
        ]
        rows = model.scored(
            [(model.encode(prompt), model.encode(f" {label}\n")) for label, _ in open_ones]
        )
        return (
            max(zip(rows, open_ones, strict=True), key=lambda item: sum(item[0]))[1][1]
            if rows
            else action
        )


def _parsed(coder: ActionCoder, state: Mapping[str, Json], text: str) -> Json:
    """The action that a text is, or None: nothing is read into it."""
    try:
        return coder.decode(state, text)
    except (KeyError, ValueError, TypeError, IndexError):
        return None


class ZeroShotPlayer(TextPlayer):
    """The untrained model with the rules, the state and the form of an action, in its own chat format.

    Args:
        writer: the untrained model.
        parts: task, base and sandbox, for the facts.
    """

    def __init__(self, writer: Writer, parts: Parts) -> None:
        self._writer, self._parts, self._coder = writer, parts, coder_for(parts.task.id)

    def answers(self, states: list[dict[str, Json]]) -> list[Answer]:
        """See `TextPlayer`."""
        asked = [
            self._prompt(state, facts)
            for state, facts in zip(states, facts_of(self._parts, states), strict=True)
        ]
        return [
            Answer(_parsed(self._coder, state, written.text), None, (written,))
            for state, written in zip(states, self._writer.write(asked), strict=True)
        ]

    def _prompt(self, state: dict[str, Json], facts: Mapping[str, Json]) -> str:
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
        return f"{len(coder.encode(state, legal).split())} words, one for each piece, each of them right, left, down, up or stay"
    kinds = {int: "a whole number", float: "a number", str: "one word in double quotes"}
    return kinds.get(type(legal), f"JSON such as {json.dumps(legal)}")


class CallStudent:
    """Student that writes the name of a function, having read the manuals of all candidates; anything else is "none of these".

    Args:
        writer: a model that `fit_text_player` trained to call functions.

    Attributes:
        written: what was written so far, by stage, view and names of the candidates.
    """

    name = "call-causal"

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.written: dict[tuple[str, str, frozenset[str]], Written] = {}

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        answers = self._writer.write(
            [_call(query.stage, query.view, query.candidates) for query in queries]
        )
        for query, written in zip(queries, answers, strict=True):
            self.written[
                query.stage.name,
                query.view,
                frozenset(function.name for function in query.candidates),
            ] = written
        return [
            _named(query, written.text) for query, written in zip(queries, answers, strict=True)
        ]


def _named(query: Query, text: str) -> Choice:
    names = sorted(
        (function.name for function in query.candidates),
        key=lambda name: (_words(name) != text, name),
    )
    sure = [float(_words(name) == text) for name in names]
    return Choice(tuple(map(Candidate, names, sure)), none=1.0 - sum(sure))


class CallPlayer(TextPlayer):
    """Decides stage by stage with `CallStudent`; a name that no candidate has makes the whole answer unusable.

    Args:
        writer: a model that `fit_text_player` trained to call functions.
        parts: its student is not asked.
    """

    def __init__(self, writer: Writer, parts: Parts) -> None:
        self._writer, self._parts = writer, parts

    def answers(self, states: list[dict[str, Json]]) -> list[Answer]:
        """See `TextPlayer`."""
        student = CallStudent(self._writer)
        found = []
        for decision in decide(replace(self._parts, student=student), states):
            asked = [
                (step.stage, step.view, frozenset(c.name for c in step.choice.ranked))
                for step in decision.trace
                if step.choice
            ]
            written = tuple(student.written[key] for key in asked)
            named = all(
                text.text in map(_words, names)
                for text, (_, _, names) in zip(written, asked, strict=True)
            )
            found.append(Answer(decision.action if named else None, decision, written))
        return found
