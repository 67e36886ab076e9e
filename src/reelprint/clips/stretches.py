"""Stretches of a film that could be a clip, before anything is said about how good they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """Begin and end in seconds and the words [first_word, end_word).

    ``opens``: begins where a sentence begins; ``closes``: ends where
    one ends. ``cut_in``/``cut_out``: on a boundary of the picture (or of the film). ``note``: why the usual rules do
    not hold for it.
    """

    start_s: float
    end_s: float
    first_word: int
    end_word: int
    opens: bool = True
    closes: bool = True
    cut_in: bool = False
    cut_out: bool = False
    note: str = ""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    @property
    def spoken(self) -> bool:
        """Whether there are words in it."""
        return self.end_word > self.first_word
