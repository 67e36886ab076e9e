"""What is said, mapped onto a film and cut into cards."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelprint.core.captions import CAPTION_LOOKS, CaptionLook, CaptionTrack
from reelprint.core.errors import DocumentError
from reelprint.core.plan import AudioChain, AudioPiece, AudioPlan, Crop, CropKey, EditPlan, Join, OutputSpec, Segment
from reelprint.core.style import StyleDetails
from reelprint.core.text import CaptionLook as TemplateCaptions
from reelprint.core.transcript import Word
from reelprint.core.typefaces import typeface, width_em
from reelprint.plan.captions import caption_track, check_drawable
from reelprint.plan.captions_layout import SQUEEZE
from reelprint.plan.captions_words import words_on_time_line
from tests.factories import style

SIZES = {"vertical": (1080, 1920), "square": (1080, 1080), "horizontal": (1920, 1080)}


def plan(duration_s: float, pieces: list[tuple[float, float, float]] | None = None, **fields: Any) -> EditPlan:
    """A film of 30 fps; pieces are (start_s, source_start_s, duration_s), None is the whole source as it is."""
    width, height = SIZES[fields.pop("shape", "horizontal")]
    frames = round(duration_s * 30)
    heard = [(0.0, 0.0, duration_s)] if pieces is None else pieces
    given = [AudioPiece(start_s=at, source_start_s=source, duration_s=length) for at, source, length in heard]
    still = (CropKey(frame=0, crop=Crop(x=0, y=0, width=1, height=1)),)
    fields.setdefault("audio", AudioPlan(pieces=tuple(given), chain=AudioChain()))
    fields.setdefault(
        "segments", (Segment(start_frame=0, frames=frames, source_start_s=0, source_shot=0, crop=still, grade=0),)
    )
    return EditPlan(
        seed=0,
        pacing="keep",
        source_hash="0" * 64,
        source_duration_s=100_000.0,
        output=OutputSpec(width=width, height=height, frame_rate="30/1", frame_count=frames),
        grades=((),),
        **fields,
    ).check()


def spoken(text: str, *, joined: bool = False, start_s: float = 0.2, letter_s: float = 0.07) -> list[Word]:
    """A text as it might be transcribed, with a short pause after sentences; ``joined``: two letters a word."""
    parts = [text[at : at + 2] for at in range(0, len(text), 2)] if joined else text.split()
    words, at = [], start_s
    for number, part in enumerate(parts):
        end = at + letter_s * (len(part) + 1)
        words.append(Word(text=part, start_s=at, end_s=end, probability=1, joined=joined and number > 0))
        at = end + (0.3 if part[-1] in ".?!。" else 0.01)
    return words


def track_of(
    text: str, language: str | None, look: CaptionLook = "plain", shape: str = "horizontal", **fields: Any
) -> CaptionTrack:
    words = spoken(text, **{key: fields.pop(key) for key in ("joined", "letter_s") if key in fields})
    track = caption_track(words, language, plan(words[-1].end_s + 2, shape=shape), look, **fields)
    assert track is not None
    return track


def texts(track: CaptionTrack) -> list[str]:
    return [card.text for card in track.cards]


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[Word], EditPlan]:
    """Words, and pieces of their film in any order, each overlapping the one before by a fade."""
    steps = draw(st.lists(st.tuples(st.floats(0, 1.5), st.floats(0, 1.2)), min_size=1, max_size=40))
    words, at = [], 0.0
    for number, (pause, length) in enumerate(steps):
        words.append(Word(text=f"w{number}", start_s=at + pause, end_s=at + pause + length, probability=1))
        at += pause + length
    edges = sorted(draw(st.lists(st.floats(0, max(at, 1.0)), min_size=2, max_size=12, unique=True)))
    spans = [(start, end) for start, end in pairwise(edges) if end - start > 0.1]
    spans = draw(st.permutations([span for span in spans if draw(st.booleans())] or [(0.0, max(at, 1.0))]))
    pieces, out = [], 0.0
    for start, end in spans:
        fade = min(draw(st.sampled_from([0.0, 0.01, 0.04])), out)
        pieces.append((out - fade, start, end - start))
        out += end - start - fade
    film_s = max(0.2, out * draw(st.sampled_from([1.0, 0.7])))
    return words, plan(film_s, pieces)


@given(edits())
def test_words_keep_their_order_and_stay_inside_the_film(edit: tuple[list[Word], EditPlan]) -> None:
    words, film = edit
    heard = words_on_time_line(words, film)
    assert all(0 <= word.start_s <= word.end_s <= film.output.duration_s for word in heard)
    assert all(before.end_s <= after.start_s for before, after in pairwise(heard))


@given(edits())
def test_every_word_that_is_heard_is_written_where_it_is_heard_and_no_other(edit: tuple[list[Word], EditPlan]) -> None:
    words, film = edit
    written = {}
    for word in words_on_time_line(words, film):
        written.setdefault(word.text, []).append(word)
    assert film.audio is not None
    for word in words:
        expected = []
        for piece in film.audio.pieces:
            start = max(word.start_s, piece.source_start_s)
            end = min(word.end_s, piece.source_start_s + piece.duration_s)
            at = start - piece.source_start_s + piece.start_s
            inside = word.start_s < piece.source_start_s + piece.duration_s and end >= start
            if inside and end - start >= 0.5 * (word.end_s - word.start_s) and at < film.output.duration_s:
                expected.append(at)
        found = [item.start_s for item in written.get(word.text, [])]
        # Two pieces that continue each other may both let hear half of a word: that is one word.
        assert len(found) == len(expected) or (len(expected) == 2 and len(found) == 1)
        assert all(any(abs(at - start) < 1e-6 for start in expected) for at in found)


@given(edits(), st.sampled_from(CAPTION_LOOKS))
def test_cards_lose_no_word_and_never_overlap(edit: tuple[list[Word], EditPlan], look: CaptionLook) -> None:
    words, film = edit
    track = caption_track(words, "en", film, look)
    heard = words_on_time_line(words, film)
    if track is None:
        assert not heard
        return
    shown = [word for card in track.cards for row in card.rows for word in row]
    assert [word.text for word in shown] == [word.text for word in heard]
    for card in track.cards:
        assert card.start_s == card.rows[0][0].start_s
        assert card.rows[-1][-1].end_s <= card.end_s + 1e-9
        assert card.start_s < card.end_s <= film.output.duration_s
        pauses = [after.start_s - before.end_s for before, after in pairwise([w for row in card.rows for w in row])]
        assert max(pauses, default=0) <= 0.5 + 1e-9
    assert all(before.end_s <= after.start_s for before, after in pairwise(track.cards))


def test_a_trimmed_silence_moves_what_comes_after_it() -> None:
    words = [Word(text=text, start_s=at, end_s=at + 0.4, probability=1) for text, at in (("one", 1.0), ("two", 6.0))]
    film = plan(3.0, [(0.0, 0.5, 1.2), (1.2, 5.8, 1.8)])
    assert [(word.text, round(word.start_s, 6)) for word in words_on_time_line(words, film)] == [
        ("one", 0.5),
        ("two", 1.4),
    ]


def test_a_word_less_than_half_heard_is_dropped_and_one_more_than_half_is_shortened() -> None:
    words = [
        Word(text="gone", start_s=0.0, end_s=1.0, probability=1),
        Word(text="kept", start_s=2.0, end_s=3.0, probability=1),
    ]
    heard = words_on_time_line(words, plan(2.0, [(0.0, 0.6, 2.0)]))
    assert [(word.text, round(word.start_s, 6), round(word.end_s, 6)) for word in heard] == [("kept", 1.4, 2.0)]


def test_without_a_sound_plan_words_follow_the_pictures() -> None:
    still = (CropKey(frame=0, crop=Crop(x=0, y=0, width=1, height=1)),)
    shared = {"source_shot": 0, "crop": still, "grade": 0}
    segments = (
        Segment(start_frame=0, frames=30, source_start_s=10.0, **shared),
        Segment(start_frame=30, frames=40, head_hold=10, source_start_s=20.0, **shared),
    )
    film = plan(70 / 30, audio=None, segments=segments, joins=(Join(),))
    words = [
        Word(text="a", start_s=10.5, end_s=10.9, probability=1),
        Word(text="b", start_s=20.5, end_s=20.9, probability=1),
    ]
    assert [round(word.start_s, 4) for word in words_on_time_line(words, film)] == [0.5, round(40 / 30 + 0.5, 4)]


@pytest.mark.parametrize("look", CAPTION_LOOKS)
@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize(
    ("language", "text", "joined"),
    [
        ("en", "Have you ever wondered why nobody talks about this, even though it changes everything? I did.", False),
        (
            "de",
            "Die Donaudampfschifffahrtsgesellschaftskapitänswitwe wohnt im Rechtsschutzversicherungsgebäude.",
            False,
        ),
        ("xx", "W" * 150, False),
        ("ar", "هل تساءلت يومًا لماذا لا يتحدث أحد عن هذا، رغم أنه يغيّر كل شيء؟", False),
        (
            "ja",
            "なぜ誰もこのことについて話さないのか、不思議に思ったことはありませんか。それはすべてを変えるのです。",
            True,
        ),
        ("zh", "你有没有想过为什么没有人谈论这件事尽管它改变了一切" * 3, False),
    ],
)
def test_no_row_is_wider_than_the_picture_allows(
    look: CaptionLook, shape: str, language: str, text: str, joined: bool
) -> None:
    track = track_of(text, language, look, shape, joined=joined)
    face = typeface(track.font)
    width, height = SIZES[shape]
    em_px = track.size * height / face.height
    for card in track.cards:
        for row, line in zip(card.rows, card.text.split("\n"), strict=True):
            room = (1 - 2 * track.side_margin) * width * (1 if len(row) > 1 else 1 / SQUEEZE)
            assert width_em(line, face) * em_px < room, line
        assert "\n\n" not in card.text
    assert "".join("".join(texts(track)).split()).replace("-", "") == "".join(text.split()).replace("-", "")


def test_cards_end_where_sentences_and_clauses_do() -> None:
    track = track_of(
        "We tried it twice. It never worked, because nobody had asked the people who use it. Dr. Smith knew.", "en"
    )
    assert texts(track) == [
        "We tried it twice.",
        "It never worked, because nobody\nhad asked the people who use it.",
        "Dr. Smith knew.",
    ]


def test_karaoke_cards_have_two_to_five_words() -> None:
    track = track_of(
        "so what I did was that I went there and asked them what they really wanted to see in it",
        "en",
        "karaoke",
        "vertical",
    )
    assert {sum(len(row) for row in card.rows) for card in track.cards} <= {2, 3, 4, 5}


def test_a_pause_is_never_bridged_and_short_cards_wait_in_it() -> None:
    words = [
        Word(text=text, start_s=at, end_s=at + 0.1, probability=1)
        for text, at in (("Yes", 1.0), ("No", 3.0), ("Hm", 3.9))
    ]
    track = caption_track(words, "en", plan(4.3), "plain")
    assert track is not None
    assert [(card.start_s, round(card.end_s, 3)) for card in track.cards] == [(1.0, 1.5), (3.0, 3.5), (3.9, 4.3)]


def test_fast_speech_is_shown_longer_where_there_is_room() -> None:
    words = spoken("incomprehensibilities notwithstanding", letter_s=0.015)
    track = caption_track(words, "en", plan(10), "plain")
    assert track is not None
    letters, seen_s = len(track.cards[0].text), track.cards[0].end_s - track.cards[0].start_s
    assert letters / seen_s <= 20.5


def test_scripts_without_spaces_break_between_characters_but_not_before_punctuation() -> None:
    track = track_of(
        "なぜ誰もこのことについて話さないのか、不思議に思ったことはありませんか。" * 3,
        "ja",
        "karaoke",
        "vertical",
        joined=True,
    )
    assert not any(" " in text for text in texts(track))
    assert not any(row.startswith(("、", "。", "っ", "ー")) for text in texts(track) for row in text.split("\n"))
    assert not any(sum(len(word.text) for row in card.rows for word in row) > 22 for card in track.cards)


def test_parts_of_one_word_are_one_word() -> None:
    parts = [("don", False), ("'t", True), ("half", False), ("-baked", True)]
    words = [
        Word(text=text, start_s=at, end_s=at + 0.3, probability=1, joined=joined)
        for at, (text, joined) in enumerate(parts)
    ]
    assert [word.text for word in words_on_time_line(words, plan(5))] == ["don't", "half-baked"]


def test_emoji_controls_and_overrides_are_left_out() -> None:
    track = track_of("I 😀 love❤️ 👩‍👩‍👧 this\u202e 100% café 𝗯𝗼𝗹𝗱 \x07 ok\u200b!", "en")
    assert texts(track) == ["I love this 100% café bold ok!"]


def test_joiners_stay_where_they_shape_letters() -> None:
    assert "می‌شود" in texts(track_of("این می‌شود خوب", "fa"))[0]


@pytest.mark.parametrize(
    ("text", "language", "font", "right_to_left"),
    [
        ("Привет мир", "ru", "Reelprint Semi", False),
        ("Γειά σου κόσμε", "el", "Reelprint Semi", False),
        ("Xin chào các bạn, hẹn gặp lại", "vi", "Reelprint Semi", False),
        ("مرحبا بالعالم YouTube", "ar", "Reelprint Arabic", True),
        ("یہ بہت اچھا ہے", "ur", "Reelprint Arabic", True),
        ("שלום לכם WhatsApp YouTube", "he", "Reelprint Semi", True),
        ("שלום לכולם, ברוכים הבאים WhatsApp", None, "Reelprint Hebrew", True),
        ("こんにちは世界", "ja", "Reelprint Japanese", False),
        ("日本語能力試験", "ja", "Reelprint Japanese", False),
        ("日本語は難しい", None, "Reelprint Japanese", False),
        ("안녕하세요 여러분", "ko", "Reelprint Korean", False),
        ("你好世界，繁體字", "zh", "Reelprint Chinese", False),
        ("你好世界", None, "Reelprint Chinese", False),
        ("नमस्ते दुनिया", "hi", "Reelprint Devanagari", False),
        ("สวัสดีชาวโลก", "th", "Reelprint Thai", False),
    ],
)
def test_each_script_has_its_font(text: str, language: str | None, font: str, right_to_left: bool) -> None:
    check_drawable(spoken(text))
    track = track_of(text, language)
    assert (track.font, track.right_to_left) == (font, right_to_left)


def test_letters_without_a_font_are_refused_by_name_but_still_make_files() -> None:
    words = spoken("hello བཀྲ་ཤིས་ world")
    with pytest.raises(DocumentError, match=r"Tibetan letters like .*U\+0F40 TIBETAN LETTER KA"):
        check_drawable(words)
    track = caption_track(words, "bo", plan(5), "plain")
    assert track is not None
    assert "ཀྲ" in track.cards[0].text


def test_nothing_heard_is_no_track() -> None:
    assert caption_track([], "en", plan(5), "plain") is None
    assert caption_track(spoken("😀 🔥"), "en", plan(5), "plain") is None
    assert caption_track(spoken("far away", start_s=100), "en", plan(5), "plain") is None


def _template(**fields: Any) -> Any:
    captions = TemplateCaptions(
        **{"present": True, "position": "bottom-center", "color": "#ffffff", "size_px": 50.0, **fields}
    )
    return style(details=StyleDetails(captions=captions, resolution=(1920, 1080)))


def test_captions_follow_the_templates_place_colour_and_size() -> None:
    usual = track_of("hello there", "en")
    same = track_of("hello there", "en", style=_template(present=False, position=None, color=None, size_px=None))
    assert same == usual
    followed = track_of("hello there", "en", style=_template(position="top-left", color="#30ff60", size_px=80.0))
    assert followed.color == "#30ff60"
    assert followed.baseline < 0.3 < usual.baseline
    assert usual.size < followed.size <= 1.41 * usual.size
    assert track_of("hello there", "en", style=_template(size_px=5.0)).size == pytest.approx(
        0.75 * usual.size, abs=1e-4
    )
    assert track_of("hello there", "en", style=_template(color="#101010")).color == "#ffffff", "dark on dark"
    yellow = track_of("hello there", "en", "karaoke", style=_template(color="#ffdd00"))
    assert yellow.accent != usual.accent, "the word that is spoken has to differ from the others"
    assert 0.5 < track_of("hello there", "en", style=_template(position="center")).baseline < 0.7
