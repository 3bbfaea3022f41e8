"""OpenAI's decisions and TypeSafe's system one, each with its real clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import openai
import pytest
from langchain_core._api.beta_decorator import LangChainBetaWarning
from openai.lib.decisions_tool_runner import DecisionsToolRunner
from pydantic import BaseModel, Field
from tests.serving.conftest import HEAVY, LIGHT, Serve
from typesafe_sdk import (
    Choice,
    Noul,
    RetryPolicy,
    Score,
    TypeSafeClient,
    TypeSafeNotFoundError,
    TypeSafeUnprocessableEntityError,
)

from logicdistill.policy import Policy

WAY = {
    "type": "choice",
    "name": "action",
    "instructions": "Which way?",
    "choices": [{"value": "freight"}, {"value": "post"}],
}
PREDICATE = {"type": "predicate", "name": "freight", "instructions": "By freight?"}


@pytest.fixture
def api(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as made:
        yield made


@pytest.fixture
def typesafe(address: str) -> Iterator[TypeSafeClient]:
    retry = RetryPolicy(max_retries=0)
    with TypeSafeClient(api_key="none", base_url=address, model="parcels", retry=retry) as made:
        yield made


def asked(api: openai.OpenAI, *questions: Any, given: Any = None) -> Any:
    given = json.dumps(HEAVY) if given is None else given
    return api.decisions.create(model="parcels", input=given, questions=questions)


def test_openai_s_client_gets_every_kind_of_answer(api: openai.OpenAI, parcels: Policy) -> None:
    levels = {"type": "score", "name": "effort", "instructions": "How much?"}
    levels["levels"] = [{"label": "post"}, {"label": "freight"}]
    found = asked(api, WAY, PREDICATE, levels, {**PREDICATE, "name": "rain"})
    choice, predicate, score, refusal = found.answers
    assert (choice.choice, choice.confidence) == ("freight", 1.0)
    assert [(one.value, one.probability) for one in choice.probabilities] == [
        ("freight", 1.0),
        ("post", 0.0),
    ]
    assert (predicate.type, predicate.probability) == ("predicate", 1.0)
    assert (score.score, [one.value for one in score.probabilities]) == (1.0, [0, 1])
    assert (refusal.type, refusal.name) == ("refusal", "rain")
    assert found.usage.total_tokens == 0
    beside = choice.logicdistill
    assert beside["snapshot"] == parcels.base.snapshot
    assert beside["rules"] == {"1": parcels.task.rules[0]}
    assert [one.id for one in api.models.list()] == ["parcels"]
    assert api.models.retrieve("parcels").id == "parcels"


@pytest.mark.parametrize(
    "given",
    [
        json.dumps(LIGHT),
        [{"role": "user", "content": [{"type": "input_json", "data": LIGHT}]}],
        [
            {"role": "user", "content": json.dumps(HEAVY)},
            {"role": "user", "content": json.dumps(LIGHT)},
        ],
        [
            {"role": "user", "content": "Please send it."},
            {"type": "function_call", "call_id": "a", "name": "scale", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "a", "output": json.dumps(LIGHT)},
        ],
    ],
)
def test_the_newest_object_of_the_input_is_the_state(api: openai.OpenAI, given: Any) -> None:
    assert asked(api, WAY, given=given).answers[0].choice == "post"


def test_openai_s_client_raises_its_own_errors(api: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        api.decisions.create(model="parcel", input="{}", questions=[PREDICATE])  # type: ignore[list-item]
    assert missing.value.code == "model_not_found"
    never = {**WAY, "choices": [{"value": "pigeon"}, {"value": "post"}]}
    with pytest.raises(openai.BadRequestError, match='can never be "pigeon"') as wrong:
        asked(api, never)
    assert wrong.value.param == "questions[0].choices"
    picture = {"type": "input_image", "image_url": "data:image/png;base64,"}
    with pytest.raises(openai.BadRequestError, match="picture"):
        asked(api, WAY, given=[{"role": "user", "content": [picture]}])
    with pytest.raises(openai.BadRequestError, match="weight_kg") as state:
        asked(api, WAY, given='{"weight_kg": "much"}')
    assert state.value.param == "input"
    with pytest.raises(openai.BadRequestError, match="holds one of them twice"):
        asked(api, {**WAY, "choices": [{"value": "post"}] * 2})


def test_openai_s_async_client_is_answered(address: str) -> None:
    async def ask() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="none") as api:
            states = [json.dumps(HEAVY), json.dumps(LIGHT)] * 8
            many = [
                api.decisions.create(model="parcels", input=one, questions=[WAY])  # type: ignore[list-item]
                for one in states
            ]
            return [found.answers[0].choice for found in await asyncio.gather(*many)]  # type: ignore[union-attr, misc]

    assert asyncio.run(ask()) == ["freight", "post"] * 8


def test_langchain_s_decisions_are_answered(address: str) -> None:
    from langchain_openai.decisions import Choice as OneOf
    from langchain_openai.decisions import OpenAIDecisions, Predicate

    with pytest.warns(LangChainBetaWarning):
        model = OpenAIDecisions(model="parcels", base_url=f"{address}/v1", api_key="none")
    way = OneOf(instructions="?", choices={"freight": "By road.", "post": None})
    questions = {"way": way, "rain": Predicate(instructions="Does it rain?")}
    found = model.invoke({"input": dict(LIGHT), "questions": questions})
    model._client.close()

    async def ask() -> Any:
        found = await model.ainvoke({"input": dict(HEAVY), "questions": questions})
        await model._async_client.close()
        return found

    again = asyncio.run(ask())
    assert found.choices["way"].choice == "post"
    assert list(found.refusals) == ["rain"]
    assert again.choices["way"].choice == "freight"


class Handling(BaseModel):
    """What an agent is to fill in."""

    action: Literal["freight", "post"] = Field(description="Which way?")
    freight: bool = Field(description="Is it sent by freight?")


class Weather(BaseModel):
    """What no parcels' policy can tell."""

    action: Literal["freight", "post"] = Field(description="Which way?")
    rain: bool = Field(description="Does it rain?")


@pytest.mark.parametrize("form", ["decisions", "systemone"])
def test_pydantic_ai_s_agents_decide_with_a_policy(address: str, form: str) -> None:
    from pydantic_ai import Agent
    from pydantic_ai.exceptions import ContentFilterError, UnexpectedModelBehavior
    from pydantic_ai.models.openai_decisions import OpenAIDecisionsModel
    from pydantic_ai.models.typesafe import TypeSafeModel
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.typesafe import TypeSafeProvider

    async def ask() -> tuple[Any, Any]:
        model: Any
        if form == "decisions":
            api = openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="none")
            model = OpenAIDecisionsModel("parcels", provider=OpenAIProvider(openai_client=api))
        else:
            provider = TypeSafeProvider(api_key="none", base_url=address)
            model = TypeSafeModel("parcels", provider=provider)
        state = json.dumps(HEAVY)
        filled = (await Agent(model, output_type=Handling).run(state)).output
        bare = (await Agent(model, output_type=Literal["freight", "post"]).run(state)).output
        with pytest.raises((ContentFilterError, UnexpectedModelBehavior), match="rain"):
            await Agent(model, output_type=Weather).run(state)
        await (model.client.close() if form == "decisions" else model.client.aclose())
        return filled, bare

    filled, bare = asyncio.run(ask())
    assert filled == Handling(action="freight", freight=True)
    assert bare == "freight"


def test_typesafe_s_client_gets_every_kind_of_answer(
    typesafe: TypeSafeClient, parcels: Policy
) -> None:
    found = typesafe.system_one(
        dict(HEAVY),
        {
            "way": Choice(criteria={"freight": "By road.", "post": None}),
            "freight": Noul(instructions="By freight?"),
            "effort": Score(criteria=["post", "freight"]),
        },
    )
    assert found.choices["way"].probabilities == {"freight": 1.0, "post": 0.0}
    assert found.nouls["freight"].noul == 1.0
    assert found.scores["effort"].score == 1.0
    assert found.scores["effort"].legend == {0: "post", 1: "freight"}
    assert len(found.request_id) == 32
    [model] = typesafe.models.list().models
    assert (model.name, model.description) == ("parcels", parcels.task.title)
    assert model.release_date > "2000"


def test_typesafe_s_client_leaves_out_what_was_refused_and_says_so(
    typesafe: TypeSafeClient, caplog: pytest.LogCaptureFixture
) -> None:
    asked = {"rain": Noul(instructions="Does it rain?"), "post": Noul(instructions="By post?")}
    found = typesafe.system_one(dict(HEAVY), asked)
    assert list(found.answers) == ["post"]
    assert "Ignoring answer 'rain'" in caplog.text


def test_typesafe_s_client_raises_its_own_errors(typesafe: TypeSafeClient) -> None:
    way = {"action": Choice(criteria={"freight": None, "pigeon": None})}
    with pytest.raises(TypeSafeUnprocessableEntityError, match="can never be"):
        typesafe.system_one(dict(HEAVY), way)
    asked = {"post": Noul(instructions="By post?")}
    with pytest.raises(TypeSafeUnprocessableEntityError, match="state: field 'weight_kg'"):
        typesafe.system_one({"weight_kg": "much"}, asked)
    with pytest.raises(TypeSafeNotFoundError, match="no model 'other'"):
        typesafe.system_one(dict(HEAVY), asked, model="other")


class Game:
    """An episode of guess that a runner of OpenAI's plays through the service."""

    def __init__(self, policy: Policy, seed: int) -> None:
        self.task, self.env = policy.task, policy.task.make_env()
        self.seen, _ = self.env.reset(seed=seed)
        self.over, self.won, self.offered = False, False, list[int]()

    @property
    def state(self) -> dict[str, Any]:
        return self.task.state(self.env, self.seen)

    def observe(self) -> str:
        return json.dumps(self.state)

    def candidates(self, _: Any) -> list[Any]:
        done = {"id": "none", "description": "The game is over.", "done": True}
        if self.over:
            return [done]
        # What a client could work out itself: the numbers that are left, some of them.
        self.offered = sorted({*range(1, self.state["n"] + 1)})
        return [
            *(
                {"id": str(one), "description": f"Guess {one}.", "execute": self.guessing(one)}
                for one in self.offered
            ),
            done,
        ]

    def guessing(self, number: int) -> Any:
        def guess() -> str:
            action = self.task.env_action(self.state, number)
            self.seen, _, ended, cut, info = self.env.step(action)
            self.over, self.won = ended or cut, bool(info.get("success"))
            return "guessed"

        return guess


def test_openai_s_tool_runner_plays_a_game_through_a_policy(serve: Serve, quick_run: Path) -> None:
    with Policy.load(quick_run) as policy:
        address, game = serve({"guess": policy}), Game(policy, 2_000_000)
        runner = DecisionsToolRunner(
            observe=game.observe, candidates=game.candidates, verify=lambda _: game.over
        )
        with openai.OpenAI(base_url=f"{address}/v1", api_key="none") as api:
            task: Any = {"model": "guess", "input": "Find the number."}
            result = runner.run(api, task, max_steps=30)
    assert result["status"] == "verified"
    assert result["completed_candidate_ids"]
    assert result["decisions"][0].usage.input_tokens > 0 or game.won


def test_a_state_in_a_text_that_has_a_key_twice_is_refused(client: httpx.Client) -> None:
    state, asked = json.dumps(HEAVY), {"freight": {"type": "noul", "instructions": "By freight?"}}
    for text, status in ((state, 200), (state.replace("{", '{"weight_kg": 1, '), 422)):
        body = {"model": "parcels", "state": text, "questions": asked}
        got = client.post("/v1/systemone", json=body)
        assert got.status_code == status, got.text
    assert "two keys 'weight_kg'; send one of them" in got.text
