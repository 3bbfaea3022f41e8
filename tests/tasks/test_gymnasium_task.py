from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import Lines, recorded_author
from tests.tasks.lane import PRINTED, PYTHON, Writes, write_lane
from tests.tasks.lane import RULES as LANE_RULES

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Episode, Move, Position, play
from logicdistill.deciding.parts import TOP_K, Parts
from logicdistill.errors import TaskError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.runs import Run
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.gymnasium_task import GymnasiumSettings, GymnasiumTask
from logicdistill.tasks.registry import TASK_FOLDER, get_task
from logicdistill.tasks.schema import check_state
from logicdistill.training.collect import LabelStudent
from logicdistill.training.labelling import Labeller
from logicdistill.writing.base import build_base
from logicdistill.writing.events import Admitted, Event

ENVS = (
    "Acrobot-v1",
    "Blackjack-v1",
    "CartPole-v1",
    "CliffWalking-v1",
    "FrozenLake-v1",
    "MountainCar-v0",
    "Pendulum-v1",
)


def task_of(env: str, **others: object) -> GymnasiumTask:
    rules = ("Do well.",)
    return GymnasiumTask(
        GymnasiumSettings.model_validate(
            {"id": "x-v1", "env": env, "title": env, "steps": 30, **others}
        ),
        rules,
    )


@pytest.mark.parametrize("env", ENVS)
def test_any_environment_with_plain_spaces_keeps_the_contract(env: str) -> None:
    check_task(task_of(env))


@given(env=st.sampled_from(ENVS), seed=st.integers(0, 2**31), steps=st.integers(0, 10))
def test_the_fallback_and_any_action_of_the_space_are_legal_and_states_fit(
    env: str, seed: int, steps: int
) -> None:
    task = task_of(env)
    game = task.make_env()
    observation, _ = game.reset(seed=seed)
    game.action_space.seed(seed)
    for _ in range(steps):
        state = task.state(game, observation)
        assert check_state(task, state) == state
        assert task.illegal(state, task.fallback(state)) is None
        assert game.action_space.contains(task.env_action(state, task.fallback(state)))
        sampled = game.action_space.sample()
        action = sampled.tolist() if getattr(sampled, "shape", ()) != (1,) else float(sampled[0])
        assert task.illegal(state, action) is None
        observation, _, terminated, truncated, _ = game.step(task.env_action(state, action))
        if terminated or truncated:
            break


@given(
    force=st.one_of(
        st.floats(min_value=1.001),
        st.floats(max_value=-1.001),
        st.just(float("nan")),
        st.lists(st.floats(), max_size=2),
    )
)
def test_a_force_out_of_range_is_told_the_range(force: object) -> None:
    task = MOUNTAIN_CAR
    reason = task.illegal({}, force)
    assert reason is not None
    assert "from -1 to 1" in reason or "not one number" in reason


RULES = Path(__file__).parents[2] / "src" / "logicdistill" / "tasks" / "rules"
MOUNTAIN_CAR = GymnasiumTask.from_file(RULES / "mountain-car.md")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"env": "NoSuch-v0"}, "gymnasium cannot make 'NoSuch-v0'"),
        ({"names": ["position"]}, "observes 2 values"),
        ({"names": ["position", "steps_left"]}, "not 'steps_left'"),
        ({"names": ["position", "the speed"]}, "field 'the speed'.*parameter"),
        ({"neutral": 7}, "neutral action is illegal: 7 is not a whole number from 0 to 2"),
        ({"success": "return"}, "needs at_least"),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_one_line(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(TaskError, match=said) as caught:
        task_of(**{"env": "MountainCar-v0", **changes})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["1. No settings.", "+++\nid = \n+++\n1. A.", '+++\nid = "a-v1"\ncolour = 1\n+++\n1. A.'],
)
def test_a_rules_file_that_is_not_understood_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(TaskError) as caught:
        GymnasiumTask.from_text(text, "a.md")
    assert str(caught.value).startswith("a.md: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["at_least", "episodes", "steps"])
def test_true_is_no_number_in_a_rules_file(key: str) -> None:
    text = (RULES / "mountain-car.md").read_text()
    head = "\n".join(line for line in text.split("\n") if not line.startswith(f"{key} ="))
    with pytest.raises(TaskError, match=rf"a\.md: .*{key}.*valid (integer|number)"):
        GymnasiumTask.from_text(head.replace("+++\n", f"+++\n{key} = true\n", 1), "a.md")


def test_return_and_success_follow_the_threshold() -> None:
    for at_least, success in ((30.0, False), (5.0, True)):
        task = task_of("CartPole-v1", success="return", at_least=at_least, steps=None)
        (episode,) = play(task, lambda positions: [(0, None) for _ in positions], [100_000])
        assert (episode.total >= at_least, episode.success) == (success, success)


def labelled(name: str, folder: Path, seeds: range) -> list[Episode]:
    """Episodes of the recorded functions, selected as the teacher would."""
    author = recorded_author(name, folder)
    task = author.task
    events: list[Event] = []
    base, _ = build_base(author, [first_state(task, seed) for seed in range(2)], events.append)
    assert all(isinstance(event, Admitted) for event in events)
    with Sandbox(base.functions) as sandbox:
        student = LabelStudent(Labeller(author, sandbox), 0.0, 0)
        parts = Parts(task, base, FusedRetriever(None), student, sandbox, TOP_K)

        def player(positions: Sequence[Position]) -> list[Move]:
            decisions = decide(parts, [position.state for position in positions])
            return [(decision.action, decision) for decision in decisions]

        return play(task, player, seeds)


@pytest.mark.parametrize(
    ("name", "mean", "count"), [("mountain-car", 93.0, 4), ("pendulum", -230.0, 8)]
)
def test_labelled_selection_solves_it(name: str, mean: float, count: int, tmp_path: Path) -> None:
    episodes = labelled(name, tmp_path, range(100_000, 100_000 + count))
    assert all(episode.success and episode.illegal == 0 for episode in episodes)
    assert sum(episode.total for episode in episodes) / len(episodes) > mean


class Lane(gymnasium.Env[Any, Any]):
    """Gymnasium sorts the keys of a Dict space; the observation has them in another order."""

    def __init__(self) -> None:
        self.observation_space = spaces.Dict(
            {
                "speed": spaces.Discrete(200),
                "lane": spaces.Tuple((spaces.Discrete(4),)),
                "gap": spaces.Box(0, 500, (1,), np.float32),
            }
        )
        self.action_space = spaces.Discrete(3)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        return {"speed": 130, "lane": (2,), "gap": np.array([42.5], np.float32)}, {}


def test_values_stand_under_the_names_of_the_space_whatever_their_order() -> None:
    gymnasium.register("Lane-v0", entry_point=Lane, max_episode_steps=10)
    try:
        task = task_of("Lane-v0", steps=None)
        env = task.make_env()
        state = task.state(env, env.reset(seed=0)[0])
        assert state == {"gap": 42.5, "lane0": 2, "speed": 130, "steps_left": 10}
        assert check_state(task, state) == state
    finally:
        del gymnasium.registry["Lane-v0"]


@pytest.fixture
def lane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A rules file; the module of its environment lies beside it, away from the path."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made").mkdir()
    yield write_lane(tmp_path / "made")
    sys.modules.pop("myenvs", None)
    gymnasium.registry.pop("Lane-v0", None)


def test_a_module_beside_the_rules_file_registers_the_environment(lane: Path) -> None:
    task = get_task(str(lane))
    check_task(task)
    assert (task.id, len(task.rules)) == ("lane-v1", 2)
    assert str(lane.parent.resolve()) == sys.path[-1]  # for worker processes


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("myenvs:", "no_such_module:", "there is no module 'no_such_module'"),
        ("myenvs:", "", "write env = 'MODULE:ID'"),
        ("myenvs:", "broken:", "ValueError: broken on two lines"),
        ("Lane-v0", "Lame-v0", "cannot make 'myenvs:Lame-v0'"),
        ("2. Else", "4. Else", "lane.md:13: rule 4 stands in place 2"),
        ("2. Else", "- Else", "lane.md:13: a bullet is no rule"),
        ("speed.\n", "speed\n- also\n", "(and 1 more: logicdistill check lane.md)"),
    ],
)
def test_what_is_wrong_with_a_rules_file_is_one_line(
    lane: Path, old: str, new: str, said: str
) -> None:
    (lane.parent / "broken.py").write_text("raise ValueError('broken\\non two lines')")
    lane.write_text(LANE_RULES.replace(old, new))
    with pytest.raises(TaskError) as caught:
        get_task(str(lane))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    sys.modules.pop("broken", None)


def test_a_rules_file_is_found_by_name_and_a_folders_own_file_is_not_one(lane: Path) -> None:
    with pytest.raises(TaskError, match=r"no rules file .*lan\.md; did you mean '.*lane\.md'"):
        get_task(str(lane.with_name("lan.md")))
    (lane.parent / "task.toml").write_text("")
    with pytest.raises(TaskError, match="name the folder"):
        get_task(str(lane))


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_rules_file_may_come_from_windows(lane: Path, ends: str) -> None:
    lane.write_bytes(b"\xef\xbb\xbf" + LANE_RULES.replace("\n", ends).encode())
    assert get_task(str(lane)).rules[1] == "Else hold the speed."
    text = "\ufeff" + LANE_RULES.replace("\n", ends)
    assert GymnasiumTask.from_text(text).rules[1] == "Else hold the speed."


def test_a_run_keeps_the_rules_file_and_is_the_policy_that_the_page_shows(
    lane: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = lane.parent / "runs" / "lane"
    pipeline = RunPipeline(folder, RunSettings(str(lane), recording="live:x"), Lines(), Writes())
    pipeline.check_folder()
    assert pipeline.own is not None
    pipeline.own.copy_to(folder / TASK_FOLDER)
    Run.create(folder, pipeline.settings.to_toml())
    base, entries = build_base(pipeline.author, pipeline.samples(), lambda _: None)
    BaseFolder(folder / "base").commit(base, list(entries))
    lane.write_text(LANE_RULES.replace("below 20", "below 25"))
    with pytest.raises(TaskError, match="raise the version in the id"):
        RunPipeline(folder, RunSettings(str(lane), recording="live:x"), Lines()).check_folder()
    lane.write_text(LANE_RULES)
    monkeypatch.chdir(lane.parent)
    exec(PYTHON, {})
    shown = [line for line in capsys.readouterr().out.splitlines() if line]
    assert shown == PRINTED.splitlines()
    lane.unlink()
    with Policy.load(folder, "conditions") as policy:
        assert policy.task.rules[0] == "Brake where the gap is below 20 m."
        assert policy.decide({"gap": 12.5, "steps_left": 3}).action == 0
        assert policy.decide({"gap": 42.5, "steps_left": 3}).action == 1
