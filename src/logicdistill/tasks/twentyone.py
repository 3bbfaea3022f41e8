"""``twentyone-v1``: Gymnasium's ``Blackjack-v1``, with its optimum by dynamic programming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

import gymnasium
from gymnasium.envs.toy_text.blackjack import BlackjackEnv, draw_card
from pydantic import BaseModel, ConfigDict, Field

from logicdistill.tasks.checker import check_change
from logicdistill.tasks.gymnasium_task import SuccessWrapper, shipped_text
from logicdistill.tasks.rules import numbered
from logicdistill.types import Change, Json

_CARDS = tuple((value, (4 if value == 10 else 1) / 13) for value in range(1, 11))
"""Card values 1..10 with their probabilities; cards are drawn with replacement."""

ACTIONS = ("stick", "hit")
LIMIT, STANDS = 21, 17
"""Highest sum that does not lose; sum from which the dealer draws no more."""

_RULES = {
    "higher-limit": 'Sums up to notices["limit"], which is more than 21, lose no more, for you and'
    " the dealer, also where an ace is counted.",
    "timid-dealer": 'The dealer stops drawing at notices["dealer_stands"] or more already, which is'
    " less than 17.",
}
CHANGES = {name: Change(name, rule) for name, rule in _RULES.items()}
_ANNOUNCED = {"higher-limit": {"limit": 23}, "timid-dealer": {"dealer_stands": 14}}


class TwentyOneState(BaseModel):
    """What the player sees."""

    model_config = ConfigDict(extra="forbid")
    player_total: int = Field(
        ge=4, description="sum of the player's cards; an ace counts 11 where that does not bust"
    )
    dealer_card: int = Field(ge=1, le=10, description="the dealer's open card; 1 is an ace")
    usable_ace: bool = Field(description="whether an ace of the player counts 11")
    notices: dict[str, Json] = Field({}, description="announcements in force: changes of the rules")


class _ChangedBlackjack(BlackjackEnv):
    """``Blackjack-v1`` (``natural=False, sab=False``) whose limit or dealer changes.

    An ace counts 11 where the sum then stays within the limit in force. A seed's cards are those of
    ``Blackjack-v1``. The arguments are those of `TwentyOne`.
    """

    def __init__(self, change: str, change_at: int) -> None:
        super().__init__(natural=False, sab=False)
        check_change("twentyone-v1", CHANGES, change, change_at)
        self.change, self.change_at, self.draws = change, change_at, 0

    @property
    def notices(self) -> dict[str, int]:
        """The announcements in force."""
        return _ANNOUNCED[self.change] if self.draws >= self.change_at else {}

    def reset(self, seed: int | None = None, options: Any = None) -> Any:
        self.draws = 0
        return super().reset(seed=seed, options=options)

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if action:
            self.player.append(draw_card(self.np_random))  # type: ignore[no-untyped-call]
            bust = self._sum(self.player)[0] > self.notices.get("limit", LIMIT)
            self.draws += 1
            return self._get_obs(), -1.0 if bust else 0.0, bust, False, {}
        limit = self.notices.get("limit", LIMIT)
        while self._sum(self.dealer)[0] < self.notices.get("dealer_stands", STANDS):
            self.dealer.append(draw_card(self.np_random))  # type: ignore[no-untyped-call]
        totals = [self._sum(hand)[0] for hand in (self.player, self.dealer)]
        mine, other = (total if total <= limit else 0 for total in totals)
        return self._get_obs(), float(mine > other) - float(mine < other), True, False, {}

    def _sum(self, hand: list[int]) -> tuple[int, int]:
        ace = int(1 in hand and sum(hand) + 10 <= self.notices.get("limit", LIMIT))
        return sum(hand) + 10 * ace, ace

    def _get_obs(self) -> tuple[int, int, int]:
        total, ace = self._sum(self.player)
        return total, self.dealer[0], ace


@dataclass(frozen=True)
class TwentyOne:
    """Task ``twentyone-v1``: reward 1 win, 0 draw, -1 loss; no doubling, no splitting.

    Attributes:
        change: name of one of ``changes`` that the episodes have, or None.
        change_at: number of the player's draws after which it is in force.
    """

    change: str | None = None
    change_at: int = 0
    id: str = "twentyone-v1"
    title: str = "draw or stand against the dealer (Blackjack-v1)"
    rules: tuple[str, ...] = field(default_factory=lambda: numbered(shipped_text("twentyone")))
    episodes: int = 10_000
    state_schema: ClassVar[Mapping[str, Json]] = TwentyOneState.model_json_schema()
    changes: ClassVar[Mapping[str, Change]] = CHANGES

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """``Blackjack-v1`` as Gymnasium ships it; with a change, the same game with that."""
        if self.change is None:
            plain = gymnasium.make("Blackjack-v1", natural=False, sab=False)
            return SuccessWrapper(plain, at_least=1)
        return SuccessWrapper(_ChangedBlackjack(self.change, self.change_at), at_least=1)

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """The observation, by names."""
        total, dealer, ace = observation
        return {
            "player_total": int(total),
            "dealer_card": int(dealer),
            "usable_ace": bool(ace),
            "notices": dict(getattr(env.unwrapped, "notices", {})),
        }

    def impossible(self, state: Mapping[str, Json]) -> str | None:
        """A sum above the limit in force, or a notice of another form."""
        limit, stands = _in_force(state)
        whole = type(limit) is int and type(stands) is int
        if not whole or not LIMIT <= limit <= 30 or not 4 <= stands <= LIMIT:
            return "notices['limit'] is 21 to 30 and notices['dealer_stands'] 4 to 21"
        total = state["player_total"]
        return None if total <= limit else f"player_total is {total}, allowed is up to {limit}"

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """0 for stick, 1 for hit."""
        return ACTIONS.index(action)

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """An action is 'hit' or 'stick'."""
        known = isinstance(action, str) and action in ACTIONS
        return None if known else f"{action!r} is neither 'hit' nor 'stick'"

    @property
    def action_form(self) -> str:
        """See `logicdistill.protocols.Task`."""
        return '`"hit"` or `"stick"`'

    @property
    def fallback_form(self) -> str:
        """See `logicdistill.protocols.Task`."""
        return '`"stick"`'

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """Stick."""
        return "stick"

    def optimal_action(self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> Json:
        """The action with the higher expected return under the rules in force."""
        total, dealer = state["player_total"], state["dealer_card"]
        rules = (dealer, *_in_force(state))
        hit = hit_value(total, state["usable_ace"], *rules)
        return "hit" if hit > stick_value(total, *rules) else "stick"

    def render(self, state: Mapping[str, Json]) -> str:
        """Both sides in one line."""
        soft = " with an ace that counts 11" if state["usable_ace"] else ""
        dealer = "an ace" if state["dealer_card"] == 1 else f"a {state['dealer_card']}"
        notices = state.get("notices", {})
        news = "".join(f"; {key.replace('_', ' ')}: {value}" for key, value in notices.items())
        return f"you have {state['player_total']}{soft}; the dealer shows {dealer}{news}"


def _in_force(state: Mapping[str, Json]) -> tuple[Json, Json]:
    """Limit, and where the dealer stands."""
    notices = state.get("notices", {})
    return notices.get("limit", LIMIT), notices.get("dealer_stands", STANDS)


def _add(total: int, soft: bool, card: int, limit: int = LIMIT) -> tuple[int, bool]:
    """Sum after a card, and whether it is ``soft``: an ace counts 11, since that does not bust."""
    hard = total - (10 if soft else 0) + card
    soft = (soft or card == 1) and hard + 10 <= limit
    return hard + (10 if soft else 0), soft


@cache
def dealer_outcomes(
    total: int, soft: bool, limit: int = LIMIT, stands: int = STANDS
) -> tuple[tuple[int, float], ...]:
    """Probability of each final sum of the dealer, who draws up to ``stands``; 0 is a bust."""
    if total > limit:
        return ((0, 1.0),)
    if total >= stands:
        return ((total, 1.0),)
    chances: dict[int, float] = {}
    for card, probability in _CARDS:
        for final, chance in dealer_outcomes(*_add(total, soft, card, limit), limit, stands):
            chances[final] = chances.get(final, 0.0) + probability * chance
    return tuple(sorted(chances.items()))


@cache
def stick_value(total: int, dealer_card: int, limit: int = LIMIT, stands: int = STANDS) -> float:
    """Expected return of sticking."""
    finals = dealer_outcomes(*_add(0, False, dealer_card, limit), limit, stands)
    return sum(chance * ((total > final) - (total < final)) for final, chance in finals)


@cache
def hit_value(
    total: int, soft: bool, dealer_card: int, limit: int = LIMIT, stands: int = STANDS
) -> float:
    """Expected return of hitting once and playing optimally afterwards."""
    value = 0.0
    for card, probability in _CARDS:
        new, new_soft = _add(total, soft, card, limit)
        rules = (dealer_card, limit, stands)
        value += probability * (
            -1.0 if new > limit else max(stick_value(new, *rules), hit_value(new, new_soft, *rules))
        )
    return value
