"""Language models behind HTTP: what is asked, what is asked again, what it costs, and when it ends. Both APIs."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from reelprint.adapters.llm.asking import Asking, retry_after_s
from reelprint.adapters.llm.gemini import GeminiModel
from reelprint.adapters.llm.models import language_model
from reelprint.adapters.llm.openai import OpenAiModel
from reelprint.core.clips import LanguageModelAsked
from reelprint.core.errors import Cancelled, ModelFailed
from reelprint.core.progress import CancelToken
from tests import llm_server
from tests.llm_server import LlmServer, Request, data, good, raw, said, status

KEY = "AIzaSecret-0123456789"
SCHEMA = {
    "type": "object",
    "properties": {"moments": {"type": "array", "items": {"type": "string"}}},
    "required": ["moments"],
    "additionalProperties": False,
}
#: 1200 tokens in and 300 out, by the makers' lists: $0.15 and $0.60 a million, $0.30 and $2.50 a million.
PRICES = {"gpt-4o-mini": 0.00036, "gemini-2.5-flash": 0.00111}

Making = Callable[..., Asking]


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


@pytest.fixture(params=["openai", "gemini"])
def make(request: pytest.FixtureRequest, server: LlmServer) -> Making:
    def made(*, timeout_s: float = 5.0, key: str | None = KEY, **given: object) -> Asking:
        pauses = {"pauses_s": (0.02, 0.04), **given}
        if request.param == "openai":
            return OpenAiModel(server.openai_url, "gpt-4o-mini", key, timeout_s=timeout_s, **pauses)  # type: ignore[arg-type]
        return GeminiModel(server.gemini_url, "gemini-2.5-flash", key, timeout_s=timeout_s, **pauses)  # type: ignore[arg-type]

    return made


def ask(model: Asking, cancel: CancelToken | None = None):
    return model.answer("Be brief.", "Which?", SCHEMA, cancel or CancelToken())


def fails(model: Asking) -> ModelFailed:
    with pytest.raises(ModelFailed) as caught:
        ask(model)
    told = f"{caught.value} {caught.value.detail} {caught.value!r}"
    assert KEY not in told
    return caught.value


def some(request: Request) -> dict[str, object]:
    return {"moments": ["a"]}


def test_a_good_answer_and_its_price(server: LlmServer, make: Making) -> None:
    server.script(good(some))
    answer = ask(make())
    assert answer.data == {"moments": ["a"]}
    assert (answer.calls, answer.input_tokens, answer.output_tokens) == (1, 1200, 300)
    assert answer.price_usd == pytest.approx(PRICES[answer.model])
    assert "list price" in answer.price_note


def test_what_is_sent(server: LlmServer, make: Making) -> None:
    server.script(good(some))
    ask(make())
    (request,) = server.requests
    assert KEY not in request.path and KEY not in json.dumps(request.body)
    assert request.user == "Which?" and request.system == "Be brief."
    if request.gemini:
        assert request.path == "/v1beta/models/gemini-2.5-flash:generateContent"
        assert request.headers["x-goog-api-key"] == KEY and "authorization" not in request.headers
        told = request.body["generationConfig"]
        assert told["responseMimeType"] == "application/json"
        assert told["responseSchema"]["required"] == ["moments"]
        assert "additionalProperties" not in json.dumps(told)
    else:
        assert request.path == "/v1/chat/completions"
        assert request.headers["authorization"] == f"Bearer {KEY}"
        told = request.body["response_format"]
        assert told["type"] == "json_schema" and told["json_schema"]["strict"] is True
        assert told["json_schema"]["schema"] == SCHEMA


def test_without_a_key_none_is_sent(server: LlmServer, make: Making) -> None:
    server.script(good(some))
    ask(make(key=None))
    assert not {"authorization", "x-goog-api-key"} & set(server.requests[0].headers)


def test_put_off_then_good(server: LlmServer, make: Making) -> None:
    server.script(status(429), good(some))
    answer = ask(make())
    assert answer.calls == 2 == len(server.requests)
    # An answer of 429 costs nothing: the price is that of the one good answer.
    assert answer.price_usd == pytest.approx(PRICES[answer.model])
    assert (answer.input_tokens, answer.output_tokens) == (1200, 300)


def test_the_server_says_how_long(server: LlmServer, make: Making) -> None:
    model = make()
    waits = [status(429, retry_after=0.3)]
    if isinstance(model, GeminiModel):
        waits.append(status(429, details=[{"@type": "RetryInfo", "retryDelay": "0.3s"}]))
    for wait in waits:
        server.script(wait, good(some))
        began_s = time.monotonic()
        assert ask(model).calls == 2
        assert time.monotonic() - began_s >= 0.3


@pytest.mark.parametrize("told", ["soon", "-1", "nan", "inf", "", "Wed, 99 Foo 2020"])
def test_pauses_that_make_no_sense(told: str) -> None:
    assert retry_after_s({"retry-after": told}) is None


def test_a_pause_may_be_told_as_a_date() -> None:
    told = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    assert 200 < (retry_after_s({"retry-after": told}) or 0) <= 300
    assert retry_after_s({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


def test_a_pause_that_is_too_long_is_not_waited_for(server: LlmServer, make: Making) -> None:
    server.script(status(429, retry_after=3600), good(some))
    began_s = time.monotonic()
    failure = fails(make())
    assert failure.calls == 1 and "429" in failure.message
    assert time.monotonic() - began_s < 60


@pytest.mark.parametrize("code", [500, 503, 529])
def test_faults_of_the_server_three_times(server: LlmServer, make: Making, code: int) -> None:
    server.script(status(code))
    failure = fails(make())
    assert failure.calls == 3 == len(server.requests)
    assert str(code) in failure.message
    assert (failure.input_tokens, failure.output_tokens, failure.price_usd) == (0, 0, 0.0)


def test_a_fault_then_good(server: LlmServer, make: Making) -> None:
    server.script(status(500), status(502), good(some))
    assert ask(make()).calls == 3


@pytest.mark.parametrize("act", [llm_server.slow_headers, llm_server.slow_body], ids=["headers", "body"])
def test_no_answer_in_time(server: LlmServer, make: Making, act: llm_server.Act) -> None:
    server.script(act)
    began_s = time.monotonic()
    failure = fails(make(timeout_s=0.4))
    assert time.monotonic() - began_s < 15
    assert failure.calls == 1 and "in time" in failure.message
    # It may have been charged: nobody here knows.
    assert failure.price_usd is None and failure.price_note


@pytest.mark.parametrize("act", [llm_server.reset, llm_server.cut], ids=["reset", "cut"])
def test_a_broken_connection_is_tried_again(server: LlmServer, make: Making, act: llm_server.Act) -> None:
    server.script(act, good(some))
    answer = ask(make())
    assert answer.calls == 2 and answer.data == {"moments": ["a"]}
    assert answer.price_usd is None and "without an answer" in answer.price_note
    server.script(act)
    assert fails(make()).calls == 3


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        model = OpenAiModel(f"http://127.0.0.1:{port}/v1", "gpt-4o-mini", KEY, pauses_s=(0.01, 0.01))
        failure = fails(model)
    assert failure.calls == 3 and failure.price_usd == 0.0


@pytest.mark.parametrize("url", ["http://[::", "http://", "http://a b/", "http://" + "x" * 70 + ".example/v1"])
def test_addresses_that_are_none(url: str) -> None:
    model = OpenAiModel(url, "m", KEY, pauses_s=())
    assert model.name
    assert fails(model).price_usd == 0.0


BAD_TEXTS = {
    "prose": "Sure! I would pick the second one.",
    "malformed": '{"moments": ["a", ',
    "a list": '["a"]',
    "infinity": '{"moments": [Infinity]}',
    "deep": "[" * 100_000,
    "deep object": '{"a":' * 100_000,
    "number": "1" * 100_000,
}


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS.keys())
def test_text_that_is_no_json_object_costs_all_the_same(server: LlmServer, make: Making, text: str) -> None:
    server.script(said(text))
    model = make()
    failure = fails(model)
    assert failure.calls == 1 and (failure.input_tokens, failure.output_tokens) == (1200, 300)
    assert failure.price_usd == pytest.approx(PRICES[model.name.split()[0]])


GOOD_TEXTS = {
    "fenced": 'Here you are:\n```json\n{"moments": ["a"]}\n```\nEnjoy!',
    "in prose": 'The answer is {"moments": ["a"]}.',
    "after thoughts": '<think>Perhaps {"moments": ["b"]}?</think>{"moments": ["a"]}',
}


@pytest.mark.parametrize("text", GOOD_TEXTS.values(), ids=GOOD_TEXTS.keys())
def test_json_is_found_in_chatter(server: LlmServer, make: Making, text: str) -> None:
    server.script(said(text))
    assert ask(make()).data == {"moments": ["a"]}


ODD_BODIES = {
    "empty choices": llm_server.empty_choices,
    "no body": raw(b""),
    "malformed": raw(b'{"choices": [{'),
    "no JSON": raw(b"<html>Welcome</html>", headers={"Content-Type": "text/html"}),
    "null": data(None),
    "a list": data([1, 2]),
    "other shapes": data({"choices": {"0": 1}, "candidates": 3, "usage": [], "usageMetadata": "x", "model": 7}),
    "text is a number": data({"choices": [{"message": {"content": 5}}], "candidates": [{"content": {"parts": [5]}}]}),
    "refused": data(
        {
            "choices": [{"message": {"content": None, "refusal": "I cannot"}}],
            "promptFeedback": {"blockReason": "SAFETY"},
        }
    ),
    "cut off": data(
        {
            "choices": [{"message": {"content": '{"moments": []}'}, "finish_reason": "length"}],
            "candidates": [{"content": {"parts": [{"text": '{"moments": []}'}]}, "finishReason": "MAX_TOKENS"}],
        }
    ),
    "huge": llm_server.huge,
    "unfolds to too much": raw(gzip.compress(b" " * 50_000_000), headers={"Content-Encoding": "gzip"}),
    "broken gzip": raw(b"no gzip", headers={"Content-Encoding": "gzip"}),
    "strange encoding": raw(b"{}", headers={"Content-Encoding": "br"}),
}


@pytest.mark.parametrize("act", ODD_BODIES.values(), ids=ODD_BODIES.keys())
def test_bodies_that_are_of_no_use(server: LlmServer, make: Making, act: llm_server.Act) -> None:
    server.script(act)
    failure = fails(make())
    assert failure.calls == 1 and failure.message


def test_another_content_type_is_no_api(server: LlmServer, make: Making) -> None:
    answered = {"choices": [{"message": {"content": "{}"}}], "candidates": [{"content": {"parts": [{"text": "{}"}]}}]}
    server.script(data(answered, headers={"Content-Type": "text/event-stream"}))
    assert "no JSON" in fails(make()).message


def test_gzip_that_nobody_asked_for_is_read(server: LlmServer, make: Making) -> None:
    def act(handler: llm_server._Handler, request: Request) -> None:
        body = json.dumps(llm_server.envelope(request, '{"moments": ["a"]}')).encode()
        raw(gzip.compress(body), headers={"Content-Encoding": "gzip"})(handler, request)

    server.script(act)
    assert ask(make()).data == {"moments": ["a"]}


def test_redirects_are_not_followed(server: LlmServer, make: Making) -> None:
    server.script(data({}, code=307, headers={"Location": f"{server.origin}/elsewhere"}), good(some))
    failure = fails(make())
    assert failure.calls == 1 == len(server.requests) and "redirect" in failure.message


def test_a_server_without_schemas_is_asked_in_plainer_forms(server: LlmServer, make: Making) -> None:
    server.script(status(400, message="response_format is not supported"), status(400), good(some))
    answer = ask(make())
    assert answer.calls == 3 and answer.data == {"moments": ["a"]}
    assert answer.price_usd == pytest.approx(PRICES[answer.model])
    first, second, third = server.requests
    assert SCHEMA["required"] and '"moments"' not in first.system
    # The plainer forms carry the schema in words.
    assert all('"additionalProperties": false' in request.system for request in (second, third))
    if first.gemini:
        assert second.body["generationConfig"] == {"responseMimeType": "application/json"}
        assert "generationConfig" not in third.body
    else:
        assert second.body["response_format"] == {"type": "json_object"}
        assert "response_format" not in third.body


def test_a_request_that_is_refused_in_every_form(server: LlmServer, make: Making) -> None:
    server.script(status(400, message="too long"))
    failure = fails(make())
    assert failure.calls == 3 and failure.detail == "too long"


@pytest.mark.parametrize("code", [401, 403, 400])
def test_a_wrong_key_is_not_tried_twice(server: LlmServer, make: Making, code: int) -> None:
    # Gemini tells a wrong key with 400, as does OpenAI's code.
    error = {"code": "invalid_api_key", "details": [{"reason": "API_KEY_INVALID"}]}
    server.script(status(code, message=f"Incorrect API key provided: {KEY[:8]}***{KEY[-4:]}", **error))
    failure = fails(make())
    assert failure.calls == 1 and "key" in failure.message
    assert KEY[:8] not in f"{failure.message} {failure.detail}"


def test_a_server_that_repeats_the_key_is_not_quoted(server: LlmServer, make: Making) -> None:
    server.script(status(418, message=f"what is {KEY[2:14]}?"))
    assert fails(make()).detail == "the server answers 418"


@pytest.mark.parametrize("key", ["with space", "line\nbreak", "ключ", ""])
def test_keys_that_are_none(server: LlmServer, make: Making, key: str) -> None:
    server.script(good(some))
    failure = fails(make(key=key))
    assert failure.calls == 0 and not server.requests and (not key or key not in failure.message)


def test_tokens_of_failed_tries_count_when_told(server: LlmServer, make: Making) -> None:
    used = {"usage": {"prompt_tokens": 100, "completion_tokens": 0}, "usageMetadata": {"promptTokenCount": 100}}
    server.script(data({"error": {"message": "overloaded"}, **used}, code=503), good(some))
    answer = ask(make())
    assert (answer.calls, answer.input_tokens, answer.output_tokens) == (2, 1300, 300)
    assert answer.price_usd is not None and answer.price_usd > PRICES[answer.model]


def test_uncounted_tokens_have_no_price(server: LlmServer, make: Making) -> None:
    server.script(good(some, usage=False))
    answer = ask(make())
    assert answer.price_usd is None and "count" in answer.price_note


def test_an_unknown_model_has_no_price(server: LlmServer, make: Making) -> None:
    server.script(good(some, model="mistral-small-finetuned-by-us"))
    answer = ask(make())
    assert (answer.price_usd, answer.input_tokens) == (None, 1200)
    assert "mistral-small-finetuned-by-us" in answer.price_note


@pytest.mark.parametrize("used", [-5, 1e9, True, "many", 10**30, None])
def test_counts_that_are_lies(server: LlmServer, make: Making, used: object) -> None:
    def act(handler: llm_server._Handler, request: Request) -> None:
        document = llm_server.envelope(request, '{"moments": ["a"]}')
        document["usage"] = {"prompt_tokens": used, "completion_tokens": used}
        document["usageMetadata"] = {"promptTokenCount": used, "candidatesTokenCount": used}
        handler.send(200, document)

    server.script(act)
    answer = ask(make())
    assert (answer.input_tokens, answer.output_tokens, answer.price_usd) == (0, 0, None)


def test_names_from_outside_are_one_short_line(server: LlmServer, make: Making) -> None:
    server.script(good(some, model="evil\n\x1b[31mname" + "x" * 500))
    answer = ask(make())
    assert answer.model.startswith("evil[31mname") and answer.model.isprintable() and len(answer.model) <= 80


@pytest.mark.parametrize("act", [llm_server.slow_headers, llm_server.slow_body], ids=["headers", "body"])
def test_a_call_under_way_is_given_up_on_cancel(server: LlmServer, make: Making, act: llm_server.Act) -> None:
    server.script(act)
    cancel, cancelled_s = CancelToken(), [0.0]

    def stop() -> None:
        cancelled_s[0] = time.monotonic()
        cancel.cancel("enough")

    timer = threading.Timer(0.3, stop)
    timer.start()
    with pytest.raises(Cancelled, match="enough"):
        ask(make(timeout_s=30), cancel)
    assert time.monotonic() - cancelled_s[0] < 5
    timer.join()


def test_a_pause_is_given_up_on_cancel(server: LlmServer, make: Making) -> None:
    server.script(status(500))
    cancel = CancelToken()
    timer = threading.Timer(0.2, cancel.cancel, ("enough",))
    timer.start()
    began_s = time.monotonic()
    with pytest.raises(Cancelled):
        ask(make(timeout_s=60, pauses_s=(30.0,)), cancel)
    assert time.monotonic() - began_s < 15
    timer.join()


def test_the_connection_of_a_call_that_is_given_up_is_closed(server: LlmServer, make: Making) -> None:
    closed = threading.Event()

    def act(handler: llm_server._Handler, request: Request) -> None:
        llm_server.slow_body(handler, request)
        if not handler.stopping.is_set():
            closed.set()

    server.script(act)
    fails(make(timeout_s=0.2))
    assert closed.wait(5)


def test_the_model_that_a_job_asks_for(server: LlmServer) -> None:
    server.script(good(some))
    for kind, url in (("openai", server.openai_url), ("gemini", server.gemini_url + "/")):
        asked = LanguageModelAsked(kind=kind, base_url=url, model="gemini-2.5-flash", api_key=KEY, timeout_s=5)
        model = language_model(asked)
        answer = model.answer("s", "u", SCHEMA, CancelToken())
        assert answer.data == {"moments": ["a"]} and model.name == "gemini-2.5-flash at 127.0.0.1"
        assert "//models" not in server.requests[-1].path
