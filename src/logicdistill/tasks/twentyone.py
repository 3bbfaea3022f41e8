"""``twentyone-v1``: Gymnasium's own ``Blackjack-v1``, with its exact optimum by dynamic programming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import gymnasium
from pydantic import BaseModel, ConfigDict, Field

from logicdistill.types import Json

_CARDS = tuple((value, (4 if value == 10 else 1) / 13) for value in range(1, 11))
"""Card values 1..10 with their probabilities; cards are drawn with replacement."""

ACTIONS = ("stick", "hit")


class TwentyOneState(BaseModel):
    """What the player sees."""

    model_config = ConfigDict(extra="forbid")
    player_total: int = Field(ge=4, le=21, description="sum of the player's cards; an ace counts 11 where that does not bust")
    dealer_card: int = Field(ge=1, le=10, description="the dealer's open card; 1 is an ace")
    usable_ace: bool = Field(description="whether an ace of the player counts 11")


class _Success(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Adds ``info["success"]``: the hand was won."""

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(seed=seed, options=options)
        return observation, {**info, "success": False}

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, terminated, truncated, {**info, "success": float(reward) > 0}


@dataclass(frozen=True)
class TwentyOne:
    """Task ``twentyone-v1`` (reward 1 win, 0 draw, -1 loss; no doubling, no splitting, no bonus for a natural)."""

    id: str = "twentyone-v1"
    title: str = "draw or stand against the dealer (Blackjack-v1)"
    rules: tuple[str, ...] = (
        "You play against a dealer; each of you is dealt two cards, and one of the dealer's cards is open.",
        "Cards 2 to 10 count their number, jack, queen and king count 10, an ace counts 11 or, if that would exceed 21, 1.",
        "Cards are drawn with replacement, so every draw has the same chances: 10 comes up four times in thirteen, any other value once.",
        "You may draw further cards one by one ('hit') or stop ('stick').",
        "If your sum exceeds 21 you have lost at once.",
        "When you stick, the dealer draws until its sum is 17 or more.",
        "If the dealer exceeds 21 you win; otherwise the higher sum wins and equal sums are a draw.",
    )
    state_model: type[BaseModel] = TwentyOneState
    episodes: int = 10_000

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """``Blackjack-v1`` as Gymnasium ships it."""
        return _Success(gymnasium.make("Blackjack-v1", natural=False, sab=False))

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """The observation, by names."""
        total, dealer, ace = observation
        return {"player_total": int(total), "dealer_card": int(dealer), "usable_ace": bool(ace)}

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """0 for stick, 1 for hit."""
        return ACTIONS.index(action)

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """An action is 'hit' or 'stick'."""
        return None if isinstance(action, str) and action in ACTIONS else f"{action!r} is neither 'hit' nor 'stick'"

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """Stick."""
        return "stick"

    def optimal_action(self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> Json | None:
        """The action with the higher expected return."""
        total, dealer, ace = state["player_total"], state["dealer_card"], state["usable_ace"]
        return "hit" if hit_value(total, ace, dealer) > stick_value(total, dealer) else "stick"

    def render(self, state: Mapping[str, Json]) -> str:
        """Both sides in one line."""
        soft = " with an ace that counts 11" if state["usable_ace"] else ""
        dealer = "an ace" if state["dealer_card"] == 1 else f"a {state['dealer_card']}"
        return f"you have {state['player_total']}{soft}; the dealer shows {dealer}"


def _add(total: int, soft: bool, card: int) -> tuple[int, bool]:
    """Sum after a card; ``soft`` says whether an ace counts 11 (an ace counts 11 where that does not bust)."""
    hard = total - (10 if soft else 0) + card
    soft = (soft or card == 1) and hard + 10 <= 21
    return hard + (10 if soft else 0), soft


@cache
def dealer_outcomes(total: int, soft: bool) -> tuple[tuple[int, float], ...]:
    """Probability of each final sum of the dealer (0 stands for bust), who draws up to 17."""
    if total > 21:
        return ((0, 1.0),)
    if total >= 17:
        return ((total, 1.0),)
    chances: dict[int, float] = {}
    for card, probability in _CARDS:
        for final, chance in dealer_outcomes(*_add(total, soft, card)):
            chances[final] = chances.get(final, 0.0) + probability * chance
    return tuple(sorted(chances.items()))


@cache
def stick_value(total: int, dealer_card: int) -> float:
    """Expected return of sticking."""
    start = _add(0, False, dealer_card)
    return sum(chance * ((total > final) - (total < final)) for final, chance in dealer_outcomes(*start))


@cache
def hit_value(total: int, soft: bool, dealer_card: int) -> float:
    """Expected return of hitting once and playing optimally afterwards."""
    value = 0.0
    for card, probability in _CARDS:
        new_total, new_soft = _add(total, soft, card)
        best = -1.0 if new_total > 21 else max(stick_value(new_total, dealer_card), hit_value(new_total, new_soft, dealer_card))
        value += probability * best
    return value
