"""Asking a language model until it answers, and counting what that costs.

Tried again are calls that were put off (429), met a fault of the server (408, 5xx) or a broken connection; a server
that refuses the form of the answer (400, 422) is asked in a plainer form. All of it ends within one time limit: a call
that hangs takes what is left and is not repeated, since it may be charged twice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, Protocol

import httpx

from reelprint.adapters.llm.posting import Answered, Broken, post_json
from reelprint.adapters.llm.prices import Price, price
from reelprint.adapters.llm.reading import Reading, host, inner, json_object, label
from reelprint.core.errors import ModelFailed
from reelprint.core.progress import CancelToken
from reelprint.engine.ports import ModelAnswer

#: Pauses before the second and the third try when the server does not say how long.
PAUSES_S = (1.0, 4.0)
_REFUSED_FORM = (400, 422)
_PASSING = (408, 429)
_POLL_S = 0.1
_SAID_LENGTH = 200
_KEY_PIECE = 6


@dataclass(frozen=True)
class Call:
    """One request of a dialect. ``headers`` carry the key."""

    url: httpx.URL
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class Dialect(Protocol):
    """How one kind of API is asked and what its answers look like."""

    @property
    def forms(self) -> int:
        """How many ways there are to ask for JSON, the strictest being number 0."""

    @property
    def provider(self) -> str | None:
        """Whose API it is, for prices; None when many speak it."""

    def call(self, form: int, system: str, user: str, schema: dict[str, Any]) -> Call:
        """The request. Raises httpx.InvalidURL."""

    def read(self, data: Any) -> Reading:
        """What an answer says; for an error, the tokens that it counts."""

    def refuses_key(self, answer: Answered) -> bool:
        """Whether the answer says that the key is wrong."""

    def wished_pause_s(self, data: Any) -> float | None:
        """How long the body of an answer asks to wait."""


class Spent:
    """What the calls of one answer came to."""

    def __init__(self, asked: str, base_url: str, provider: str | None) -> None:
        self._asked, self._base_url, self._provider = asked, base_url, provider
        self.calls = self.input_tokens = self.output_tokens = 0
        self._price = Price(0.0, "")

    def count(self, reading: Reading, *, charged: bool) -> None:
        """An answer with what it says of itself. Errors are not ``charged`` unless they count tokens."""
        if reading.tokens is not None:
            self.input_tokens += reading.tokens.input
            self.output_tokens += reading.tokens.output
        elif not charged:
            return
        self._add(
            price(
                reading.tokens,
                asked=self._asked,
                answered=reading.model,
                base_url=self._base_url,
                provider=self._provider,
            )
        )

    def lost(self) -> None:
        """A call that was sent and whose answer never came, so nobody here knows what it cost."""
        self._add(Price(None, "a call without an answer may have been charged"))

    def _add(self, new: Price) -> None:
        old = self._price
        if old.usd is None:
            return
        self._price = Price(None if new.usd is None else old.usd + new.usd, new.note)

    @property
    def price(self) -> Price:
        """All calls together."""
        return self._price

    def failed(self, message: str, detail: str = "") -> ModelFailed:
        """The error for an answer that did not come."""
        return ModelFailed(
            message,
            detail=detail,
            calls=self.calls,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            price_usd=self._price.usd,
            price_note=self._price.note,
        )


@dataclass(frozen=True)
class _Refusal:
    """Why a call gave nothing, and what may be done ``then``: ask ``again`` after a pause, or in a ``plainer`` form."""

    problem: str
    detail: str = ""
    then: Literal["again", "plainer", "end"] = "end"
    pause_s: float = 0.0


class Asking:
    """A language model behind an API that speaks ``dialect``. Implements the port LanguageModel.

    ``timeout_s``: how long one answer may take, every try and pause included.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        model: str,
        base_url: str,
        api_key: str | None,
        timeout_s: float,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        self._dialect, self._model, self._base_url, self._api_key = dialect, model, base_url, api_key
        self._timeout_s, self._pauses_s = timeout_s, pauses_s

    @property
    def name(self) -> str:
        """The model and the host it is asked at."""
        return f"{label(self._model) or 'model'} at {host(self._base_url)}"

    def answer(self, system: str, user: str, schema: dict[str, Any], cancel: CancelToken) -> ModelAnswer:
        until_s = time.monotonic() + self._timeout_s
        spent = Spent(self._model, self._base_url, self._dialect.provider)
        if self._api_key is not None and not _is_key(self._api_key):
            raise spent.failed("the key is not one: it has to be printable ASCII without spaces")
        form, pauses = 0, list(self._pauses_s)
        while True:
            try:
                call = self._dialect.call(form, system, user, schema)
            except httpx.InvalidURL:
                raise spent.failed("its base URL is not one") from None
            tried = self._try(call, spent, until_s, cancel)
            if isinstance(tried, ModelAnswer):
                return tried
            if tried.then == "plainer" and form + 1 < self._dialect.forms:
                form += 1
                continue
            again = tried.then == "again" and bool(pauses)
            if not again or not _pause(max(pauses.pop(0), tried.pause_s), until_s, cancel):
                times = f" ({spent.calls} calls)" if spent.calls > 1 else ""
                raise spent.failed(f"{tried.problem}{times}", tried.detail)

    def _try(self, call: Call, spent: Spent, until_s: float, cancel: CancelToken) -> ModelAnswer | _Refusal:
        """One call. Raises ModelFailed when it came to an answer that is of no use."""
        spent.calls += 1
        try:
            answered = post_json(call.url, call.headers, call.body, until_s=until_s, cancel=cancel)
        except Broken as broken:
            if broken.how != "unsent":
                spent.lost()
            return _Refusal(str(broken), then="again" if broken.how in ("unsent", "lost") else "end")
        reading = self._dialect.read(answered.data)
        spent.count(reading, charged=answered.status == httpx.codes.OK)
        if answered.status == httpx.codes.OK:
            return self._answered(answered, reading, spent)
        problem, detail = self._told(answered)
        if answered.status in _REFUSED_FORM and not self._key_refused(answered):
            return _Refusal(problem, detail, then="plainer")
        if answered.status in _PASSING or answered.status >= 500:
            wished_s = retry_after_s(answered.headers) or self._dialect.wished_pause_s(answered.data)
            return _Refusal(problem, detail, then="again", pause_s=wished_s or 0.0)
        return _Refusal(problem, detail)

    def _answered(self, answered: Answered, reading: Reading, spent: Spent) -> ModelAnswer:
        if not answered.is_json:
            raise spent.failed("an answer that is no JSON: is the base URL that of the API?")
        if reading.text is None:
            raise spent.failed(reading.problem or "an empty answer")
        data = json_object(reading.text)
        if data is None:
            raise spent.failed("an answer that is no JSON object")
        return ModelAnswer(
            data=data,
            model=reading.model or self._model,
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            calls=spent.calls,
            price_usd=spent.price.usd,
            price_note=spent.price.note,
        )

    def _key_refused(self, answered: Answered) -> bool:
        return answered.status in (401, 403) or self._dialect.refuses_key(answered)

    def _told(self, answered: Answered) -> tuple[str, str]:
        """What a refusal is called, and what the server says of it unless that shows pieces of the key."""
        status = answered.status
        if self._key_refused(answered):
            return f"the server refuses the key ({status})", ""
        if 300 <= status < 400:
            return f"the server answers with a redirect ({status}), which is not followed", ""
        said = label(inner(answered.data, "error", "message") or inner(answered.data, "message")) or ""
        if self._api_key and any(piece in said for piece in _pieces(self._api_key)):
            said = ""
        meaning = {404: "no such model, or no API at that base URL", 429: "too many requests"}.get(status)
        return f"the server answers {status}{f': {meaning}' if meaning else ''}", said[:_SAID_LENGTH]


def _is_key(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable() and " " not in key


def _pieces(key: str) -> list[str]:
    return [key[start : start + _KEY_PIECE] for start in range(max(1, len(key) - _KEY_PIECE + 1))]


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header, given as a number or as a date; None when there is none that makes sense."""
    told = headers.get("retry-after", "").strip()
    with suppress(ValueError):
        seconds = float(told)
        return seconds if 0 <= seconds < float("inf") else None
    with suppress(ValueError, OverflowError):
        date = parsedate_to_datetime(told)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    return None


def _pause(seconds: float, until_s: float, cancel: CancelToken) -> bool:
    """Wait; False, at once, when nothing could come in time after it. Raises Cancelled."""
    end_s = time.monotonic() + seconds
    if end_s >= until_s:
        return False
    while (left_s := end_s - time.monotonic()) > 0:
        cancel.check()
        time.sleep(min(_POLL_S, left_s))
    return True
