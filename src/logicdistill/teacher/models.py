"""Language models by pydantic-ai's names, or at an OpenAI-compatible URL (extra ``teacher``)."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from httpx2 import AsyncClient
from pydantic_ai import exceptions
from pydantic_ai import messages as chat
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, UserError
from pydantic_ai.models import Model, ModelRequestParameters, infer_model, parse_model_id
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers import Provider, infer_provider, infer_provider_class
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from logicdistill.errors import LogicDistillError, TeacherError
from logicdistill.teacher.answers import Answer, NoAnswerError, safe_line, whole_text
from logicdistill.teacher.exchange import Exchange, exchange, http_client
from logicdistill.types import Json

KEY_VARIABLE = "LOGICDISTILL_API_KEY"
"""Key for a server given by its URL, which never gets a provider's key such as OPENAI_API_KEY."""

Form = Literal["schema", "object", "json", "text"]
"""How an answer's form is asked for, strictest first; "object" has the schema beside it."""

_PROFILE = OpenAIModelProfile(
    supports_json_schema_output=True,
    supports_json_object_output=True,
    openai_chat_supports_max_completion_tokens=False,
)

_HOPELESS: dict[type[ModelAPIError], str] = {
    exceptions.ModelAuthenticationError: (
        "{where} does not accept the key: {what}; correct {variable} in the environment"
    ),
    exceptions.ModelNotFoundError: (
        "{where} has no model {model!r}: {what}; name another one with --teacher"
    ),
    exceptions.ModelQuotaExceededError: (
        "{where}: the account has nothing left: {what}; top it up and the same command goes on"
    ),
    exceptions.ModelContextWindowExceededError: (
        "{where}: the question is too long for {model!r}: {what}; name a model that reads more"
    ),
    exceptions.ModelRequestRejectedError: "{where} rejects the request: {what}",
}
"""Errors that another try does not help, with their messages."""


class ChatModel:
    """A model that answers in a JSON schema; for the arguments see `LiveTeacher` and `Limits`.

    Enter it first: it keeps the connections.

    Raises:
        TeacherError: no such model, no key in the environment, no usable URL, or the provider's
            own library is not installed.
    """

    def __init__(self, name: str, base_url: str | None, timeout: float) -> None:
        self._timeout, self._base_url = timeout, base_url
        self._forms: dict[Form, Model]
        self._client = http_client(timeout)
        if base_url is None:
            self.model = _known_model(name, self._client)
            knows_schemas = self.model.profile.get("supports_json_schema_output")
            self._forms = {"schema" if knows_schemas else "json": self.model}
            return
        name, url = name.removeprefix("openai:"), _checked_url(base_url)
        key = os.environ.get(KEY_VARIABLE) or "none"
        provider = OpenAICompatibleProvider(
            "server", base_url=url, api_key=key, http_client=self._client, profile=_PROFILE
        )
        model = self.model = OpenAIChatModel(name, provider=provider)
        no_forms = _PROFILE | OpenAIModelProfile(supports_json_object_output=False)
        plain = OpenAIChatModel(name, provider=provider, profile=no_forms)
        self._forms = {"schema": model, "object": model, "json": model, "text": plain}

    async def __aenter__(self) -> ChatModel:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self._client)
            await stack.enter_async_context(self.model)
            self._open = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def answer(
        self,
        messages: Sequence[tuple[str, str]],
        schema: Mapping[str, Json],
        most: int,
        keep: Path,
        kept: bytes = b"",
    ) -> Answer:
        """Ask once.

        Args:
            messages: role (``system``, ``user`` or ``assistant``) and content.
            schema: of the answer.
            most: tokens of the answer at most.
            keep: what comes is written here before it is read.
            kept: what came in an earlier run; it is read, and nothing is sent.

        Raises:
            NoAnswerError: another try may help.
            TeacherError: another try does not help.
        """
        turns, name, wait = _history(messages), str(schema.get("title", "Reply")), self._timeout
        settings = ModelSettings(max_tokens=most, timeout=wait, request_timeout=wait, max_retries=0)
        beside = {"response_format": {"type": "json_object", "schema": dict(schema)}}
        while True:
            form, model = next(iter(self._forms.items()))
            extra = ModelSettings(extra_body=beside) if form == "object" else ModelSettings()
            asked = ModelRequestParameters(
                output_mode="native" if form == "schema" else "prompted",
                output_object=OutputObjectDefinition(json_schema=dict(schema), name=name),
            )
            under_way = Exchange(keep, kept)
            exchange.set(under_way)
            try:
                async with asyncio.timeout(wait):  # a server may send a letter now and then
                    found = await model_request(
                        model,
                        turns,
                        model_settings=settings | extra,
                        model_request_parameters=asked,
                    )
                text, usage, cut = found.text or "", found.usage, found.finish_reason == "length"
                tokens = [int(max(0, n)) for n in (usage.input_tokens, usage.output_tokens)]
                return Answer(whole_text(text), tokens[0], tokens[1], cut)
            except ModelAPIError as error:
                if under_way.fault is not None:
                    raise _as_told(under_way.fault) from None
                if not self._simpler(form, error):
                    raise self._reworded(error) from None
            except TimeoutError:
                raise NoAnswerError(f"no whole answer came within {wait:g} s") from None
            except UserError as error:
                said = safe_line(error.message)
                raise TeacherError(f"{self.model.model_name}: {said}") from None
            except Exception as error:  # whatever libraries make of what a server may send
                if under_way.fault is not None:
                    raise _as_told(under_way.fault) from None
                said = safe_line(f"{type(error).__name__}: {error}")
                raise NoAnswerError(f"the server's answer cannot be read: {said}") from None

    def _simpler(self, form: Form, error: ModelAPIError) -> bool:
        """Whether a simpler form is left; it is used from now on."""
        status = error.status_code if isinstance(error, ModelHTTPError) else 0
        clear = _HOPELESS.keys() - {exceptions.ModelRequestRejectedError}
        # llama.cpp's server says 500
        rejected = status in (400, 422) or (status == 500 and "response_format" in _message(error))
        if not rejected or isinstance(error, tuple(clear)) or list(self._forms) == [form]:
            return False
        self._forms.pop(form, None)  # another request may have done so
        return True

    def _reworded(self, error: ModelAPIError) -> Exception:
        """The error in this package's words, without keys."""
        where, what = self._base_url or self.model.system, safe_line(_message(error))
        for kind, text in _HOPELESS.items():
            if isinstance(error, kind):
                variable = KEY_VARIABLE if self._base_url else "the provider's variable"
                names = {"where": where, "what": what, "variable": variable}
                return TeacherError(text.format(**names, model=self.model.model_name))
        if getattr(error, "phase", None) not in ("pool", "connect"):
            read = not isinstance(error, ModelHTTPError)
            return NoAnswerError(f"{where}: {what}", error.retry_after, read)
        remedy = "start the server, or correct --base-url"
        remedy = remedy if self._base_url else "check the network"
        said = f"{where}: nobody answers there ({what.rstrip('.')}): {remedy}"
        return NoAnswerError(said, error.retry_after, read=False, sent=False)


def _as_told(fault: Exception) -> Exception:
    """A fault of the exchange; one of the connection itself may pass."""
    if isinstance(fault, (LogicDistillError, NoAnswerError)):
        return fault
    return NoAnswerError(
        f"the connection broke off: {safe_line(str(fault) or type(fault).__name__)}"
    )


def _known_model(name: str, client: AsyncClient) -> Model:
    if parse_model_id(name)[0] is None:
        allowed = "--teacher takes PROVIDER:MODEL, such as openai:gpt-5-mini"
        raise TeacherError(f"{allowed}; got {name!r}")
    try:
        return infer_model(name, provider_factory=partial(_provider, client))
    except (UserError, ValueError, ImportError) as error:
        said = safe_line(str(error)).partition(" or pass it via")[0]
        raise TeacherError(f"{name}: {said}") from None


def _provider(client: AsyncClient, name: str) -> Provider[Any]:
    """The provider with our client, where it takes one."""
    if not name.startswith("gateway/"):
        made = infer_provider_class(name)
        wanted = inspect.signature(made).parameters.get("http_client")
        # Some still take a client of the library before this one.
        if wanted and ("OpenAI" in str(wanted.annotation) or "httpx2" in str(wanted.annotation)):
            return made(http_client=client)  # type: ignore[call-arg]
    return infer_provider(name)


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        allowed = "--base-url takes a URL such as http://localhost:8000/v1"
        raise TeacherError(f"{allowed}; got {safe_line(url)!r}")
    if parts.username or parts.password or parts.query:
        raise TeacherError(
            "--base-url is stored with each answer, so it holds no key: "
            f"set {KEY_VARIABLE} in the environment instead"
        )
    return url


def _history(messages: Sequence[tuple[str, str]]) -> list[chat.ModelMessage]:
    found: list[chat.ModelMessage] = []
    for answered, turn in itertools.groupby(messages, lambda message: message[0] == "assistant"):
        if answered:
            found.append(chat.ModelResponse([chat.TextPart(content) for _, content in turn]))
            continue
        parts: dict[str, Any] = {"system": chat.SystemPromptPart, "user": chat.UserPromptPart}
        found.append(chat.ModelRequest([parts[role](content) for role, content in turn]))
    return found


def _message(error: ModelAPIError) -> str:
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        body = (inner.get("message") if isinstance(inner, dict) else inner) or body
    status = f"HTTP {error.status_code}: " if isinstance(error, ModelHTTPError) else ""
    return f"{status}{body or error.message}"
