"""Success and selection accuracy against the number of training states, and of training episodes.

    python benchmarks/few_examples.py --run runs/pursuit --out docs/results/few-pursuit.json

Training states are distinct labelled views, in an order drawn at random (`--draws`); those of a
number of episodes are what that many episodes of play show. The function base is whole in every
cell. All cells are trained alike, and scored on unseen seeds. `new_views` are the selections on
views that the cell's training did not show.

KD learns from so many of the teacher's decisions (states with their actions) for as long as the
run's own training took, keeps its best checkpoint on other training seeds, and plays its most
probable legal action. A curve is a function from the number to a record, so another learner joins
by one more entry in `measure`'s ``curves``.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lofo import unseen_questions
from selecting import Cells, Labelled, played, selection, share, student_digest, write_result

from logicdistill.compare.baselines.actions import coder_for
from logicdistill.compare.baselines.imitation import ImitationPlayer, fit_imitation
from logicdistill.compare.baselines.teaching import TeacherStep, Training, collect_actions
from logicdistill.deciding.episodes import play
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.weights import find_weights
from logicdistill.tasks.seeds import evaluation_seeds, validation_seeds
from logicdistill.training.collect import TrainingExample, collect, read_examples
from logicdistill.training.export import fine_tune
from logicdistill.training.logged import recorded_labeller

Curve = Callable[[int], Mapping[str, Any]]
"""Number of examples (or episodes) that are learnt from, to what came of it."""

EPISODES = (0, 1, 2, 5, 10, 30, 100, 300)
KD_STATES = (8, 64, 512, 4096)
VALIDATION_SEEDS = validation_seeds(10)
"""Training seeds on whose states KD's checkpoint is chosen."""


class Distilled:
    """The encoder student, trained on some of a run's examples.

    Args:
        run: the run.
        policy: of the run; its student is not asked.
        questions: labelled questions of unseen states.
        episodes: played to measure success.
        steps: of each training; None takes the recipe's number.
    """

    def __init__(
        self,
        run: Path,
        policy: Policy,
        questions: Sequence[Labelled],
        episodes: int,
        steps: int | None,
    ) -> None:
        self.run, self.policy, self.questions, self.episodes, self.steps = (
            run,
            policy,
            questions,
            episodes,
            steps,
        )
        self.settings = Run.open(run).settings
        self.examples = read_examples(run / "examples.jsonl")

    def by_states(self, draw: int) -> Curve:
        """Learns from the first so many of the run's examples, in the order of this draw."""
        order = random.Random(draw).sample(self.examples, len(self.examples))
        return lambda count: self.learn(order[:count])

    def by_episodes(self, count: int) -> Mapping[str, Any]:
        """Learns from what the first so many training episodes show."""
        return self.learn(
            collect(
                self.policy.parts,
                recorded_labeller(self.run, self.policy.parts, strict=True),
                range(count),
            ).examples
        )

    def learn(self, examples: Sequence[TrainingExample]) -> dict[str, Any]:
        """Train on these examples alone and measure."""
        base = self.policy.base
        functions = [function for function in base.functions if base.stage(function.stage).selects]
        weights, seed = find_weights(self.settings["encoder"]), self.settings["seed"]
        shown = {(example.stage, example.view) for example in examples}
        new = [item for item in self.questions if (item[0].stage.name, item[0].view) not in shown]
        with tempfile.TemporaryDirectory() as folder:
            student = Path(folder) / "student"
            fine_tune(base.stages, functions, examples, weights, student, seed, self.steps, _show)
            trained = self.policy.with_student(EncoderStudent(student))
            found = {
                "states": len(examples),
                **selection(trained, self.questions),
                **played(trained, self.run, self.episodes),
            }
            return found | {
                "new_views": selection(trained, new)["selection"]["all"] if new else {"asked": 0}
            }


class Imitated:
    """The encoder as an imitator of the teacher's actions, trained on some of the run's decisions.

    Args:
        run: the run.
        policy: of the run; its student is not asked.
        episodes: played to measure success.
        seconds: of each training; None takes what the run's own training took.
    """

    def __init__(self, run: Path, policy: Policy, episodes: int, seconds: float | None) -> None:
        self.policy, self.episodes, self.settings = policy, episodes, Run.open(run).settings
        self.seconds = seconds or float(
            json.loads((run / "steps" / "train.json").read_text())["seconds"]
        )
        labeller = recorded_labeller(run, policy.parts)
        self.taught = collect_actions(
            policy.parts, labeller, range(self.settings["train_episodes"])
        )
        self.validation = collect_actions(policy.parts, labeller, VALIDATION_SEEDS, explore=0.0)

    def by_states(self, draw: int) -> Curve:
        """Learns from so many states, the first ones in the order of this draw."""
        order = random.Random(draw).sample(self.taught, len(self.taught))
        return lambda count: self.learn(order[:count])

    def learn(self, steps: Sequence[TeacherStep]) -> dict[str, Any]:
        """Train on these decisions alone and play."""
        task, weights = self.policy.task, find_weights(self.settings["encoder"])
        coder, seeds = (
            coder_for(task.id),
            evaluation_seeds(self.episodes),
        )
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            trained = fit_imitation(
                steps,
                self.validation,
                coder,
                weights,
                Training(place, self.seconds, self.settings["seed"]),
            )
            episodes = play(
                task,
                ImitationPlayer(place, weights, coder, self.policy.parts, legal_only=True),
                seeds,
            )
        won = sum(episode.success for episode in episodes)
        return {
            "states": len(steps),
            "success": share(won, len(episodes)),
            "accuracy": trained["accuracy"],
        }


def _show(step: str, done: int, total: int) -> None:
    print(f"{step}: {done}/{total}", end="\r", flush=True)


def doubling(most: int) -> list[int]:
    """0, 1, 2, 4, ... and ``most``."""
    return (
        [0, *(2**power for power in range(most.bit_length()) if 2**power < most), most]
        if most
        else [0]
    )


def measure(
    curves: Mapping[str, tuple[Sequence[int], Curve]], cells: Cells
) -> list[dict[str, Any]]:
    """Every curve at each of its numbers.

    Args:
        curves: name to the numbers and the learner.
        cells: what is finished already.
    """
    return [
        cells.cell({"curve": name, "count": count}, lambda curve=curve, count=count: curve(count))
        for name, (counts, curve) in curves.items()
        for count in counts
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument(
        "--states",
        type=int,
        nargs="*",
        help="numbers of training states; by default doubling up to all",
    )
    parser.add_argument("--train-episodes", type=int, nargs="*", default=EPISODES)
    parser.add_argument("--draws", type=int, default=1, help="orders of the training states")
    parser.add_argument(
        "--kd-states",
        type=int,
        nargs="*",
        default=KD_STATES,
        help="numbers of states that KD learns from; none: no KD",
    )
    parser.add_argument(
        "--kd-seconds",
        type=float,
        help="of each of KD's trainings; by default as long as the run's own took",
    )
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with Policy.load(options.run, student="first") as policy:
        learner = Distilled(
            options.run,
            policy,
            unseen_questions(policy, options.run, options.episodes),
            options.episodes,
            options.steps,
        )
        states = doubling(len(learner.examples)) if options.states is None else options.states
        curves: dict[str, tuple[Sequence[int], Curve]] = {
            f"ld by states, draw {draw}": (states, learner.by_states(draw))
            for draw in range(options.draws)
        }
        curves["ld by episodes"] = (options.train_episodes, learner.by_episodes)
        if options.kd_states:
            imitated = Imitated(options.run, policy, options.episodes, options.kd_seconds)
            counts = sorted(
                {min(count, len(imitated.taught)) for count in options.kd_states if count}
            )
            curves |= {
                f"kd by states, draw {draw}": (counts, imitated.by_states(draw))
                for draw in range(options.draws)
            }
        rows = measure(
            curves,
            Cells(
                options.out,
                student_digest(options.run),
                options.episodes,
                options.steps,
                options.kd_seconds,
            ),
        )
        write_result(
            options.out,
            {
                "task": policy.task.id,
                "episodes": options.episodes,
                "steps": options.steps,
                "rows": rows,
            },
            {"episodes": options.episodes},
            options.draws,
        )


if __name__ == "__main__":
    main()
