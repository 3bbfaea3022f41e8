from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import logicdistill
from logicdistill import GymnasiumTask, Policy, RecordTask, distill, register_task
from logicdistill.errors import (
    LogicDistillError,
    TaskError,
    TeacherError,
    UnknownNameError,
)
from logicdistill.protocols import Request
from logicdistill.tasks import registry
from logicdistill.types import Json

CLAIMS = {
    "task.toml": """id = "claims-v1"
title = "Expense claims"
actions = ["pay", "refuse", "ask the manager"]
fallback = "ask the manager"
""",
    "rules.md": """1. A claim without a receipt is refused.
2. A claim of at most 50 euros is paid.
3. All else goes to the manager.
""",
    "states.jsonl": """{"state": {"amount": 20, "receipt": true}, "action": "pay", "split": "train"}
{"state": {"amount": 30, "receipt": false}, "action": "refuse", "split": "test"}
""",
    "stages.toml": """[[stages]]
name = "ruling"
mode = "first"
order = ["refuse_without_receipt", "pay_small_claim", "ask_the_manager"]
""",
}
FUNCTIONS = {
    "refuse_without_receipt": ("receipt: bool", "receipt=False", "not receipt", 1, "refuse"),
    "pay_small_claim": ("amount: float", "amount=12", "amount <= 50", 2, "pay"),
    "ask_the_manager": ("amount: float", "amount=400", "amount > 50", 3, "ask the manager"),
}


def function(name: str, parameter: str, call: str, when: str, rule: int, action: Json) -> str:
    return f'''def {name}({parameter}) -> {type(action).__name__}:
    """{name.replace("_", " ").capitalize()}.

    Use when: the condition holds.
    When: {when}
    Rules: {rule}
    >>> {name}({call})
    {action!r}
    """
    return {action!r}
'''


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    folder = tmp_path / "claims"
    files = {f"functions/ruling/{name}.py": function(name, *of) for name, of in FUNCTIONS.items()}
    for name, text in (CLAIMS | files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_folder_becomes_a_policy_and_a_second_call_skips_what_is_done(
    claims: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    out = tmp_path / "runs" / "claims"
    with distill(str(claims), out, progress=said.append, jobs=1) as policy:
        decision = policy.decide({"amount": 30, "receipt": True})
    assert (decision.action, decision.rules) == ("pay", (2,))
    assert any(line.startswith("admitted ruling/pay_small_claim") for line in said)
    said.clear()
    with distill(RecordTask(claims), out, progress=said.append) as policy:
        assert policy.decide({"amount": 30, "receipt": False}).rules == (1,)
    done = [line.split()[0] for line in said if "unchanged, skipped" in line]
    assert done == ["write", "collect", "evaluate", "validate"]


def test_the_run_lies_where_the_command_line_puts_it(
    claims: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    distill("claims", jobs=1).close()
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""
    distill("claims", progress=True).close()
    assert "unchanged, skipped" in capsys.readouterr().err
    with Policy.load("runs/claims") as policy:
        assert policy.decide({"amount": 80, "receipt": True}).action == "ask the manager"


def test_what_cannot_be_is_told_in_one_line(claims: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    wrong: list[tuple[type[Exception], str, Any, dict[str, Any]]] = [
        (TaskError, "is no folder", tmp_path / "nowhere", {}),
        (UnknownNameError, "did you mean 'pursuit", "pursiut", {}),
        (UnknownNameError, "did you mean 'train_steps'", claims, {"train_step": 3}),
        (LogicDistillError, "name one", claims, {"budget": 3.0}),
        (TaskError, "int is no task: it has no 'id'", 3, {}),
        (TeacherError, "nobody:at-all", claims, {"teacher": "nobody:at-all"}),
    ]
    for kind, says, task, settings in wrong:
        with pytest.raises(kind) as caught:
            distill(task, out, **settings)
        assert says in str(caught.value)
        assert "\n" not in str(caught.value)


class Lane(gymnasium.Env[Any, Any]):
    """Slow down (0) or go on (1) by the gap ahead."""

    observation_space = spaces.Box(0, 100, (1,), np.float32)
    action_space = spaces.Discrete(2)

    def _gap(self) -> Any:
        return np.array([self.np_random.integers(101)], np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        return self._gap(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        return self._gap(), 1.0, True, False, {}


class Scripted:
    """A teacher that knows what to say to each kind of question."""

    name = "scripted"

    def __init__(self, stages: Sequence[Json], files: Sequence[str]) -> None:
        self._stages, self._files = stages, files

    def ask(self, request: Request) -> Json:
        return {"stages": {"stages": self._stages}, "functions": {"files": self._files}}[
            request.kind
        ]


GAPS = Scripted(
    [
        {
            "name": "speed",
            "mode": "guarded",
            "output": "speed",
            "question": "How to go on?",
            "reads": ["gap"],
        }
    ],
    [
        function("slow_down", "gap: float", "gap=3.0", "gap < 20", 1, 0),
        function("go_on", "gap: float", "gap=60.0", "gap >= 20", 2, 1),
    ],
)
LANE_RULES = ("Slow down where the gap is below 20.", "Else go on.")


@pytest.fixture
def lane() -> Iterator[GymnasiumTask]:
    gymnasium.register(id="LogicDistillLane-v0", entry_point=Lane, max_episode_steps=5)
    env = gymnasium.make("LogicDistillLane-v0", disable_env_checker=True)
    yield GymnasiumTask.of(env, LANE_RULES, id="lane-v1", names=["gap"])
    del gymnasium.registry["LogicDistillLane-v0"]
    registry._registered.clear()


def test_an_environment_with_its_rules_becomes_a_policy(
    lane: GymnasiumTask, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"teacher": GAPS, "episodes": 5, "train_episodes": 5}
    with distill(lane, tmp_path / "lane", **settings) as policy:
        decision = policy.decide({"gap": 3.0, "steps_left": 5})
        assert (decision.action, decision.rules) == (0, (1,))
        policy.pack(tmp_path / "lane.policy")
    with Policy.load(tmp_path / "lane.policy") as packed:
        assert packed.decide({"gap": 60.0, "steps_left": 5}).action == 1


def test_a_task_object_of_ones_own_becomes_a_policy_that_other_processes_need_it_for(
    lane: GymnasiumTask, tmp_path: Path
) -> None:
    class Wrapped:
        """Keeps the protocol, and is of no class that the package knows."""

        def __getattr__(self, name: str) -> Any:
            return {"id": "mine-v1"}.get(name) or getattr(lane, name)

    task: Any = Wrapped()
    settings: dict[str, Any] = {"teacher": GAPS, "episodes": 5, "train_episodes": 5}
    with distill(task, tmp_path / "mine", **settings) as policy:
        assert policy.decide({"gap": 3.0, "steps_left": 5}).action == 0
        policy.pack(tmp_path / "mine.policy")
    registry._registered.clear()
    for place in ("mine", "mine.policy"):
        with pytest.raises(TaskError, match="register"):
            Policy.load(tmp_path / place)
        with Policy.load(tmp_path / place, task=task) as policy:
            assert policy.decide({"gap": 60.0, "steps_left": 5}).action == 1


def test_an_environment_alone_has_no_rules(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"GymnasiumTask\.of\(env, rules"):
        distill(Lane(), tmp_path / "lane")  # type: ignore[arg-type]
    with pytest.raises(TaskError, match=r"gymnasium\.register"):
        GymnasiumTask.of(Lane(), LANE_RULES, id="lane-v1")
    with pytest.raises(TaskError, match="setting nmaes"):
        GymnasiumTask.of("CartPole-v1", LANE_RULES, id="cart-v1", nmaes=["x"])


def test_a_registered_task_goes_by_its_name_and_sizes(lane: GymnasiumTask) -> None:
    def make(*, title: int = 0) -> GymnasiumTask:
        return lane

    register_task("lane-v1", make)
    assert logicdistill.get_task("lane") is lane
    with pytest.raises(UnknownNameError, match="did you mean 'title'"):
        logicdistill.get_task("lane", titel=3)
    with pytest.raises(UnknownNameError, match="did you mean 'lane-v1'"):
        logicdistill.get_task("lanes")
    for name, says in (("lane", "carries a version"), ("guess-v1", "built-in")):
        with pytest.raises(TaskError, match=says):
            register_task(name, make)
    register_task("other-v1", make)
    with pytest.raises(TaskError, match="whose id is 'lane-v1'"):
        logicdistill.get_task("other")
    register_task("broken-v1", lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    with pytest.raises(TaskError, match="broken-v1 cannot be made: ZeroDivisionError"):
        logicdistill.get_task("broken")


def test_every_public_name_is_there_sorted_and_documented() -> None:
    names = logicdistill.__all__
    assert names == sorted(names)
    assert set(names) == set(logicdistill._PLACES)
    for name in names:
        assert (getattr(logicdistill, name).__doc__ or "").strip(), name
    assert set(names) <= set(dir(logicdistill))
    with pytest.raises(AttributeError, match="no attribute 'distil'"):
        logicdistill.distil  # noqa: B018
