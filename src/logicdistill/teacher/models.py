"""Language models by pydantic-ai's names, or behind any OpenAI-compatible URL: one question, one answer (extra ``teacher``)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal
from urllib.parse import urlsplit

from genai_prices import Usage as Priced
from genai_prices import calc_price
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRequestRejectedError,
    UnexpectedModelBehavior,
    UserError,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, infer_model, parse_model_id
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from logicdistill.errors import TeacherError, one_line
from logicdistill.teacher.limits import TokenPrices
from logicdistill.types import Json

KEY_VARIABLE = "LOGICDISTILL_API_KEY"
"""Key for a server named by its URL. A provider's own key, such as OPENAI_API_KEY, is never sent to another host."""

SAMPLE = 10_000
"""Tokens for which a price list is asked; a price may depend on the number."""

Form = Literal["schema", "object", "json", "text"]
"""How an answer's form is asked for, strictest first, since servers differ; ``object`` is "json_object" with the schema beside it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote.

    Attributes:
        text: of it.
        tokens_in, tokens_out: as the server counts them; 0 where it does not.
        cut: it ended at the limit of its length.
    """

    text: str
    tokens_in: int
    tokens_out: int
    cut: bool


class NoAnswerError(Exception):
    """Nothing came that could be an answer; asking again may help.

    Args:
        message: one line.
        wait: seconds that the server asks to wait, if it does.
        read: whether the question may have been read, and then is paid for.
        sent: whether there was somebody to send it to.
    """

    def __init__(
        self, message: str, wait: float | None = None, read: bool = True, sent: bool = True
    ) -> None:
        super().__init__(message)
        self.wait, self.read, self.sent = wait, read, sent


def list_prices(name: str) -> TokenPrices | None:
    """Dollars a token by the price list that comes with pydantic-ai; None where it does not know the model.

    Args:
        name: pydantic-ai's, such as ``openai:gpt-5-mini``.
    """
    provider, model = parse_model_id(name)
    try:
        of_in, of_out = (
            float(
                calc_price(
                    Priced(input_tokens=into, output_tokens=out), model, provider_id=provider
                ).total_price
            )
            / SAMPLE
            for into, out in ((SAMPLE, 0), (0, SAMPLE))
        )
    except LookupError:
        return None
    return TokenPrices(f"genai-prices {version('genai-prices')}", of_in, of_out)


class ChatModel:
    """A model that answers in a JSON schema.

    Args:
        name: pydantic-ai's name, such as ``openai:gpt-5-mini``; with a URL, the model's name at that server.
        base_url: of an OpenAI-compatible server, such as ``http://localhost:8000/v1``.
        timeout: seconds until a request is given up.

    Raises:
        TeacherError: no such model, no key in the environment, or no usable URL.
        MissingExtraError: the provider's own library is not installed.
    """

    def __init__(self, name: str, base_url: str | None, timeout: float) -> None:
        self._timeout, self._base_url = timeout, base_url
        if base_url is None:
            self._model = _known_model(name)
            self._forms: dict[Form, Model] = {
                "schema"
                if self._model.profile.get("supports_json_schema_output")
                else "json": self._model
            }
            return
        key, name = os.environ.get(KEY_VARIABLE) or "none", name.removeprefix("openai:")
        provider = OpenAICompatibleProvider(
            "server", base_url=_checked_url(base_url), api_key=key, profile=_PROFILE
        )
        self._model = OpenAIChatModel(name, provider=provider)
        plain = OpenAIChatModel(
            name,
            provider=provider,
            profile=_PROFILE | OpenAIModelProfile(supports_json_object_output=False),
        )
        self._forms = {
            "schema": self._model,
            "object": self._model,
            "json": self._model,
            "text": plain,
        }

    async def answer(
        self, messages: Sequence[tuple[str, str]], schema: Mapping[str, Json], most: int
    ) -> Answer:
        """Ask once.

        Args:
            messages: role (``system``, ``user`` or ``assistant``) and content.
            schema: of the answer.
            most: tokens of the answer at most.

        Raises:
            NoAnswerError: asking again may help.
            TeacherError: it does not help.
        """
        settings = ModelSettings(
            max_tokens=most, timeout=self._timeout, request_timeout=self._timeout, max_retries=0
        )
        while True:
            form, model = next(iter(self._forms.items()))
            try:
                beside = (
                    {"response_format": {"type": "json_object", "schema": dict(schema)}}
                    if form == "object"
                    else {}
                )
                response = await model_request(
                    *(model, _history(messages)),
                    model_settings=settings | ModelSettings(extra_body=beside),
                    model_request_parameters=_parameters(form, schema),
                )
            except ModelAPIError as error:
                if not self._simpler(form, error):
                    raise self._told(error) from None
                continue
            except UserError as error:
                raise TeacherError(
                    f"{self._model.model_name}: {safe_line(error.message)}"
                ) from None
            except UnexpectedModelBehavior as error:
                raise NoAnswerError(
                    f"the server's answer cannot be read: {safe_line(error.message)}"
                ) from None
            text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
            return Answer(
                text,
                response.usage.input_tokens,
                response.usage.output_tokens,
                response.finish_reason == "length",
            )

    def _simpler(self, form: Form, error: ModelAPIError) -> bool:
        """Whether a server that rejects a form may know a simpler one, which is then used from now on."""
        clear = (ModelAuthenticationError, ModelNotFoundError, ModelContextWindowExceededError)
        status = error.status_code if isinstance(error, ModelHTTPError) else 0
        rejected = status in (400, 422) or (
            status == 500 and "response_format" in _message(error)
        )  # llama.cpp's server says 500
        if not rejected or isinstance(error, clear) or list(self._forms) == [form]:
            return False
        self._forms.pop(form, None)  # by one of several requests under way
        return True

    def _told(self, error: ModelAPIError) -> Exception:
        where = self._base_url or self._model.system
        what = safe_line(_message(error))
        match error:
            case ModelAuthenticationError():
                variable = KEY_VARIABLE if self._base_url else "the provider's variable"
                return TeacherError(
                    f"{where} does not accept the key: {what}; correct {variable} in the environment"
                )
            case ModelNotFoundError():
                return TeacherError(
                    f"{where} has no model {self._model.model_name!r}: {what}; name another one with --teacher"
                )
            case ModelQuotaExceededError():
                return TeacherError(
                    f"{where}: the account has nothing left: {what}; top it up and the same command goes on"
                )
            case ModelContextWindowExceededError():
                return TeacherError(
                    f"{where}: the question is too long for {self._model.model_name!r}: {what}; name a model that reads more"
                )
            case ModelRequestRejectedError():
                return TeacherError(f"{where} rejects the request: {what}")
        if getattr(error, "phase", None) in ("pool", "connect"):
            remedy = (
                "start the server, or correct --base-url"
                if self._base_url
                else "look after the network"
            )
            return NoAnswerError(
                f"{where}: nobody answers there ({what.rstrip('.')}): {remedy}",
                error.retry_after,
                read=False,
                sent=False,
            )
        return NoAnswerError(
            f"{where}: {what}", error.retry_after, read=not isinstance(error, ModelHTTPError)
        )

    async def __aenter__(self) -> ChatModel:
        await self._model.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._model.__aexit__(None, None, None)


_PROFILE = OpenAIModelProfile(
    supports_json_schema_output=True,
    supports_json_object_output=True,
    openai_chat_supports_max_completion_tokens=False,
)


def _known_model(name: str) -> Model:
    provider, _ = parse_model_id(name)
    if provider is None:
        raise TeacherError(
            f"--teacher takes PROVIDER:MODEL, such as openai:gpt-5-mini; got {name!r}"
        )
    try:
        return infer_model(name)
    except (UserError, ValueError) as error:
        said = safe_line(str(error)).partition(" or pass it via")[0]
        raise TeacherError(f"{name}: {said}") from None
    except ImportError as error:
        raise TeacherError(f"{name}: {safe_line(str(error))}") from None


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TeacherError(
            f"--base-url takes a URL such as http://localhost:8000/v1; got {safe_line(url)!r}"
        )
    if parts.username or parts.password or parts.query:
        raise TeacherError(
            f"--base-url is stored with each answer, so it holds no key: set {KEY_VARIABLE} in the environment instead"
        )
    return url


def _history(messages: Sequence[tuple[str, str]]) -> list[ModelMessage]:
    found: list[ModelMessage] = []
    for role, content in messages:
        if role == "assistant":
            found.append(ModelResponse(parts=[TextPart(content)]))
        else:
            part: Any = SystemPromptPart(content) if role == "system" else UserPromptPart(content)
            if found and isinstance(found[-1], ModelRequest):
                found[-1] = ModelRequest(parts=[*found[-1].parts, part])
            else:
                found.append(ModelRequest(parts=[part]))
    return found


def _parameters(form: Form, schema: Mapping[str, Json]) -> ModelRequestParameters:
    wanted = OutputObjectDefinition(
        json_schema=dict(schema), name=str(schema.get("title", "Reply"))
    )
    return ModelRequestParameters(
        output_mode="native" if form == "schema" else "prompted", output_object=wanted
    )


def _message(error: ModelAPIError) -> str:
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        said = inner.get("message") if isinstance(inner, dict) else inner
        body = said or body
    status = f"HTTP {error.status_code}: " if isinstance(error, ModelHTTPError) else ""
    return f"{status}{body or error.message}"


_KEYS = re.compile(r"\b(?:sk|pk|key|gsk|xai)-[A-Za-z0-9_*-]{6,}|Bearer\s+\S+")


def safe_line(text: str) -> str:
    """A server's message as one line without any key: servers repeat the key that they refuse."""
    for variable, value in os.environ.items():
        if len(value) >= 8 and re.search(r"KEY|TOKEN|SECRET|PASSWORD", variable):
            text = text.replace(value, "***")
    return one_line(_KEYS.sub("***", text))
