"""One task of a comparison: its run, the trainings of its players, what is to be played, and its summary."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from logicdistill.compare import rule_changes as emergency
from logicdistill.compare.players import RETRAINED, ROSTER, Lessons, Place
from logicdistill.errors import TaskError
from logicdistill.evaluation.evaluate import has_optimum
from logicdistill.evaluation.metrics import mcnemar
from logicdistill.evaluation.summary import label_floor, summarise_player
from logicdistill.files import digest
from logicdistill.pipeline.settings import Reporter, RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.runs import Run
from logicdistill.seeds import evaluation_seeds
from logicdistill.types import Json

Records = Mapping[int, Mapping[str, Json]]


class TaskComparison:
    """One task of a comparison: its run, its players' trainings, and what is to be played.

    Args:
        folder: the run's folder.
        settings: of the run; ``episodes`` holds for every player that plays its full share.
        reporter: where progress goes.
        players: names in the roster.
        seconds: training time of each player besides ld-encoder; None takes the roster's.
        causal: name or path of the causal model.
        asked: name of the live model that the player ``llm`` asks; "" without one.
    """

    def __init__(
        self,
        folder: Path,
        settings: RunSettings,
        reporter: Reporter,
        players: Sequence[str],
        seconds: float | None,
        causal: str,
        asked: str = "",
    ) -> None:
        self.pipeline = RunPipeline(folder, settings, reporter)
        self.folder, self.settings, self.reporter, self.seconds, self.causal = (
            folder,
            settings,
            reporter,
            seconds,
            causal,
        )
        self.task, self.asked = self.pipeline.task, asked
        self.made_with = folder, settings, list(players), seconds, causal, asked
        self.snapshot = self.made_of = ""
        self.players = [name for name in players if name != "optimum" or has_optimum(self.task)]
        self.trained: dict[str, dict[str, Json]] = {}
        self.notes: dict[str, dict[tuple[str, str], dict[str, Json]]] = {}
        self.places: dict[Place, range] = {}

    def prepare(self) -> None:
        """Write, collect and train what Logic Distillation plays with."""
        self.attach(self.pipeline.prepare().snapshot)

    def attach(self, snapshot: str) -> None:
        """Take the run as `prepare` left it, with the base of this snapshot."""
        student = digest((self.folder / "student" / "student.toml").read_bytes())
        self.snapshot, self.made_of = snapshot, digest(snapshot, self.pipeline.variant, student)

    def train(self, with_changes: bool) -> None:
        """Train the imitators, tell what is to be told, and set ``places`` with their seeds."""
        base = self._base()
        self.trained = {name: self._train(name, base) for name in self.models()}
        for name in self.players:
            self.places[self._place(base, name)] = self._seeds(ROSTER[name].share)
        for change in sorted(self.task.changes) if with_changes else ():
            self._change(change)

    def models(self, change: str = "") -> list[str]:
        """What is trained, or trained again under a change of the rules."""
        names = dict.fromkeys(ROSTER[name].model for name in self.players if ROSTER[name].model)
        return [
            name
            for name in names
            if not change or (ROSTER[name].again and not ROSTER[name].selects)
        ]

    def teach(self, change: str = "") -> None:
        """Collect what imitators learn from, as `train` would; a change's rule is told already."""
        self._lessons(self._told(change)[1] if change else self._base()).taught()

    def train_one(self, model: str, change: str = "") -> None:
        """One training, as `train` would; what it goes on from is trained already."""
        self.trained = {model: self._train(model, self._base())}
        if change:
            self._train(model, self._told(change)[1])

    def _base(self) -> Place:
        return Place(str(self.folder), "", self.snapshot, self.made_of, self.causal)

    def tell(self, change: str) -> None:
        """Tell a change's rule, as `train` would."""
        self._told(change)

    def _told(self, change: str) -> tuple[dict[str, dict[str, Json]], Place]:
        """What telling a change's rule to each player that selects gave, and the place in which imitators learn again."""
        told = {
            name: emergency.tell(self.folder, change, name, self.snapshot)
            for name in self.players
            if name.startswith("ld-")
        }
        snapshot = str(told["ld-encoder"]["snapshot"])
        key = digest(self.made_of, change, snapshot)
        return told, replace(
            self._base(), change=change, phase="retrained", snapshot=snapshot, key=key
        )

    def _change(self, change: str) -> None:
        told, lesson = self._told(change)
        again = {name: self._train(name, lesson) for name in self.models(change)}
        self.notes[change] = {
            (name, "after"): {
                key: told[name][key] for key in ("tell_to_decision_ms", "obeyed", "functions")
            }
            for name in told
        } | {
            (name, "retrained"): {
                "retrain_seconds": training["seconds"],
                "new_decisions": training["states"],
                "accuracy": training["accuracy"],
            }
            for name in self.players
            if (training := again.get(ROSTER[name].model))
        }
        base = replace(self._base(), change=change)
        for name in self.players:
            for place in emergency.phases(name, base, lesson.snapshot):
                model = again.get(ROSTER[name].model) if place.phase == "retrained" else None
                key = digest(change, place.phase, place.snapshot, model)
                self.places[self._place(replace(place, key=key), name)] = self._seeds(
                    ROSTER[name].share * emergency.SHARE
                )

    def _place(self, base: Place, name: str) -> Place:
        made_of = [self.made_of, base.key, name, self.causal, self.trained.get(ROSTER[name].model)]
        return replace(
            base, player=name, key=digest(*made_of, *([self.asked] if ROSTER[name].live else []))
        )

    def _seeds(self, share: float) -> range:
        episodes = self.settings.episodes or self.task.episodes
        return evaluation_seeds(max(1, round(episodes * share)))

    def _train(self, name: str, base: Place) -> dict[str, Json]:
        """The training of one player, or the same again under changed rules from the old checkpoint on."""
        train, seconds = (
            ROSTER[name].train,
            (self.seconds or ROSTER[name].seconds) * (RETRAINED if base.phase else 1.0),
        )
        if train is None:
            raise TaskError(f"{name} has no training that another player could play")
        folder, start = (
            base.folder / "players" / name,
            self.folder / "players" / name if base.phase else None,
        )
        lessons = self._lessons(replace(base, player=name))
        label = "-".join(part for part in ("train", name, base.change) if part)

        def work() -> Mapping[str, Json]:
            found = dict(
                train(
                    lessons,
                    folder,
                    seconds,
                    start,
                    lambda done, total: self.reporter.progress(label, done, total),
                )
            )
            return found | {"trained_seconds": round(seconds, 2)}

        key = digest(
            base.key,
            self.settings.train_episodes,
            self.settings.seed,
            seconds,
            self.causal,
            self.trained.get(name),
        )
        record, skipped = Run.open(self.folder).step(label, key, work, [folder])
        self.reporter.line(
            f"{label:<9} {'unchanged, skipped' if skipped else f'{seconds:.0f} s'}; accuracy: {record['accuracy']}"
        )
        return {
            key: value for key, value in record.items() if key not in ("key", "trained_seconds")
        } | {"seconds": record["trained_seconds"]}

    def _lessons(self, place: Place) -> Lessons:
        return Lessons(
            place, self.settings.train_episodes, self.settings.encoder, self.settings.seed
        )

    def summary(
        self, records: Mapping[Place, Records], times: Mapping[Place, Sequence[float]]
    ) -> dict[str, Json]:
        """The task's entry of ``summary.json``."""
        found: dict[str, Json] = {
            "task": self.task.id,
            "snapshot": self.snapshot,
            "seconds": dict(self.pipeline.seconds),
        }
        main = {place.player: place for place in self.places if not place.change}
        ours, best = (
            records[main["ld-encoder"]],
            records[main["optimum"]] if "optimum" in main else {},
        )
        found["players"] = {
            name: self._row(name, records[place], ours, best, times.get(place, ()))
            for name, place in main.items()
        }
        found["floor"] = label_floor(sorted_by_seed(ours))
        live = {name for name, entry in ROSTER.items() if entry.live}
        names = (
            "all"
            if set(ROSTER) - set(main) <= {"optimum"} | live
            else ",".join(name for name in main if name != "ld-encoder")
        )
        found["command"] = (
            f"logicdistill compare {short(self.task.id)} --players {names}{' --emergency' if self.notes else ''}"
        )
        if live & set(main):
            found["command"] += f" --teacher {self.asked}"
        if self.notes:
            found["emergencies"] = {
                change: self._emergency(change, records, main) for change in self.notes
            }
        return found

    def _row(
        self, name: str, records: Records, ours: Records, best: Records, times: Sequence[float]
    ) -> dict[str, Json]:
        row = summarise_player(sorted_by_seed(records), times)
        pairs = [
            (bool(ours[seed]["success"]), bool(record["success"]))
            for seed, record in records.items()
            if seed in ours
        ]
        row["mcnemar_p"] = None if name == "ld-encoder" else float(f"{mcnemar(pairs):.3g}")
        lost = [
            best[seed]["return"] - record["return"]
            for seed, record in records.items()
            if seed in best
        ]
        if lost:
            row["regret_mean"] = round(statistics.fmean(lost), 6)
        for key in ("tokens_in", "tokens_out", "entropy_bits"):
            values = [record[key] / record["steps"] for record in records.values() if key in record]
            if values:
                row[f"{key}_mean"] = round(statistics.fmean(values), 4)
        if name == "ld-encoder":
            step = json.loads((self.folder / "steps" / "train.json").read_text())
            examples = len((self.folder / "examples.jsonl").read_text().splitlines())
            row["training"] = {
                "seconds": step["seconds"],
                "examples": examples,
                "curve": [],
                "peak_rss_mb": step.get("peak_rss_mb"),
            }
        elif ROSTER[name].model:
            row["training"] = self.trained[ROSTER[name].model]
        return row

    def _emergency(
        self, change: str, records: Mapping[Place, Records], main: Mapping[str, Place]
    ) -> dict[str, Json]:
        played: dict[tuple[str, str], list[Mapping[str, Json]]] = {}
        for name in self.players:
            places = [
                place for place in self.places if (place.player, place.change) == (name, change)
            ]
            for place in places[:1]:  # the same game as the comparison's own until the rules change
                played[name, "before"] = [records[main[name]][seed] for seed in self.places[place]]
            played |= {(name, place.phase): sorted_by_seed(records[place]) for place in places}
        return {
            "rule": self.task.changes[change].rule,
            "rows": emergency.rows(played, self.notes[change]),
        }

    def befores(self, records: Mapping[Place, Records]) -> Iterable[Mapping[str, Json]]:
        """The episodes that a change's phase ``before`` shares with the comparison itself."""
        for place, seeds in self.places.items():
            if place.phase == "during":
                main = next(
                    other
                    for other in self.places
                    if (other.player, other.change) == (place.player, "")
                )
                yield from (
                    {**records[main][seed], "phase": "before", "change": place.change}
                    for seed in seeds
                )


def short(task: str) -> str:
    """A task's name without its version, if it has one."""
    name, _, version = task.rpartition("-v")
    return name if name and version.isdigit() else task


def sorted_by_seed(records: Records) -> list[Mapping[str, Json]]:
    """The episodes in the order of their seeds."""
    return [records[seed] for seed in sorted(records)]
