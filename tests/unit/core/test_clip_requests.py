"""What is asked of clips and of their webhooks, made whole."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from standardwebhooks import Webhook

from reelprint.adapters.net.signing import checked_secret
from reelprint.core.clip_lengths import options_given
from reelprint.core.clips import ClipOptions
from reelprint.core.clips_shown import clip_files, clip_path
from reelprint.core.errors import DocumentError
from reelprint.core.webhooks import signing_secret
from tests.stored_clips import stored_clip


@given(st.floats(5, 175))
def test_any_shortest_length_leaves_room(least_s: float) -> None:
    options = options_given({"clip_min_seconds": least_s, "clip_max_seconds": None})
    assert options.clip_min_seconds == least_s <= options.clip_max_seconds <= 180
    assert options.clip_max_seconds >= 60


@given(st.floats(10, 180))
def test_any_longest_length_leaves_room(most_s: float) -> None:
    options = options_given({"clip_max_seconds": most_s})
    assert 5 <= options.clip_min_seconds <= options.clip_max_seconds == most_s
    assert options.clip_min_seconds <= 15


def test_nothing_said_is_the_default() -> None:
    assert options_given({}) == options_given({"prompt": None, "clip_min_seconds": None}) == ClipOptions()
    for wrong in ({"clip_min_seconds": 30, "clip_max_seconds": 20}, {"clip_min_seconds": "x"}, {"target_clips": 16}):
        with pytest.raises(ValidationError):
            options_given(wrong)


@given(st.text(min_size=1).filter(lambda text: not text.startswith("whsec_")))
def test_any_words_are_a_key(words: str) -> None:
    try:
        key = words.encode()
    except UnicodeEncodeError:
        return
    secret = checked_secret(signing_secret(words))
    assert base64.b64decode(secret.removeprefix("whsec_")) == key == Webhook(secret)._whsecret
    assert signing_secret(secret) == secret


def test_a_secret_in_the_standards_form_is_taken_as_it_is() -> None:
    assert signing_secret("whsec_eA==") == signing_secret("whsec_eA") == "whsec_eA=="
    for broken in ("whsec_", "whsec_e A==", "whsec_ü", "whsec_x"):
        with pytest.raises(DocumentError, match="webhook_secret"):
            signing_secret(broken)


def test_files_of_a_clip_are_called_like_its_film() -> None:
    clip = stored_clip("j", 2)
    assert dict(clip_files(clip)) == {
        f"talk_clip_2.{suffix}": f"outputs/j/1/talk_clip_2.{suffix}" for suffix in ("mp4", "jpg", "srt", "vtt")
    }
    assert clip_path("j", "a b/ü.mp4") == "/videos/j/a%20b%2F%C3%BC.mp4"
