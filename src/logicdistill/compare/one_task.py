"""One task of a comparison: its run, its players' trainings, what is played, and its summary."""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from logicdistill.compare.baselines.teaching import Training, taught_steps
from logicdistill.compare.players import ROSTER
from logicdistill.compare.rule_changes import SHARE, phases, rows, tell
from logicdistill.compare.scenario import Phase, Scenario
from logicdistill.evaluation.evaluate import has_optimum
from logicdistill.evaluation.metrics import mcnemar
from logicdistill.evaluation.summary import label_floor, summarise_player
from logicdistill.files import digest
from logicdistill.pipeline.settings import Reporter, RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.runs import Run
from logicdistill.tasks.seeds import evaluation_seeds
from logicdistill.types import Json

LD = "ld-encoder"
"""The player that every other one is compared with."""

RETRAINING_SHARE = 0.5
"""Share of its training that an imitator gets again when the rules change."""

TOLD = ("tell_to_decision_ms", "obeyed", "functions")
"""What the row of a player says of what `tell` gave."""

Records = Mapping[int, Mapping[str, Json]]
"""Records of episodes by their seeds, in the order of these."""


@dataclass(frozen=True, slots=True)
class Lineup:
    """Who plays in all tasks; ``teacher`` names the live model that ``llm`` asks, or is ""."""

    players: tuple[str, ...]
    train_examples: int | None = None
    causal: str = "smollm2"
    teacher: str = ""


class TaskComparison:
    """One task of a comparison, in its run's folder.

    Attributes:
        settings: of the run; ``episodes`` are those of a player that plays its full share.
        scenarios: what is to be played, with its seeds.
    """

    def __init__(
        self, folder: Path, settings: RunSettings, reporter: Reporter, lineup: Lineup
    ) -> None:
        self.folder, self.settings, self.reporter, self.lineup = folder, settings, reporter, lineup
        self.pipeline = RunPipeline(folder, settings, reporter)
        self.task = self.pipeline.task
        known = has_optimum(self.task)
        self.players = [name for name in lineup.players if known or name != "optimum"]
        self.snapshot = self.made_of = ""
        self.trained: dict[str, dict[str, Json]] = {}
        self.notes: dict[str, dict[tuple[str, Phase], dict[str, Json]]] = {}
        self.scenarios: dict[Scenario, range] = {}
        self._main: dict[str, Scenario] = {}

    def prepare(self) -> None:
        """Write, collect and train what Logic Distillation plays with."""
        self.attach(self.pipeline.prepare().snapshot)

    def attach(self, snapshot: str) -> None:
        """Take the run as `prepare` left it, with the base of this snapshot."""
        made = sorted((self.folder / "student").glob("*.toml"))
        student = digest(*(file.read_bytes() for file in made))
        self.snapshot, self.made_of = snapshot, digest(snapshot, self.pipeline.variant, student)

    def train(self, rule_changes: bool) -> None:
        """Train the imitators, tell the new rules, and set `scenarios`."""
        base = self._base()
        self.trained = {name: self._train(name, base) for name in self.models()}
        for name in self.players:
            self._main[name] = self._scenario(base, name)
            self.scenarios[self._main[name]] = self._seeds(ROSTER[name].share)
        for change in sorted(self.task.changes) if rule_changes else ():
            self._train_again(change)

    def models(self, change: str = "") -> list[str]:
        """The players that are trained, or trained again under a change of the rules."""
        names = dict.fromkeys(ROSTER[name].model for name in self.players if ROSTER[name].model)
        entries = {name: ROSTER[name] for name in names}
        return [name for name, e in entries.items() if not change or (e.again and not e.selects)]

    def teach(self, change: str = "") -> None:
        """Collect what imitators learn from, as `train` would."""
        scenario = self.told(change)[1] if change else self._base()
        taught_steps(scenario, self.settings.train_episodes)

    def train_one(self, model: str, change: str = "") -> None:
        """One training, as `train` would; what it continues from is trained already."""
        self.trained = {model: self._train(model, self._base())}
        if change:
            self._train(model, self.told(change)[1])

    def _base(self) -> Scenario:
        return Scenario(str(self.folder), "", self.snapshot, self.made_of, self.lineup.causal)

    def told(self, change: str) -> tuple[dict[str, dict[str, Json]], Scenario]:
        """What telling a rule gave each of LD's players; the scenario that imitators learn from."""
        ours = [name for name in self.players if ROSTER[name].distilled]
        told = {name: tell(self.folder, change, name, self.snapshot) for name in ours}
        snapshot = str(told[LD]["snapshot"])
        made_of = {"snapshot": snapshot, "key": digest(self.made_of, change, snapshot)}
        return told, replace(self._base(), change=change, phase=Phase.RETRAINED, **made_of)

    def _train_again(self, change: str) -> None:
        told, scenario = self.told(change)
        again = {name: self._train(name, scenario) for name in self.models(change)}
        notes = self.notes[change] = {
            (name, Phase.AFTER): {key: record[key] for key in TOLD} for name, record in told.items()
        }
        base = replace(self._base(), change=change)
        for name in self.players:
            training = again.get(ROSTER[name].model)
            if training:
                figures = {"new_decisions": training["states"], "accuracy": training["accuracy"]}
                notes[name, Phase.RETRAINED] = {"retrain_seconds": training["seconds"], **figures}
            for played in phases(name, base, scenario.snapshot):
                model = training if played.phase is Phase.RETRAINED else None
                key = digest(change, played.phase, played.snapshot, model)
                seeds = self._seeds(ROSTER[name].share * SHARE)
                self.scenarios[self._scenario(replace(played, key=key), name)] = seeds

    def _scenario(self, base: Scenario, name: str) -> Scenario:
        trained = self.trained.get(ROSTER[name].model)
        live = [self.lineup.teacher] if ROSTER[name].live else []
        key = digest(self.made_of, base.key, name, self.lineup.causal, trained, *live)
        return replace(base, player=name, key=key)

    def _seeds(self, share: float) -> range:
        episodes = self.settings.episodes or self.task.episodes
        return evaluation_seeds(max(1, round(episodes * share)))

    def _train(self, name: str, scenario: Scenario) -> dict[str, Json]:
        """Train one player; under changed rules from its checkpoint on."""
        train, again = ROSTER[name].train, scenario.phase is Phase.RETRAINED
        assert train is not None, name
        shown = self.lineup.train_examples or ROSTER[name].shown
        shown = math.ceil(shown * RETRAINING_SHARE) if again else shown
        episodes, seed = self.settings.train_episodes, self.settings.seed
        label = "-".join(part for part in ("train", name, scenario.change) if part)
        folder, start = (at / "players" / name for at in (scenario.folder, self.folder))
        progress = functools.partial(self.reporter.progress, label)
        training = Training(folder, shown, seed, start if again else None, progress)
        settings = episodes, seed, shown, self.lineup.causal

        def work() -> Mapping[str, Json]:
            return train(replace(scenario, player=name), episodes, training)

        key = digest(scenario.key, *settings, self.trained.get(name))
        record, skipped = Run.open(self.folder).step(label, key, work, [folder])
        state = "unchanged, skipped" if skipped else f"{record['seconds']:.0f} s"
        self.reporter.line(f"{label:<9} {state}; accuracy: {record['accuracy']}")
        return {name: value for name, value in record.items() if name != "key"}

    def summary(
        self, records: Mapping[Scenario, Records], times: Mapping[Scenario, Sequence[float]]
    ) -> dict[str, Json]:
        """The task's entry of ``summary.json``."""
        main = self._main
        optimum = records[main["optimum"]] if "optimum" in main else {}
        found: dict[str, Json] = {
            "task": self.task.id,
            "snapshot": self.snapshot,
            "seconds": dict(self.pipeline.seconds),
            "players": {
                name: summarise_player(list(records[played].values()), times.get(played, ()))
                | _beside(records[played], records[main[LD]], optimum)
                | self._training(name)
                for name, played in main.items()
            },
            "floor": label_floor(list(records[main[LD]].values())),
            "command": self._command(list(main)),
        }
        found["players"][LD]["mcnemar_p"] = None
        for change, notes in self.notes.items():
            told = rows(self._by_phase(change, records), notes)
            known = {"rule": self.task.changes[change].rule, "rows": told}
            found.setdefault("rule_changes", {})[change] = known
        return found

    def _command(self, players: Sequence[str]) -> str:
        asking = [name for name in players if ROSTER[name].live]
        left_out = {name for name in set(ROSTER) - set(players) if not ROSTER[name].live}
        names = "all" if left_out <= {"optimum"} else ",".join(n for n in players if n != LD)
        changes = " --rule-changes" if self.notes else ""
        teacher = f" --teacher {self.lineup.teacher}" if asking else ""
        return f"logicdistill compare {short(self.task.id)} --players {names}{changes}{teacher}"

    def _training(self, name: str) -> dict[str, Json]:
        if name == LD:
            step = Run.open(self.folder).record("train")
            examples = len((self.folder / "examples.jsonl").read_text().splitlines())
            figures = {key: step.get(key) for key in ("seconds", "peak_rss_mb")}
            return {"training": {**figures, "examples": examples, "curve": []}}
        return {"training": self.trained[ROSTER[name].model]} if ROSTER[name].model else {}

    def _by_phase(
        self, change: str, records: Mapping[Scenario, Records]
    ) -> dict[tuple[str, Phase], list[Mapping[str, Json]]]:
        """Records of a change; its row ``before`` is the comparison's own episodes."""
        found: dict[tuple[str, Phase], list[Mapping[str, Json]]] = {}
        for played, seeds in self.scenarios.items():
            if played.change == change:
                before = [records[self._main[played.player]][seed] for seed in seeds]
                found.setdefault((played.player, Phase.BEFORE), before)
                found[played.player, played.phase] = list(records[played].values())
        return found

    def befores(self, records: Mapping[Scenario, Records]) -> Iterable[dict[str, Json]]:
        """The comparison's own episodes again, as those of phase ``before`` of each change."""
        for played, seeds in self.scenarios.items():
            if played.phase is Phase.DURING:
                own = records[self._main[played.player]]
                more = {"phase": Phase.BEFORE, "change": played.change}
                yield from ({**own[seed], **more} for seed in seeds)


def _beside(played: Records, ours: Records, best: Records) -> dict[str, Json]:
    """What a row says besides: McNemar's p against `LD`, regret, and tokens a decision."""
    both = [(ours[seed], record) for seed, record in played.items() if seed in ours]
    pairs = [(bool(our["success"]), bool(other["success"])) for our, other in both]
    found: dict[str, Json] = {"mcnemar_p": float(f"{mcnemar(pairs):.3g}")}
    lost = [best[seed]["return"] - row["return"] for seed, row in played.items() if seed in best]
    if lost:
        found["regret_mean"] = round(statistics.fmean(lost), 6)
    for key in ("tokens_in", "tokens_out", "entropy_bits"):
        values = [record[key] / record["steps"] for record in played.values() if key in record]
        if values:
            found[f"{key}_mean"] = round(statistics.fmean(values), 4)
    return found


def short(task: str) -> str:
    """A task's name without its version, if it has one."""
    name, _, version = task.rpartition("-v")
    return name if name and version.isdigit() else task
