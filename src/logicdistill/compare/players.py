"""The players of a comparison: how each is trained and loaded. A new player is a `ROSTER` entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from logicdistill.compare.baselines.actions import coder_for
from logicdistill.compare.baselines.answers import Answer, cost_of
from logicdistill.compare.baselines.live import LivePlayer
from logicdistill.compare.baselines.teaching import Training, taught_steps
from logicdistill.compare.scenario import Phase, Scenario
from logicdistill.deciding.episodes import Move, Player, Position, play
from logicdistill.deciding.students import make_student
from logicdistill.errors import TaskError, UnknownNameError
from logicdistill.evaluation import evaluate
from logicdistill.functions.folder import BaseFolder
from logicdistill.protocols import Task
from logicdistill.runs import Run
from logicdistill.students.floor import FirstStudent
from logicdistill.students.weights import find_weights
from logicdistill.teacher.live import LiveTeacher
from logicdistill.training.collect import read_examples
from logicdistill.types import Json

ENCODER_SHOWN = 20_000
"""Examples that kd-encoder is shown in training: about three minutes of one core."""

CAUSAL_SHOWN = 500
"""Examples that every player with the causal model is shown in training: one to two minutes."""


class LoadedPlayer:
    """A player with its model in memory; ``close`` frees what it holds."""

    def __init__(
        self, task: Task, player: Player, close: Callable[[], None] = lambda: None
    ) -> None:
        self.task, self.player, self.close = task, player, close

    def play(self, seeds: Sequence[int]) -> list[dict[str, Json]]:
        """One record an episode."""
        return [evaluate.episode_record(episode) for episode in play(self.task, self.player, seeds)]

    def time(self, seeds: Sequence[int]) -> list[float]:
        """Milliseconds of single decisions; nothing is kept from one to the next."""
        return evaluate.time_player(self.task, self.player, seeds)


class _SelectingPlayer(LoadedPlayer):
    """A policy with one of `logicdistill.deciding.students.STUDENTS`; its selections are scored."""

    def __init__(self, scenario: Scenario, _: LiveTeacher | None) -> None:
        self._scenario, self._student = scenario, Path(scenario.run) / "student"
        policy = scenario.policy(make_student(scenario.player, self._student))
        super().__init__(policy.task, policy.player, policy.close)
        self._scorer = evaluate.Scorer(policy, scenario.labeller(policy))
        every = 1 if ROSTER[scenario.player].distilled else evaluate.FLOOR_SCORED_EVERY
        self._scored_every = every if scenario.phase is Phase.NONE else None

    def play(self, seeds: Sequence[int]) -> list[dict[str, Json]]:
        return self._scorer.episodes(seeds, self._scored_every)

    def time(self, seeds: Sequence[int]) -> list[float]:
        student = make_student(self._scenario.player, self._student, keeps=False)
        with self._scenario.policy(student) as policy:
            return evaluate.time_decisions(policy, seeds)


class _AnsweringPlayer(LoadedPlayer):
    """A player that writes its answers, one a state; what it reads and writes is counted."""

    def __init__(
        self,
        task: Task,
        answers: Callable[[list[dict[str, Json]]], list[Answer]],
        forget: Callable[[], None] = lambda: None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(task, self._timed, close)
        self._answers, self._forget = answers, forget
        self._given: dict[int, list[Answer]] = {}

    def play(self, seeds: Sequence[int]) -> list[dict[str, Json]]:
        self._forget()  # figures do not depend on what this process played before
        self._given = {seed: [] for seed in seeds}
        episodes = play(self.task, self._counted, seeds)
        return [
            evaluate.episode_record(found) | cost_of(self._given[found.seed]) for found in episodes
        ]

    def _counted(self, positions: Sequence[Position]) -> list[Move]:
        found = self._answers([position.state for position in positions])
        for position, answer in zip(positions, found, strict=True):
            self._given.setdefault(position.seed, []).append(answer)
        return [(answer.action, answer.decision) for answer in found]

    def _timed(self, positions: Sequence[Position]) -> list[Move]:
        self._forget()
        return self._counted(positions)


class _AskingPlayer(_AnsweringPlayer):
    """A live model: its times are those of the answers, as stored with them."""

    def time(self, seeds: Sequence[int]) -> list[float]:
        self.play(seeds)
        times = [answer.milliseconds for given in self._given.values() for answer in given]
        return times[: evaluate.TIMED_DECISIONS]


Load = Callable[[Scenario, LiveTeacher | None], LoadedPlayer]
Train = Callable[[Scenario, int, Training], Mapping[str, Json]]
"""Trains a player with LD's number of training episodes; returns what the run's record keeps."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One player of the roster.

    Attributes:
        model: the player whose training it plays; "" for none.
        distilled: it is Logic Distillation: a trained student selects.
        selects: it selects functions of the base, so it obeys a new rule once the base does.
        again: it is trained again under changed rules, unless it selects.
        share: share of the episodes that it plays, the first ones; less for slow players.
        live: it asks a live model, in this process alone, so that one budget pays for all.
    """

    load: Load
    train: Train | None = None
    model: str = ""
    distilled: bool = False
    selects: bool = False
    shown: int = CAUSAL_SHOWN
    again: bool = True
    share: float = 1.0
    live: bool = False


def _optimum(scenario: Scenario, _: LiveTeacher | None) -> LoadedPlayer:
    task = scenario.task()
    return LoadedPlayer(task, evaluate.optimum_player(task))


def _imitating(scenario: Scenario, _: LiveTeacher | None) -> LoadedPlayer:
    from logicdistill.compare.baselines.imitation import ImitationPlayer, one_thread

    policy, legal_only = scenario.policy(FirstStudent()), scenario.player == "kd-encoder-legal"
    found = scenario.models / "kd-encoder", _encoder(scenario), coder_for(policy.task.id)
    player = one_thread()(ImitationPlayer(*found, policy.parts, legal_only).__call__)
    return LoadedPlayer(policy.task, player, policy.close)


def _writing(scenario: Scenario, _: LiveTeacher | None) -> LoadedPlayer:
    from logicdistill.compare.baselines.imitation import one_thread
    from logicdistill.compare.baselines.text import load_text_player

    policy = scenario.policy(FirstStudent())
    folder = scenario.models / ROSTER[scenario.player].model
    player = load_text_player(scenario.player, folder, policy.parts, scenario.causal)
    answers = one_thread()(player.answers)
    return _AnsweringPlayer(policy.task, answers, player.forget, policy.close)


def _asking(scenario: Scenario, teacher: LiveTeacher | None) -> LoadedPlayer:
    """Once LD is told a new rule, the large model is told it as well."""
    if teacher is None:
        raise _needs_teacher(scenario.player)
    task = scenario.task()
    told = [task.changes[scenario.change].rule] if scenario.phase is Phase.AFTER else []
    return _AskingPlayer(task, LivePlayer(teacher, task, told).answers)


def _needs_teacher(player: str) -> TaskError:
    hint = "name one with --teacher, such as openai:gpt-5-mini"
    return TaskError(f"the player {player!r} asks a live model; {hint}")


def _encoder(scenario: Scenario) -> Path:
    return find_weights(Run.open(Path(scenario.run)).settings["encoder"])


def _imitate(scenario: Scenario, episodes: int, training: Training) -> Mapping[str, Json]:
    from logicdistill.compare.baselines.imitation import fit_imitation

    coder, weights = coder_for(scenario.task().id), _encoder(scenario)
    return fit_imitation(*taught_steps(scenario, episodes), coder, weights, training)


def _select_causal(scenario: Scenario, _: int, training: Training) -> Mapping[str, Json]:
    from logicdistill.training.causal import fit_causal_student

    base = BaseFolder(scenario.folder / "base").load()
    selecting = [stage.name for stage in base.stages if stage.selects]
    functions = [function for function in base.functions if function.stage in selecting]
    examples = read_examples(Path(scenario.run) / "examples.jsonl")
    how = training.folder, training.shown, training.seed, training.on_progress
    return fit_causal_student(base.stages, functions, examples, scenario.causal, *how)


def _write_like(scenario: Scenario, episodes: int, training: Training) -> Mapping[str, Json]:
    from logicdistill.compare.baselines.text import fit_text_player

    steps, validation = taught_steps(scenario, episodes)
    with scenario.policy(FirstStudent()) as policy:
        asked = policy.parts, scenario.labeller(policy), scenario.causal
        found = fit_text_player(scenario.player, steps, validation, *asked, training)
    return {**found, "states": len(steps)}


ROSTER: dict[str, Entry] = {
    "ld-encoder": Entry(_SelectingPlayer, distilled=True, selects=True),
    "kd-encoder": Entry(_imitating, _imitate, "kd-encoder", share=0.3, shown=ENCODER_SHOWN),
    "kd-encoder-legal": Entry(_imitating, model="kd-encoder", share=0.1),
    "ld-causal": Entry(
        _SelectingPlayer, _select_causal, "ld-causal", distilled=True, selects=True, share=0.5
    ),
    "kd-causal": Entry(_writing, _write_like, "kd-causal", share=0.02),
    "kd-causal-legal": Entry(_writing, model="kd-causal", share=0.01),
    "cot-kd": Entry(_writing, _write_like, "cot-kd", again=False, share=0.01),
    "call-causal": Entry(_writing, _write_like, "call-causal", selects=True, share=0.02),
    "zero-shot": Entry(_writing, share=0.01),
    "llm": Entry(_asking, share=0.02, live=True),
    "conditions": Entry(_SelectingPlayer, selects=True),
    "first": Entry(_SelectingPlayer, selects=True),
    "random": Entry(_SelectingPlayer, selects=True),
    "optimum": Entry(_optimum),
}


def chosen_players(names: str, live: bool = False) -> list[str]:
    """Names from a comma-separated list, in the roster's order.

    ld-encoder always plays, ``all`` is all of them; ``live``: a live model was named, and plays.

    Raises:
        UnknownNameError: no such player; the nearest name is offered.
        TaskError: a player asks a live model, and none was named.
    """
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    for unknown in wanted - set(ROSTER) - {"all"}:
        raise UnknownNameError("player", unknown, [*ROSTER, "all"])
    for name in wanted & set(ROSTER):
        if ROSTER[name].live and not live:
            raise _needs_teacher(name)
    chosen = wanted | {"ld-encoder"} | (set(ROSTER) if "all" in wanted else set())
    return [name for name, entry in ROSTER.items() if (live if entry.live else name in chosen)]


_loaded: dict[Scenario, LoadedPlayer] = {}
"""The player that this process played last: its next chunk is mostly of the same player."""


def load_player(scenario: Scenario, teacher: LiveTeacher | None = None) -> LoadedPlayer:
    """The loaded player of a scenario; the one loaded before is closed."""
    if scenario not in _loaded:
        close_player()
        _loaded[scenario] = ROSTER[scenario.player].load(scenario, teacher)
    return _loaded[scenario]


def close_player() -> None:
    """Close the player that this process has loaded."""
    while _loaded:
        _loaded.popitem()[1].close()


def play_scenario(
    scenario: Scenario, seeds: Sequence[int], teacher: LiveTeacher | None = None
) -> tuple[Scenario, list[dict[str, Json]]]:
    """The scenario, and its records of some episodes, one a seed; see `load_player`."""
    who: dict[str, Json] = {
        "task": Run.open(Path(scenario.run)).settings["task"],
        "player": scenario.player,
        "phase": scenario.phase,
        "change": scenario.change,
    }
    records = load_player(scenario, teacher).play(seeds)
    return scenario, [{**who, **record, "key": scenario.key} for record in records]
