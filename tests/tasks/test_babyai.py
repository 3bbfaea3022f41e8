"""BabyAI's levels as tasks: what a state shows, and what the functions by hand make of it."""

from __future__ import annotations

import contextlib
import io
import itertools
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.errors import MissingExtraError, TaskError, UnknownNameError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.babyai import BABYAI_TASKS, LEVELS, BabyAI
from logicdistill.tasks.babyai_world import ACTIONS, REACH, TILE, VIEW, moved, placed
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.registry import get_task, register_task, task_ids
from logicdistill.types import Json
from logicdistill.writing.by_hand import base_by_hand

COLOURS = ("red", "green", "blue", "purple", "yellow", "grey")


@pytest.fixture(scope="module")
def base() -> FunctionBase:
    found, refused = base_by_hand(BabyAI("goto-local", symbolic=True))
    assert not refused
    assert found is not None
    return found


@pytest.fixture(scope="module")
def sandbox(base: FunctionBase) -> Iterator[Sandbox]:
    with Sandbox(base.functions) as opened:
        yield opened


def player(level: str, base: FunctionBase, sandbox: Sandbox) -> Any:
    parts = Parts(BabyAI(level, True), base, FusedRetriever(None), FirstStudent(), sandbox, 1)

    def moves(positions: Sequence[Position]) -> list[Move]:
        decisions = decide(parts, [position.state for position in positions])
        return [(decision.action, decision) for decision in decisions]

    return moves


def walk(level: str, seed: int, steps: int = 30) -> Iterator[tuple[Any, Any]]:
    """An episode of random moves: the environment and its observation, at each step."""
    env = BabyAI(level).make_env()
    observation, _ = env.reset(seed=seed)
    draws = np.random.default_rng(seed)
    for _ in range(steps):
        yield env, observation
        action = int(draws.choice(len(ACTIONS), p=[0.2, 0.2, 0.4, 0.1, 0.05, 0.05]))
        observation, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            return


@pytest.mark.parametrize("level", ["goto-obj", "pickup-loc"])
def test_a_symbolic_level_keeps_the_contract(level: str) -> None:
    check_task(get_task(f"babyai-{level}-symbolic"))


def test_a_level_from_its_picture_keeps_the_contract() -> None:
    pytest.importorskip("logicdistill.pictures")
    check_task(get_task("babyai-goto-obj"))


def test_names_lead_to_the_levels_and_the_base_install_lists_none() -> None:
    assert get_task("babyai-pickup-loc").id == "babyai-pickup-loc-v1"
    assert get_task("babyai-pickup-loc-symbolic-v1") == BabyAI("pickup-loc", symbolic=True)
    assert not set(task_ids()) & set(BABYAI_TASKS)
    with pytest.raises(UnknownNameError, match="did you mean 'babyai-pickup-loc-v1'"):
        get_task("babyai-pickup-lok")
    with pytest.raises(TaskError, match="is a built-in one"):
        register_task("babyai-goto-obj-v1", BabyAI)


def test_without_minigrid_a_level_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "minigrid", None)
    task = get_task("babyai-goto-obj-symbolic")  # deciding needs no environment
    assert task.rules
    with pytest.raises(MissingExtraError, match=r"pip install 'logicdistill\[babyai\]'"):
        task.make_env()


def test_naming_a_level_imports_no_minigrid() -> None:
    code = (
        "import sys; from logicdistill.tasks.registry import get_task;"
        "get_task('babyai-goto-obj-symbolic').by_hand; print('minigrid' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "False\n", result.stderr


def test_an_environment_prints_nothing() -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for seed in range(20):
            BabyAI("pickup-loc", True).make_env().reset(seed=seed)
    assert said.getvalue() == ""


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_what_is_in_view_stands_in_the_map_where_the_environment_has_it(level: str) -> None:
    """Held to the whole grid, by directions that the package's own code computes."""
    for env, _ in walk(level, seed=5):
        grid, agent = env.unwrapped.grid, env.unwrapped
        shown = env.cells()["kinds"]
        _, visible = agent.gen_obs_grid()
        for column, row in itertools.product(range(VIEW), range(VIEW)):
            ahead, right = VIEW - 1 - row, column - VIEW // 2
            if (ahead, right) == (0, 0) or not visible[column, row]:
                continue
            x, y = np.array(agent.agent_pos) + ahead * agent.dir_vec + right * agent.right_vec
            thing = grid.get(int(x), int(y))
            kind = shown[REACH - ahead][REACH + right]
            assert kind.startswith("empty" if thing is None else thing.type)


@pytest.mark.parametrize("level", ["pickup-loc", "unlock-local"])
def test_the_map_remembers_what_it_saw_and_nothing_else(level: str) -> None:
    for seed in range(3):
        seen: set[tuple[int, int]] = set()
        for env, observation in walk(level, seed):
            image = observation["image"]
            for column, row in itertools.product(range(VIEW), range(VIEW)):
                if image[column, row, 0]:
                    seen.add(placed(env.pose, VIEW - 1 - row, column - VIEW // 2))
            kinds = env.cells()["kinds"]
            for back, right in itertools.product(range(-REACH, REACH + 1), repeat=2):
                if (back, right) != (0, 0) and kinds[REACH + back][REACH + right] != "unseen":
                    assert placed(env.pose, -back, right) in seen


def test_the_pose_is_where_the_agent_is_and_needs_only_its_own_moves() -> None:
    for seed in range(5):
        first: Any = None
        for env, _ in walk("unlock-local", seed, steps=60):
            agent = env.unwrapped
            if first is None:
                first = (*agent.agent_pos, agent.agent_dir, agent.dir_vec, agent.right_vec)
            x, y, heading, ahead, right = first
            offset = np.array(agent.agent_pos) - (x, y)
            assert env.pose == {
                "ahead": int(offset @ ahead),
                "right": int(offset @ right),
                "turned": (agent.agent_dir - heading) % 4 * 90,
            }
            pose = {"ahead": 0, "right": 0, "turned": 0}
            for move in env.moves:
                pose = moved(pose, move)
            assert pose == env.pose


def test_a_step_into_something_is_kept_as_blocked() -> None:
    env = BabyAI("goto-obj", True).make_env()
    env.reset(seed=0)
    for _ in range(10):
        env.step(ACTIONS.index("forward"))
    assert env.moves[-1] == "blocked"
    assert env.moves.count("forward") == env.pose["ahead"]


def test_a_state_whose_moves_lead_elsewhere_is_impossible() -> None:
    task = BabyAI("goto-obj", True)
    env = task.make_env()
    state = task.state(env, env.reset(seed=0)[0])
    assert task.impossible(state) is None
    wrong = {**state, "moves": ["right"]}
    assert task.impossible(wrong) == "the moves lead to {'ahead': 0, 'right': 0, 'turned': 90}"


@pytest.mark.parametrize("level", ["pickup-loc", "unlock-local"])
def test_the_view_is_the_package_s_own_picture_and_the_map_is_made_of_its_tiles(level: str) -> None:
    from minigrid.wrappers import RGBImgPartialObsWrapper

    for env, observation in walk(level, seed=2):
        frame = RGBImgPartialObsWrapper(env.env, TILE).observation(observation)["image"]
        assert np.array_equal(env.frame(), frame)
        picture = env.picture()
        assert picture.shape == ((2 * REACH + 1) * TILE, (2 * REACH + 1) * TILE, 3)
        for column, row in itertools.product(range(VIEW), range(VIEW)):
            if observation["image"][column, row, 0] or (column, row) == (VIEW // 2, VIEW - 1):
                top = (REACH - (VIEW - 1) + row) * TILE
                left = (REACH - VIEW // 2 + column) * TILE
                tile = frame[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                assert np.array_equal(picture[top : top + TILE, left : left + TILE], tile)


def test_equal_tiles_have_equal_labels() -> None:
    labels: dict[bytes, set[tuple[str, str]]] = defaultdict(set)
    for level in ("pickup-loc", "unlock-local"):
        for env, _ in itertools.chain.from_iterable(walk(level, seed) for seed in range(3)):
            picture, cells = env.picture(), env.cells()
            for row, column in itertools.product(range(2 * REACH + 1), repeat=2):
                tile = picture[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                labels[tile.tobytes()].add(
                    (cells["kinds"][row][column], cells["colours"][row][column])
                )
    assert len(labels) > 15
    assert all(len(named) == 1 for named in labels.values())


def missions() -> Iterator[tuple[str, dict[str, str]]]:
    """Every sentence that the levels' grammar has, and its meaning."""
    places = {
        "": "anywhere",
        " in front of you": "front",
        " behind you": "behind",
        " on your left": "left",
        " on your right": "right",
    }
    verbs = {"go to": ["key", "ball", "box"], "pick up": ["key", "ball", "box"], "open": ["door"]}
    for verb, kinds in verbs.items():
        parts = itertools.product(kinds, ("any", *COLOURS), ("the", "a"), places.items())
        for kind, colour, article, (words, place) in parts:
            named = kind if colour == "any" else f"{colour} {kind}"
            meaning = {"verb": verb, "kind": kind, "colour": colour, "place": place}
            yield f"{verb} {article} {named}{words}", meaning


def test_every_mission_of_the_grammar_is_read(base: FunctionBase, sandbox: Sandbox) -> None:
    read, all_of_them = base.function("read_mission"), list(missions())
    outcomes = sandbox.call_many(read, [{"mission": mission} for mission, _ in all_of_them])
    for outcome, (mission, meaning) in zip(outcomes, all_of_them, strict=True):
        assert outcome.value == meaning, mission


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_a_level_s_missions_are_sentences_of_the_grammar(level: str) -> None:
    env, known = BabyAI(level, True).make_env(), dict(missions())
    for seed in range(60):
        assert env.reset(seed=seed)[0]["mission"] in known


@pytest.mark.parametrize(
    "mission",
    [
        "put the red ball next to the box",
        "go to the pink ball",
        "go to the red ball and pick up a key",
        "pick up the ball  on your left",
        "GO TO THE BALL",
        "go to the ball near you",
        "",
    ],
)
def test_a_mission_with_other_words_ends_in_the_fallback_and_says_so(
    mission: str, base: FunctionBase, sandbox: Sandbox
) -> None:
    task = BabyAI("goto-local", True)
    env = task.make_env()
    state = {**task.state(env, env.reset(seed=0)[0]), "mission": mission}
    parts = Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, 1)
    (decision,) = decide(parts, [state])
    assert decision.action == "right"
    assert decision.fallback is not None
    assert "no mission that these rules know" in decision.fallback


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_the_functions_by_hand_win(level: str, base: FunctionBase, sandbox: Sandbox) -> None:
    played = play(BabyAI(level, True), player(level, base, sandbox), range(12))
    assert [episode.seed for episode in played if not episode.success] == []
    assert not any(turn.decision.fallback for e in played for turn in e.turns if turn.decision)


@pytest.mark.parametrize(
    ("carried", "verb", "ahead", "action"),
    [
        ("ball", "pick up", "empty", "drop"),
        ("ball", "pick up", "wall", "right"),
        ("box", "open", "empty", "drop"),
    ],
)
def test_what_the_mission_does_not_need_is_laid_down(
    carried: str, verb: str, ahead: str, action: str, base: FunctionBase, sandbox: Sandbox
) -> None:
    nouns = {"pick up": "key", "open": "door"}
    state = room({(1, 0): ahead, (0, 0): carried}, f"{verb} the {nouns[verb]}")
    assert decided(state, base, sandbox) == action


def test_a_key_is_fetched_before_a_locked_door_and_only_one_of_its_colour(
    base: FunctionBase, sandbox: Sandbox
) -> None:
    door, key = {(3, 0): ("door_locked", "red")}, {(1, 0): ("key", "red")}
    mission = "open the door"
    assert decided(room({**door, **key}, mission), base, sandbox) == "pickup"
    other = {**door, (1, 0): ("key", "blue")}
    assert decided(room(other, mission), base, sandbox) != "pickup"
    carrying = {(1, 0): ("door_locked", "red"), (0, 0): ("key", "red")}
    assert decided(room(carrying, mission), base, sandbox) == "toggle"
    wrong = {(1, 0): ("door_locked", "red"), (0, 0): ("key", "blue")}
    assert decided(room(wrong, mission), base, sandbox) != "toggle"


@pytest.mark.parametrize(
    ("turned", "place", "action"),
    [
        (0, "in front of you", "pickup"),
        (180, "behind you", "pickup"),
        (90, "on your right", "pickup"),
    ],
)
def test_a_place_is_where_it_was_from_the_start(
    turned: int, place: str, action: str, base: FunctionBase, sandbox: Sandbox
) -> None:
    turns = ["right"] * (turned // 90)
    state = room({(1, 0): ("ball", "red")}, f"pick up the ball {place}", turns)
    assert decided(state, base, sandbox) == action
    elsewhere = room({(1, 0): ("ball", "red")}, "pick up the ball on your left", turns)
    assert decided(elsewhere, base, sandbox) != "pickup"


def room(
    things: Mapping[tuple[int, int], Any], mission: str, moves: Sequence[str] = ()
) -> dict[str, Json]:
    """A state in a seen room of 13 by 13 cells; things by cells ahead and to the right."""
    side = 2 * REACH + 1
    kinds = [["empty"] * side for _ in range(side)]
    colours = [["none"] * side for _ in range(side)]
    kinds[REACH][REACH] = "agent"
    for (ahead, right), thing in things.items():
        kind, colour = thing if isinstance(thing, tuple) else (thing, "grey")
        kinds[REACH - ahead][REACH + right] = kind
        colours[REACH - ahead][REACH + right] = colour
    pose = {"ahead": 0, "right": 0, "turned": 0}
    for move in moves:
        pose = moved(pose, move)
    memory: dict[str, Json] = {"moves": [*moves], "pose": pose, "notices": {}}
    return {"kinds": kinds, "colours": colours, "mission": mission, **memory}


def decided(state: Mapping[str, Json], base: FunctionBase, sandbox: Sandbox) -> Json:
    task = BabyAI("pickup-loc", True)
    parts = Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, 1)
    (decision,) = decide(parts, [dict(state)])
    assert decision.fallback is None
    return decision.action
