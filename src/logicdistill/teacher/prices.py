"""Dollars a token of a model, from genai-prices or from a price list in TOML."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from logicdistill.errors import StorageError, TaskError
from logicdistill.files import plain_text
from logicdistill.types import Json

_TOKENS = 10_000  # tokens that are priced; a price may depend on their number


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """Dollars a token; ``name`` says where the figures come from."""

    name: str
    token_in: float
    token_out: float

    def dollars(self, tokens_in: float, tokens_out: float) -> float:
        """What so many tokens cost."""
        return tokens_in * self.token_in + tokens_out * self.token_out


def listed_prices(model: str) -> TokenPrices | None:
    """Prices by genai-prices; None for an unknown model, or without the extra ``teacher``."""
    try:
        from genai_prices import Usage, calc_price
        from pydantic_ai.models import parse_model_id
    except ImportError:
        return None
    provider, name = parse_model_id(model)
    try:
        many = Usage(input_tokens=_TOKENS, output_tokens=_TOKENS)
        price = calc_price(many, name, provider_id=provider)
    except LookupError:
        return None
    of_in, of_out = float(price.input_price) / _TOKENS, float(price.output_price) / _TOKENS
    return TokenPrices(f"genai-prices {version('genai-prices')}", of_in, of_out)


class PriceList:
    """A price list in the format of ``logicdistill/report/prices.toml``.

    Raises:
        StorageError: it cannot be read.
        TaskError: it is not TOML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._tables: dict[str, Json] = tomllib.loads(
                plain_text(path.read_text(encoding="utf-8"))
            )
        except OSError as error:
            remedy = "give a price list such as logicdistill/report/prices.toml"
            raise StorageError(f"cannot read {path}: {error.strerror}; {remedy}") from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise TaskError(f"{path}: not TOML: {error}") from None

    def figure(self, table: str, key: str, least: float = 0.0) -> float:
        """A figure of the list.

        Raises:
            TaskError: it is missing, below ``least``, or not a finite number.
        """
        found = self._tables.get(table)
        value: Json = found.get(key) if isinstance(found, dict) else None
        if type(value) not in (int, float) or not least <= value < math.inf:
            allowed = f"give a number of at least {least:g}"
            raise TaskError(f"{self.path}: {table}.{key} is {value!r}; {allowed}")
        return float(value)

    def token_prices(self) -> TokenPrices:
        """Prices of the large model; raises as `figure`."""
        return TokenPrices(
            str(self._tables.get("name", self.path.name)),
            self.figure("large_model", "dollars_per_million_tokens_in") / 1e6,
            self.figure("large_model", "dollars_per_million_tokens_out") / 1e6,
        )
