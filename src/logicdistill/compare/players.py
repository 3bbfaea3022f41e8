"""The players of a comparison: what each is trained into, and how a worker process loads it. A new player is one entry of `ROSTER`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from logicdistill.compare.baselines.actions import coder_for
from logicdistill.compare.baselines.teaching import (
    Taught,
    collect_actions,
    read_taught,
    write_taught,
)
from logicdistill.deciding.episodes import Move, Player, Position, play
from logicdistill.deciding.parts import make_student
from logicdistill.errors import BaseError, LogicDistillError, TaskError, UnknownNameError
from logicdistill.evaluation.evaluate import (
    FLOOR_SCORED_EVERY,
    TIMED_DECISIONS,
    TIMED_SECONDS,
    Scorer,
    episode_record,
    optimum_player,
    time_decisions,
)
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.protocols import Request, Task
from logicdistill.runs import Run, digest
from logicdistill.seeds import training_seeds, validation_seeds
from logicdistill.students.floor import FirstStudent
from logicdistill.students.weights import find_weights
from logicdistill.tasks.registry import get_task, task_of_run
from logicdistill.teacher.live import LiveTeacher
from logicdistill.teacher.write import Author
from logicdistill.training.collect import EXPLORED_SHARE, Labeller, read_examples
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Json

CHANGE_AT = 3
"""Step of an episode from which a change of the rules is in force; 0 in twentyone, whose hands rarely last as long."""

ENCODER_SECONDS = 180.0
"""Training time of kd-encoder, in processor seconds a thread: with one thread more than twice what ld-encoder's training takes with two."""

CAUSAL_SECONDS = 90.0
"""Training time of every player with the causal model."""

RETRAINED = 0.5
"""Share of that time in which an imitator is trained again under changed rules, from where it stood."""

MORE_EPISODES = 3
"""Imitators learn from this many times LD's training episodes: a state with its action is cheap."""

VALIDATION_EPISODES = 50
"""Episodes whose states choose an imitator's checkpoint."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who plays what; small, so that it travels to any worker that sees the run's folder.

    Attributes:
        run: the run's folder.
        player: name in `ROSTER`.
        snapshot: the function base that is played with.
        key: digest of all that the player consists of; part of each record.
        change: change of the rules in the middle of the episodes, or "".
        causal: name or path of the causal model; part of the place since one player uses it untrained.
        phase: "" or ``during`` with the run's own base and models; ``after`` with the told base, ``retrained`` with new models as well.
    """

    run: str
    player: str
    snapshot: str
    key: str
    causal: str = "smollm2"
    change: str = ""
    phase: str = ""

    @property
    def models(self) -> Path:
        """Where the players' trained models lie."""
        return (self.folder if self.phase == "retrained" else Path(self.run)) / "players"

    @property
    def folder(self) -> Path:
        """Where the base of this phase lies, and what was collected with it."""
        return (
            phase_folder(Path(self.run), self.change)
            if self.phase in ("after", "retrained")
            else Path(self.run)
        )


@dataclass(frozen=True, slots=True)
class Lessons:
    """What players are trained on: the teacher's decisions in the episodes of one place.

    Attributes:
        place: its base is the teacher's, its task the one that is played.
        episodes: training episodes for LD; imitators get `MORE_EPISODES` times as many.
        encoder: name or path of the encoder's weights.
        seed: of the training.
    """

    place: Place
    episodes: int
    encoder: str
    seed: int

    @property
    def seeds(self) -> range:
        """Training seeds."""
        return training_seeds(MORE_EPISODES * self.episodes)

    def taught(self) -> tuple[list[Taught], list[Taught]]:
        """States with the teacher's actions, to learn from and to choose a checkpoint by; collected once and kept."""
        files = [self.place.folder / name for name in ("actions.jsonl", "validation.jsonl")]

        def work() -> Mapping[str, Json]:
            with policy_at(self.place, FirstStudent()) as policy:
                labeller = labeller_at(self.place, policy)
                for file, seeds, explore in zip(
                    files,
                    (self.seeds, validation_seeds(VALIDATION_EPISODES)),
                    (EXPLORED_SHARE, 0.0),
                    strict=True,
                ):
                    write_taught(file, collect_actions(policy.parts, labeller, seeds, explore))
            return {}

        step = "-".join(part for part in ("teach", self.place.change) if part)
        Run.open(Path(self.place.run)).step(
            step, digest(self.place.key, len(self.seeds)), work, files
        )
        return read_taught(files[0]), read_taught(files[1])


Train = Callable[
    [Lessons, Path, float, Path | None, Callable[[int, int], None]], Mapping[str, Json]
]
"""Lessons, folder to write, seconds, folder to go on from or None, and progress, to what the run's record keeps."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One player of the roster.

    Attributes:
        load: loads it in a worker process.
        selects: it selects functions of the base, so that it obeys a new rule once the base does.
        train: trains it; None for a player that is not trained, or plays what another one was trained into.
        model: the player whose training it plays; "" for none.
        seconds: its training time.
        again: it is trained again under changed rules, if it does not select.
        share: share of the episodes that it plays (slow players), the first ones.
        live: it asks a live model (see `logicdistill.compare.players.live_seat`), in this process alone, so that one purse pays for all.
    """

    load: Callable[[Place], Seat]
    selects: bool = False
    train: Train | None = None
    model: str = ""
    seconds: float = CAUSAL_SECONDS
    again: bool = True
    share: float = 1.0
    live: bool = False


def _selecting(place: Place) -> Seat:
    """A policy with one of `logicdistill.deciding.parts.STUDENTS`."""
    policy = policy_at(place, make_student(place.player, Path(place.run) / "student"))
    scorer = Scorer(policy, labeller_at(place, policy))
    every = None if place.phase else 1 if place.player.startswith("ld-") else FLOOR_SCORED_EVERY

    def timed(seeds: Sequence[int]) -> list[float]:
        with policy_at(
            place, make_student(place.player, Path(place.run) / "student", keeps=False)
        ) as forgetful:
            return time_decisions(forgetful, seeds)

    return Seat(lambda seeds: scorer.episodes(seeds, every), timed, policy.close)


def _optimum(place: Place) -> Seat:
    policy = policy_at(place, FirstStudent())
    return _seat_player(policy, optimum_player(policy.task))


def _imitating(legal_only: bool) -> Callable[[Place], Seat]:
    def load(place: Place) -> Seat:
        from logicdistill.compare.baselines.imitation import (  # only who plays it needs torch
            ImitationPlayer,
            one_thread,
        )

        policy, encoder = (
            policy_at(place, FirstStudent()),
            Run.open(Path(place.run)).settings.get("encoder", "minilm"),
        )
        folder, coder = place.models / "kd-encoder", coder_for(policy.task.id)
        return _seat_player(
            policy,
            one_thread(
                ImitationPlayer(folder, find_weights(encoder), coder, policy.parts, legal_only)
            ),
        )

    return load


def _writing(place: Place) -> Seat:
    """A player that writes text; what it reads and writes is counted."""
    from logicdistill.compare.baselines.imitation import one_thread
    from logicdistill.compare.baselines.text import load_text_player

    policy = policy_at(place, FirstStudent())
    player = load_text_player(
        place.player, place.models / ROSTER[place.player].model, policy.parts, place.causal
    )

    def records(seeds: Sequence[int]) -> list[dict[str, Json]]:
        player.forget()  # so that a chunk's figures do not depend on the chunks that this process played before
        costs: dict[int, list[float]] = {seed: [0, 0, 0.0] for seed in seeds}

        def counted(positions: Sequence[Position]) -> list[Move]:
            answers = player.answers([position.state for position in positions])
            for position, answer in zip(positions, answers, strict=True):
                cost = costs[position.seed]
                for written in answer.written:
                    for index, value in enumerate(
                        (written.tokens_in, written.tokens_out, written.entropy_bits)
                    ):
                        cost[index] += value
            return [(answer.action, answer.decision) for answer in answers]

        played = play(policy.task, one_thread(counted), seeds)
        return [
            episode_record(episode)
            | {"tokens_in": cost[0], "tokens_out": cost[1], "entropy_bits": round(cost[2], 3)}
            for episode, cost in zip(played, costs.values(), strict=True)
        ]

    def forgetful(positions: Sequence[Position]) -> list[Move]:
        player.forget()
        return player(positions)

    return Seat(
        records, lambda seeds: time_player(policy.task, one_thread(forgetful), seeds), policy.close
    )


def _live(place: Place, teacher: LiveTeacher) -> Seat:
    """Once LD is told a new rule, the large model is told it as well."""
    task = task_at(place)
    return live_seat(
        task, teacher, [task.changes[place.change].rule] if place.phase == "after" else ()
    )


def _needs_teacher(place: Place) -> Seat:
    raise TaskError(
        f"the player {place.player!r} asks a live model; name one with --teacher, such as openai:gpt-5-mini"
    )


def _seat_player(policy: Policy, player: Player) -> Seat:
    def records(seeds: Sequence[int]) -> list[dict[str, Json]]:
        return [episode_record(episode) for episode in play(policy.task, player, seeds)]

    return Seat(records, lambda seeds: time_player(policy.task, player, seeds), policy.close)


def _imitate(
    lessons: Lessons,
    folder: Path,
    seconds: float,
    start: Path | None,
    on_progress: Callable[[int, int], None],
) -> Mapping[str, Json]:
    from logicdistill.compare.baselines.imitation import fit_imitation

    taught, validation = lessons.taught()
    coder, weights = coder_for(task_at(lessons.place).id), find_weights(lessons.encoder)
    return fit_imitation(
        taught, validation, coder, weights, folder, seconds, lessons.seed, on_progress, start
    )


def _select_causal(
    lessons: Lessons,
    folder: Path,
    seconds: float,
    _start: Path | None,
    on_progress: Callable[[int, int], None],
) -> Mapping[str, Json]:
    from logicdistill.training.causal import fit_causal_student

    base, run = BaseFolder(lessons.place.folder / "base").load(), Path(lessons.place.run)
    selecting = [stage.name for stage in base.stages if stage.selects]
    functions = [function for function in base.functions if function.stage in selecting]
    examples = read_examples(run / "examples.jsonl")
    return fit_causal_student(
        base.stages,
        functions,
        examples,
        lessons.place.causal,
        folder,
        seconds,
        lessons.seed,
        on_progress,
    )


def _write_like(kind: str) -> Train:
    def train(
        lessons: Lessons,
        folder: Path,
        seconds: float,
        start: Path | None,
        on_progress: Callable[[int, int], None],
    ) -> Mapping[str, Json]:
        from logicdistill.compare.baselines.text import fit_text_player

        taught, validation = lessons.taught()
        with policy_at(lessons.place, FirstStudent()) as policy:
            labeller, model = labeller_at(lessons.place, policy), lessons.place.causal
            found = fit_text_player(
                kind,
                taught,
                validation,
                policy.parts,
                labeller,
                model,
                folder,
                seconds,
                lessons.seed,
                on_progress,
                start,
            )
        return {**found, "states": len(taught)}

    return train


ROSTER: dict[str, Entry] = {
    "ld-encoder": Entry(_selecting, selects=True),
    "kd-encoder": Entry(
        _imitating(legal_only=False),
        train=_imitate,
        model="kd-encoder",
        share=0.3,
        seconds=ENCODER_SECONDS,
    ),
    "kd-encoder-legal": Entry(_imitating(legal_only=True), model="kd-encoder", share=0.1),
    "ld-causal": Entry(_selecting, True, _select_causal, "ld-causal", share=0.5),
    "kd-causal": Entry(_writing, train=_write_like("kd-causal"), model="kd-causal", share=0.02),
    "kd-causal-legal": Entry(_writing, model="kd-causal", share=0.01),
    "cot-kd": Entry(_writing, train=_write_like("cot-kd"), model="cot-kd", again=False, share=0.01),
    "call-causal": Entry(
        _writing, selects=True, train=_write_like("call-causal"), model="call-causal", share=0.02
    ),
    "zero-shot": Entry(_writing, share=0.01),
    "llm": Entry(_needs_teacher, share=0.02, live=True),
    "conditions": Entry(_selecting, selects=True),
    "first": Entry(_selecting, selects=True),
    "random": Entry(_selecting, selects=True),
    "optimum": Entry(_optimum),
}


def chosen_players(names: str, live: bool = False) -> list[str]:
    """Names from a comma-separated list, in the roster's order, ld-encoder always among them; ``all`` means all that can play.

    Args:
        names: of `ROSTER`.
        live: whether a live model was named, which also plays then.

    Raises:
        UnknownNameError: no such player; the nearest name is offered.
        TaskError: a player asks a live model, and none was named.
    """
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    for unknown in wanted - set(ROSTER) - {"all"}:
        raise UnknownNameError("player", unknown, [*ROSTER, "all"])
    for name in wanted & set(ROSTER):
        if ROSTER[name].live and not live:
            raise TaskError(
                f"the player {name!r} asks a live model; name one with --teacher, such as openai:gpt-5-mini"
            )
    chosen = wanted | {"ld-encoder"} | (set(ROSTER) if "all" in wanted else set())
    return [name for name, entry in ROSTER.items() if (live if entry.live else name in chosen)]


def change_at(task_id: str) -> int:
    """See `CHANGE_AT`."""
    return 0 if task_id.startswith("twentyone") else CHANGE_AT


def phase_folder(run: Path, change: str) -> Path:
    """Folder of what a run learned of a change: the told base, and models trained again."""
    return run / "emergency" / change


def task_at(place: Place, at: int | None = None) -> Task:
    """The task of a place, with its change (if any) in force from a step on; by default in the middle of the episodes."""
    settings = Run.open(Path(place.run)).settings
    name, sizes = str(settings["task"]), settings.get("sizes", {})
    if not place.change:
        return task_of_run(Path(place.run), settings)
    return get_task(
        name, change=place.change, change_at=change_at(name) if at is None else at, **sizes
    )


def labeller_at(place: Place, policy: Policy) -> Labeller:
    """Names the right functions of a policy's base, with the replies of its run."""
    return recorded_labeller(Path(place.run), policy)


def policy_at(place: Place, student: Any) -> Policy:
    """A policy over the base of a place; nothing is written into its folder.

    Raises:
        BaseError: the base was changed meanwhile.
    """
    base = BaseFolder(place.folder / "base").load()
    if base.snapshot != place.snapshot:
        raise BaseError(
            f"{place.folder}: the function base was changed during the comparison ({place.snapshot} -> {base.snapshot}); run again"
        )
    return Policy(task_at(place), base, student)


_kept: dict[Place, Seat] = {}
"""The player that this worker process played last: the next chunk is mostly its as well."""


def seated(place: Place, teacher: LiveTeacher | None = None) -> Seat:
    """The loaded player of a place; the one before it is closed.

    Args:
        place: see `Place`.
        teacher: who a player that asks a live model asks.
    """
    if place not in _kept:
        leave()
        entry = ROSTER[place.player]
        _kept[place] = (
            _live(place, teacher) if entry.live and teacher is not None else entry.load(place)
        )
    return _kept[place]


def leave() -> None:
    """Close the player that this process keeps."""
    while _kept:
        _kept.popitem()[1].close()


def play_place(
    place: Place, seeds: Sequence[int], teacher: LiveTeacher | None = None
) -> list[dict[str, Json]]:
    """Records of some episodes, one a seed; see `seated`."""
    task = Run.open(Path(place.run)).settings["task"]
    who = {"task": task, "player": place.player, "phase": place.phase, "change": place.change}
    return [{**who, **record, "key": place.key} for record in seated(place, teacher).play(seeds)]


@dataclass(frozen=True, slots=True)
class Seat:
    """A loaded player (an agent of the evaluation, with its model in memory).

    Attributes:
        play: one record an episode, for the given seeds.
        time: milliseconds of single decisions, nothing kept from one to the next.
        close: frees what it holds.
    """

    play: Callable[[Sequence[int]], list[dict[str, Json]]]
    time: Callable[[Sequence[int]], list[float]]
    close: Callable[[], None]


def time_player(task: Task, player: Player, seeds: Sequence[int]) -> list[float]:
    """Milliseconds of a player's single decisions on states met in play, one after the other; the first one is not counted."""
    times: list[float] = []

    def timed(positions: Sequence[Position]) -> list[Move]:
        started = time.perf_counter()
        decided = player(positions)
        times.append(round((time.perf_counter() - started) * 1000, 3))
        return decided

    for seed in seeds:
        play(task, timed, [seed])
        if len(times) > TIMED_DECISIONS or sum(times) > 1000 * TIMED_SECONDS:
            break
    return times[1 : TIMED_DECISIONS + 1]


def live_seat(task: Task, teacher: LiveTeacher, told: Sequence[str]) -> Seat:
    """The large model itself, within the teacher's limits.

    Args:
        task: what is played.
        teacher: who is asked; what it answered before is not asked again.
        told: rules that it is told beside the task's own once they are in force.
    """
    player = LivePlayer(teacher, task, told)
    times: list[float] = []

    def records(seeds: Sequence[int]) -> list[dict[str, Json]]:
        costs = {seed: [0, 0] for seed in seeds}

        def counted(positions: Sequence[Position]) -> list[Move]:
            answers = player.answers([position.state for position in positions])
            for position, answer in zip(positions, answers, strict=True):
                cost = costs[position.seed]
                cost[0], cost[1] = cost[0] + answer.tokens_in, cost[1] + answer.tokens_out
                times.append(answer.milliseconds)
            return [(answer.action, None) for answer in answers]

        played = play(task, counted, seeds)
        return [
            episode_record(episode) | {"tokens_in": cost[0], "tokens_out": cost[1]}
            for episode, cost in zip(played, costs.values(), strict=True)
        ]

    def timed(seeds: Sequence[int]) -> list[float]:
        """As they were when the answers came: a stored answer says nothing of the time."""
        del times[:]
        records(seeds)
        return times[:TIMED_DECISIONS]

    return Seat(records, timed, lambda: None)


class ActionReply(BaseModel):
    """An action as JSON text: one schema for actions of every kind."""

    model_config = ConfigDict(extra="forbid")
    action: str


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What the model answered in a state.

    Attributes:
        action: None where what it wrote is no action at all.
        tokens_in, tokens_out: of the question and the answer.
        milliseconds: from the question to the answer.
    """

    action: Json
    tokens_in: int
    tokens_out: int
    milliseconds: float


class LivePlayer:
    """A `logicdistill.deciding.episodes.Player` that asks a live model with the rules, the state and the form of an action.

    Its first answer counts, usable or not; it is stored, so that a comparison that goes on pays for no state twice.

    Args:
        teacher: who is asked.
        task: what is played.
        told: rules that it is told beside the task's own, as soon as a state's ``notices`` say that something has changed.
    """

    def __init__(self, teacher: LiveTeacher, task: Task, told: Sequence[str] = ()) -> None:
        self._teacher, self._author, self._told = teacher, Author(teacher, task), tuple(told)

    def answers(self, states: Sequence[Mapping[str, Json]]) -> list[LiveAnswer]:
        """One answer a state.

        Raises:
            TeacherError: the model does not answer, or a limit is reached.
        """
        requests = [self._request(state) for state in states]
        found = []
        for request, reply in zip(requests, self._teacher.ask_many(requests), strict=True):
            if isinstance(reply, LogicDistillError):
                raise reply
            usage = (self._teacher.store.get(request) or {}).get("usage", {})
            tokens = usage.get("tokens_in", 0), usage.get("tokens_out", 0)
            found.append(
                LiveAnswer(_action(reply), *tokens, round(1000 * usage.get("seconds", 0.0), 3))
            )
        return found

    def __call__(self, positions: Sequence[Position]) -> list[Move]:
        """See `logicdistill.deciding.episodes.Player`."""
        answers = self.answers([position.state for position in positions])
        return [(answer.action, None) for answer in answers]

    def _request(self, state: Mapping[str, Json]) -> Request:
        task = self._author.task
        texts = {
            "state": json.dumps(state, ensure_ascii=False),
            "form": task.illegal(state, None) or "null",
            "legal": json.dumps(task.fallback(state), ensure_ascii=False),
        }
        told = self._told if state.get("notices") else ()
        return replace(self._author.request("act", ActionReply, texts, told=told), once=True)


def _action(reply: Json) -> Json:
    """The action that a reply is, or None; a bare word is text that was not put in quotes."""
    text = reply.get("action") if isinstance(reply, dict) else None
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
