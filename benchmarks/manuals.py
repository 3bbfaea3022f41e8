"""Generated functions for measurements of size: manuals, views about them, and their vectors.

A manual is a sentence with an action, an object, a product, a circumstance, a channel and a limit.
Two manuals that differ in one of them are near-twins, as functions of a real base are. Product
names follow Zipf's law over a vocabulary that grows with the base, so that rare words stay rare.

Embedding a million texts takes long. So some manuals are embedded, and a linear model of their
parts is fitted. Any other manual's vector is what the model says of its parts plus the residual of
an embedded manual drawn at random, put back on the sphere. `density` compares how near neighbours
are among derived and among embedded vectors.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from logicdistill.types import Function, Manual

Vectors = npt.NDArray[np.float32]

ACTIONS = (
    "cancel", "return", "exchange", "repair", "replace", "track", "refund", "renew", "upgrade",
    "downgrade", "pause", "resume", "insure", "reserve", "reschedule", "transfer", "register",
    "unlock", "block", "reset", "verify", "dispute", "split", "merge", "rename", "export", "import",
    "archive", "restore", "inspect", "calibrate", "ship", "collect", "store", "label", "weigh",
    "audit", "approve", "reject", "escalate", "translate", "publish", "withdraw", "quote", "price",
    "lease", "lend", "install", "remove", "clean", "test", "tune",
)  # fmt: skip
OBJECTS = (
    "order", "invoice", "parcel", "subscription", "booking", "ticket", "account", "password",
    "card", "loan", "policy", "claim", "licence", "contract", "device", "battery", "screen",
    "engine", "filter", "pump", "sensor", "router", "cable", "printer", "camera", "headset", "room",
    "flight", "seat", "meal", "visa", "passport", "permit", "lease", "meter", "tariff", "budget",
    "payroll", "timesheet", "shift", "report", "dataset", "backup", "certificate", "domain",
    "server", "queue", "alarm", "prescription", "appointment", "sample", "vaccine", "crate",
    "pallet", "container", "forklift", "warehouse", "shelf", "tyre", "brake", "helmet", "jacket",
    "sofa", "lamp", "carpet", "piano",
)  # fmt: skip
CIRCUMSTANCES = (
    "is damaged", "arrived late", "was never delivered", "was charged twice", "has expired",
    "is locked", "is under warranty", "is overdue", "belongs to another person",
    "was bought abroad", "was a gift", "is on hold", "was opened", "is out of stock", "was stolen",
    "is leaking", "makes a strange noise", "shows an error", "does not start", "was paid in cash",
    "was ordered by mistake", "has the wrong size", "has the wrong colour", "is missing a part",
    "was updated last night", "overheats", "is too expensive", "is no longer needed",
    "needs a signature", "crosses a border", "contains liquids", "is fragile",
    "was returned once already", "is shared by a family", "was signed electronically",
    "is being audited", "has a hidden fee", "is registered to a company", "runs on old software",
)  # fmt: skip
CHANNELS = (
    "by telephone", "by email", "in the app", "in a branch", "at the counter", "through a partner",
    "at night", "during a holiday", "from abroad", "on behalf of a child", "for a business",
    "as a guest", "in writing", "at the warehouse", "on the road", "by letter",
)  # fmt: skip
LIMITS = tuple(
    f"within {number} {unit}"
    for number in (2, 3, 5, 7, 10, 14, 21, 30)
    for unit in ("hours", "days", "weeks")
)
OPENINGS = (
    "i need to", "how do i", "please help me", "can you", "the customer wants to", "we have to",
    "is it possible to", "i would like to",
)  # fmt: skip
SLOTS = (ACTIONS, OBJECTS, CIRCUMSTANCES, CHANNELS, LIMITS)
SYLLABLES = tuple(
    a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "il", "or", "ux")
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a manual is made of: an index into each of `SLOTS`, and the product's number."""

    slots: tuple[int, ...]
    product: int

    def words(self) -> tuple[str, ...]:
        return tuple(slot[index] for slot, index in zip(SLOTS, self.slots, strict=True))


def product_name(number: int) -> str:
    """A name of two to four syllables, one for each number."""
    found, rest = [], number + len(SYLLABLES)
    while rest:
        rest, index = divmod(rest, len(SYLLABLES))
        found.append(SYLLABLES[index])
    return "".join(found)


def parts(seed: int = 0) -> Iterator[Parts]:
    """Distinct parts without end; the first n are the same whatever n is."""
    rng, seen = random.Random(seed), set()
    for count in itertools.count(1):
        # Heaps' law: n texts have about n ** 0.6 names; the draw is log-uniform, which is Zipf's.
        product = int((1 + 20 * count**0.6) ** rng.random()) - 1
        made = Parts(tuple(rng.randrange(len(slot)) for slot in SLOTS), product)
        if made not in seen:
            seen.add(made)
            yield made


def function(number: int, made: Parts) -> Function:
    """A function file in short, with its manual."""
    action, thing, circumstance, channel, limit = made.words()
    name = f"{action}_{thing}_{number}"
    about = f"the {product_name(made.product)} {thing} {circumstance}"
    use_when = f"{about} and the customer asks {channel} to {action} it {limit}."
    summary = f"{action.capitalize()} the {thing}."
    return Function(
        name,
        "handle",
        f"def {name}(): ...",
        (),
        Manual(summary, use_when),
        (f"{use_when} {summary}",),
        "benchmark",
    )


def view(made: Parts, rng: random.Random) -> str:
    """What somebody says who means this function; one of its parts is left out."""
    action, thing, circumstance, channel, limit = made.words()
    said = [f"my {product_name(made.product)} {thing}", f"it {circumstance}", channel, limit]
    del said[rng.randrange(1, len(said))]
    return f"{rng.choice(OPENINGS)} {action} {', '.join(said)}"


class Derived:
    """Vectors of manuals from those of some manuals that were embedded.

    Args:
        made: parts of the embedded manuals.
        vectors: their unit vectors, shape [manuals, width].
    """

    def __init__(self, made: Sequence[Parts], vectors: Vectors) -> None:
        known = self._columns(made)
        self._model = np.linalg.lstsq(known, vectors, rcond=None)[0].astype(np.float32)
        self._residuals = vectors - known @ self._model

    def vectors(self, made: Sequence[Parts], seed: int) -> Vectors:
        """Unit vectors, shape [manuals, width]."""
        drawn = np.random.default_rng(seed).integers(len(self._residuals), size=len(made))
        found = self._columns(made) @ self._model + self._residuals[drawn]
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)

    @staticmethod
    def _columns(made: Sequence[Parts]) -> Vectors:
        starts = np.cumsum([0, *(len(slot) for slot in SLOTS)])
        found = np.zeros((len(made), starts[-1] + 1), np.float32)
        for row, item in enumerate(made):
            found[row, starts[:-1] + np.asarray(item.slots)] = 1
        found[:, -1] = 1
        return found


def density(vectors: Vectors, sample: int = 500) -> dict[str, float]:
    """Median cosine of a vector to its nearest and to its tenth nearest neighbour."""
    near = np.sort(vectors[:sample] @ vectors.T, axis=1)
    return {
        "nearest": round(float(np.median(near[:, -2])), 3),
        "tenth": round(float(np.median(near[:, -11])), 3),
    }
