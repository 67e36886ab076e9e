"""Where texts stand and which are captions: by construction."""

import pytest

from reelprint.analyze.text.layout import Block, Line, blocks_of, captions_among, position_of


def block(text: str, start_s: float, end_s: float, y: float = 0.85, height: float = 0.05, width: float = 0.4) -> Block:
    bounds = (0.5 - width / 2, y - height / 2, 0.5 + width / 2, y + height / 2)
    return Block(text, bounds, (height,), start_s, end_s, (0,))


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((0.05, 0.05, 0.25, 0.1), "top-left"),
        ((0.4, 0.05, 0.6, 0.1), "top-center"),
        ((0.75, 0.45, 0.95, 0.55), "center-right"),
        ((0.3, 0.45, 0.7, 0.55), "center"),
        ((0.1, 0.85, 0.9, 0.95), "bottom-center"),
        ((0.06, 0.85, 0.65, 0.9), "bottom-left"),  # a wide lower third belongs to the side it starts from
    ],
)
def test_position(bounds: tuple[float, float, float, float], expected: str) -> None:
    assert position_of(bounds) == expected


def test_lines_of_one_title_become_one_block_in_reading_order() -> None:
    lines = [
        Line("PRESENTS", (0.4, 0.52, 0.6, 0.58), 1.0, 4.0),
        Line("A FILM", (0.3, 0.44, 0.45, 0.5), 1.1, 4.1),
        Line("BY NOBODY", (0.47, 0.44, 0.7, 0.5), 1.0, 4.0),
        Line("later", (0.4, 0.6, 0.6, 0.66), 5.0, 6.0),
    ]
    assert [item.text for item in blocks_of(lines)] == ["A FILM BY NOBODY PRESENTS", "later"]


def test_changing_text_in_a_band_is_captions() -> None:
    blocks = [block(f"words {n}", n * 1.4, n * 1.4 + 1.3) for n in range(5)] + [block("Title", 0.0, 3.0, y=0.2)]
    assert captions_among(blocks) == {0, 1, 2, 3, 4}


def test_titles_with_pauses_are_no_captions() -> None:
    blocks = [block(f"title {n}", n * 4.5, n * 4.5 + 2.0, y=0.5) for n in range(6)]
    assert captions_among(blocks) == set()


def test_slow_cards_in_the_middle_are_credits_and_fast_words_captions() -> None:
    cards = [block(f"name {n}", n * 3.0, n * 3.0 + 2.8, y=0.5) for n in range(6)]
    words = [block(f"word{n}", n * 0.5, n * 0.5 + 0.45, y=0.5) for n in range(6)]
    assert captions_among(cards) == set()
    assert captions_among(words) == set(range(6))


def test_the_same_text_again_and_again_is_no_caption() -> None:
    assert captions_among([block("LIVE", n * 1.2, n * 1.2 + 1.1) for n in range(6)]) == set()
