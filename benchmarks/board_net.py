"""A small convolution net that reads a pursuit's board as planes and names the joint move.

A residual net of 3 x 3 convolutions; what it found at the three pieces' cells, and the mean over
the board, go through a layer to the 25 joint moves. It learns from the board turned, mirrored and
with the pursuers' numbers swapped, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from joint_moves import AROUND, ground
from numpy.typing import NDArray
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from logicdistill.types import Json

CHANNELS, BLOCKS, HIDDEN = 32, 4, 128
BATCH, RATE, KEPT = 64, 2e-3, 0.995
FAR = 8.0
"""So many steps are 1.0 on a plane."""

WAYS = len(AROUND)


class Planes:
    """States as planes with a wall around them, and where the pieces stand on a plane.

    Args:
        states: with boards of one size.
        steps: whether a plane for each piece says how far each cell is from it.
    """

    def __init__(self, states: Sequence[Mapping[str, Any]], steps: bool) -> None:
        self.width = len(states[0]["board"]) + 2
        shape = len(states), 7 if steps else 4, self.width, self.width
        planes, at = np.zeros(shape, np.float32), np.zeros((len(states), 3), np.int64)
        planes[:, 0] = 1
        for index, state in enumerate(states):
            on = ground(tuple(state["board"]))
            across, down = np.asarray(on.cells).T + 1
            planes[index, 0, down, across] = 0
            for piece, (x, y) in enumerate((*state["pursuers"], state["evader"])):
                planes[index, 1 + piece, y + 1, x + 1] = 1
                at[index, piece] = (y + 1) * self.width + x + 1
                if steps:
                    away = on.steps[on.number[x, y]] / FAR
                    planes[index, 4 + piece, down, across] = away
        self.planes, self.at = torch.from_numpy(planes), torch.from_numpy(at)


class BoardNet(nn.Module):
    """See the module; it maps planes and the pieces' places to logits of the joint moves."""

    def __init__(self, planes: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(planes, CHANNELS, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                *(nn.ReLU(), nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)),
                *(nn.ReLU(), nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)),
            )
            for _ in range(BLOCKS)
        )
        self.last = nn.Sequential(
            nn.Linear(4 * CHANNELS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, WAYS * WAYS)
        )

    def forward(self, planes: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        """Logits of shape (states, 25); see the class."""
        found = self.first(planes)
        for block in self.blocks:
            found = found + block(found)
        cells = found.relu().flatten(2)
        pieces = cells.gather(2, at[:, None].expand(-1, CHANNELS, -1)).flatten(1)
        logits: torch.Tensor = self.last(torch.cat([pieces, cells.mean(2)], dim=1))
        return logits


class Turned:
    """One of a square's eight symmetries: of cells, places and directions.

    Args:
        number: 0 to 7.
        width: of the square.
    """

    def __init__(self, number: int, width: int) -> None:
        cells = np.arange(width * width).reshape(width, width)
        cells = cells.T if number & 1 else cells
        cells = cells[:: -1 if number & 2 else 1, :: -1 if number & 4 else 1]
        self.came_from = torch.from_numpy(cells.flatten())
        self.goes_to = torch.argsort(self.came_from)
        start, ways = width + 1, [x + width * y for x, y in AROUND]
        image = self.goes_to[start]
        self.way = torch.tensor(
            [ways.index(int(self.goes_to[start + way] - image)) for way in ways]
        )


def joint_number(state: Mapping[str, Any], action: Json) -> tuple[int, int]:
    """The directions of the two pursuers' moves, as places in `joint_moves.AROUND`."""
    pairs = zip(state["pursuers"], action, strict=True)
    one, two = (AROUND.index((new[0] - old[0], new[1] - old[1])) for old, new in pairs)
    return one, two


class Fitting:
    """A net while it learns; `net` is the mean of its latest weights.

    Args:
        states, actions: to learn from.
        steps: see `Planes`.
        seed: of the weights and of what is drawn.
    """

    def __init__(
        self,
        states: Sequence[Mapping[str, Any]],
        actions: Sequence[Json],
        steps: bool,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self._drawn = np.random.default_rng(seed)
        self._steps, self._read = steps, Planes(states, steps)
        self._ways = torch.tensor(list(map(joint_number, states, actions)))
        self._turned = [Turned(number, self._read.width) for number in range(8)]
        self._fitted = BoardNet(self._read.planes.shape[1])
        self._rule = torch.optim.AdamW(self._fitted.parameters(), RATE, weight_decay=1e-3)
        self.net = AveragedModel(self._fitted, multi_avg_fn=get_ema_multi_avg_fn(KEPT))

    def learn(self, batches: int) -> None:
        """So many batches of `BATCH` states, each batch in one symmetry."""
        for _ in range(batches):
            chosen = torch.from_numpy(self._drawn.integers(0, len(self._ways), BATCH))
            planes, at, ways = (
                found[chosen] for found in (self._read.planes, self._read.at, self._ways)
            )
            turned = self._turned[int(self._drawn.integers(8))]
            planes = planes.flatten(2)[:, :, turned.came_from].view_as(planes)
            at, ways = turned.goes_to[at], turned.way[ways]
            if self._drawn.random() < 0.5:
                swapped = [0, 2, 1, 3, 5, 4, 6][: planes.shape[1]]
                planes, at, ways = planes[:, swapped], at[:, [1, 0, 2]], ways.flip(1)
            right = ways[:, 0] * WAYS + ways[:, 1]
            loss = nn.functional.cross_entropy(self._fitted(planes, at), right)
            self._rule.zero_grad()
            loss.backward()
            self._rule.step()
            self.net.update_parameters(self._fitted)

    def odds(self, states: Sequence[Mapping[str, Any]]) -> NDArray[np.float32]:
        """Logits of the joint moves, of shape (states, 5, 5)."""
        read = Planes(states, self._steps)
        with torch.inference_mode():
            found = self.net(read.planes, read.at)
        odds: NDArray[np.float32] = found.view(-1, WAYS, WAYS).numpy()
        return odds
