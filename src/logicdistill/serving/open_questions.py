"""Questions that a policy was not made for, answered from their options' words alone.

Only where the server was started with ``--open-questions``. No rule and no function stands behind
such an answer, so it is marked in the answer, in a header and in the log.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from logicdistill.policy import Policy
from logicdistill.serving.inputs import text_field
from logicdistill.serving.questions import Answer, Asked, is_none_name
from logicdistill.students.encoder import MODEL_FILE, TOKENIZER_FILE, OnnxEmbedder
from logicdistill.students.options import OptionReader, option_text
from logicdistill.students.pretrained import PretrainedStudent
from logicdistill.students.weights import EncoderOptions, find_weights
from logicdistill.tasks.schema import is_picture
from logicdistill.training.frozen import encoder_model
from logicdistill.types import Json

OPEN = "open"
"""What such an answer is about, beside ``action``, ``stage NAME`` and ``fact NAME``."""

MOST_OPTIONS = 512
"""Options of all open questions of a request, so that a request takes less than a second."""

PACKAGED = "minilm"
"""The encoder where the policy's own is none that is frozen."""


def readers(policies: Mapping[str, Policy]) -> dict[str, OptionReader]:
    """By policy who answers its open questions: its own frozen encoder, or the packaged one.

    Raises:
        MissingExtraError: an encoder is needed and is not installed.
        CorruptError: its files are damaged.
    """
    found, shared = dict[str, OptionReader](), None
    for name, policy in policies.items():
        student = policy.parts.student
        if isinstance(student, PretrainedStudent):
            found[name] = OptionReader(student.embedder, f"encoder of {name}")
        else:
            shared = shared or packaged()
            found[name] = shared
    return found


def packaged() -> OptionReader:
    """Of the packaged encoder; raises as `readers` does."""
    weights = find_weights(PACKAGED)
    model, options = encoder_model(weights, EncoderOptions())
    with tempfile.TemporaryDirectory(prefix="logicdistill-encoder-") as folder:
        file = Path(folder) / MODEL_FILE
        file.write_bytes(model)
        embedder = OnnxEmbedder(
            file,
            weights / TOKENIZER_FILE,
            max_tokens=options.max_tokens or 128,
            prefix=options.prefix or "",
        )
    return OptionReader(embedder, PACKAGED)


class Opener:
    """Answers the open questions of one request.

    Args:
        reader: compares words.
        schema: of the policy's states.
        state: that the questions are about.
    """

    def __init__(
        self, reader: OptionReader, schema: Mapping[str, Json], state: Mapping[str, Json]
    ) -> None:
        self._reader, self._text, self._left = reader, text_of(schema, state), MOST_OPTIONS

    def answer(self, asked: Asked) -> Answer | None:
        """An answer, a refusal that says why not, or None for a question of another kind."""
        if asked.kind != "choice":
            return None
        self._left -= len(asked.options)
        if self._left < 0:
            why = f"the request's open questions offer more than {MOST_OPTIONS} options"
            return Answer(OPEN, f"{why}; ask fewer at a time")
        nones = [at for at, one in enumerate(asked.options) if is_none_name(one)]
        none = nones[0] if len(nones) == 1 else None
        descriptions = asked.descriptions or (None,) * len(asked.options)
        options = [
            option_text(str(one), words)
            for one, words in zip(asked.options, descriptions, strict=True)
        ]
        shares = self._reader.shares(self._text, options, none)
        if shares is None:
            return Answer(OPEN, "the state holds no word that the encoder knows")
        index = max(range(len(shares)), key=lambda at: (shares[at], -at))
        return Answer(OPEN, index=index, shares=shares, confidence=shares[index], by=self.name)

    @property
    def name(self) -> str:
        """Of what reads the words."""
        return self._reader.name


def text_of(schema: Mapping[str, Json], state: Mapping[str, Json]) -> str:
    """What a state says: its only text, or all of its fields with their names."""
    field = text_field(schema)
    if field is not None and isinstance(state.get(field), str):
        return str(state[field])
    seen = [name for name, one in schema["properties"].items() if is_picture(one)]
    told = {name: value for name, value in state.items() if value != {} and name not in seen}
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in told.items())


def record_of(
    request: str | None,
    time: str,
    task: str,
    snapshot: str,
    answered: Sequence[tuple[int, Asked, Answer]],
    *,
    words: bool,
) -> dict[str, Json]:
    """A line of the log: what was answered beside the decision with the same id.

    Args:
        request: the caller's id, which the decision's line has as well.
        time: now.
        task: the policy's.
        snapshot: of the decision.
        answered: places of questions in the request, from 1, with question and answer.
        words: whether options may stand in the log; else their places do. A client may offer what
            a redacted field says.
    """
    return {
        "id": request,
        "time": time,
        "task": task,
        "snapshot": snapshot,
        "open": [
            {
                "question": place,
                "name": asked.name if words else None,
                "choice": asked.options[answer.index] if words else answer.index,
                "confidence": answer.confidence,
                "probabilities": (
                    [[one, share] for one, share in zip(asked.options, answer.shares, strict=True)]
                    if words
                    else list(answer.shares)
                ),
                "by": answer.by,
            }
            for place, asked, answer in answered
        ],
    }
