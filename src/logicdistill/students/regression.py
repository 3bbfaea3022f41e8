"""Softmax regression in numpy: the head of the pretrained student."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from logicdistill.students.scoring import Vectors

MEMORY = 10
"""Steps that the quasi-Newton method remembers."""

MOST_STEPS = 200

FLAT_STEPS = 2
"""Steps in a row without a gain to speak of, after which the search ends."""

Loss = Callable[[Vectors], tuple[float, Vectors]]


def fit_softmax(
    rows: Vectors,
    labels: npt.NDArray[np.int64],
    importance: Vectors,
    penalty: float,
    start: Vectors,
    tolerance: float = 1e-4,
) -> Vectors:
    """Weights with the least weighted cross-entropy plus ``penalty / 2`` times their squares.

    Args:
        rows: shape (rows, features).
        labels: the right column of each row.
        importance: weight of each row.
        penalty: of the squared weights.
        start: shape (features, columns); the result does not depend on it but for rounding.
        tolerance: relative gain of a step below which the search ends.

    Returns:
        Shape (features, columns).
    """
    every = np.arange(len(labels))

    def loss(weights: Vectors) -> tuple[float, Vectors]:
        logits = rows @ weights
        logits -= logits.max(axis=1, keepdims=True)
        right = logits[every, labels]
        shares = np.exp(logits, out=logits)
        sums = shares.sum(axis=1)
        value = importance @ (np.log(sums) - right)
        shares /= sums[:, None]
        shares[every, labels] -= 1.0
        shares *= importance[:, None]
        slope = rows.T @ shares + penalty * weights
        return float(value + penalty / 2 * np.vdot(weights, weights)), slope

    return _minimise(loss, start, tolerance)


def _minimise(loss: Loss, point: Vectors, tolerance: float) -> Vectors:
    """L-BFGS with halved steps (Nocedal and Wright, Numerical Optimization, 2006, ch. 7)."""
    value, slope = loss(point)
    flat, moves = 0, list[tuple[Vectors, Vectors, float]]()
    for _ in range(MOST_STEPS):
        direction = slope.copy()
        used = list[float]()
        for move, turn, product in reversed(moves):
            used.append(float(np.vdot(move, direction)) / product)
            direction -= used[-1] * turn
        if moves:
            _, turn, product = moves[-1]
            direction *= product / float(np.vdot(turn, turn))
        else:
            direction /= max(1.0, float(np.abs(slope).sum()))
        for (move, turn, product), share in zip(moves, reversed(used), strict=True):
            direction += (share - float(np.vdot(turn, direction)) / product) * move
        gain, length = float(np.vdot(slope, direction)), 1.0
        while True:
            reached = point - length * direction
            found, new_slope = loss(reached)
            if found <= value - 1e-4 * length * gain or length < 1e-6:
                break
            length /= 2
        move, turn = reached - point, new_slope - slope
        product = float(np.vdot(move, turn))
        if product > 1e-12:
            moves = [*moves, (move, turn, product)][-MEMORY:]
        flat = flat + 1 if value - found <= tolerance * abs(found) else 0
        point, value, slope = reached, found, new_slope
        if flat == FLAT_STEPS:
            break
    return point
