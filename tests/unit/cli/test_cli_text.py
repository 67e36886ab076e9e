"""What is printed for people survives any name and any text."""

from __future__ import annotations

import io

from rich.console import Console

from reelprint.cli.tables import comparison_table, style_table
from reelprint.cli.watching import _short
from reelprint.core.style import StyleText
from reelprint.style.compare import compare
from tests.factories import style

HOSTILE = "[/b] [red]x[/red] [/]"


def _printed(*things: object) -> str:
    out = io.StringIO()
    Console(file=out, width=400).print(*things)
    return out.getvalue()


def test_brackets_in_names_and_texts_are_text() -> None:
    text = StyleText(content=HOSTILE, font="serif", size=20, color="#ffffff", position="center")
    loud = style(text_overlays=(text,))
    assert _printed(style_table(loud, HOSTILE)).count(HOSTILE) == 2
    assert HOSTILE in _printed(comparison_table(compare(loud, style()), HOSTILE, "b"))
    assert _printed(_short(HOSTILE)).strip() == HOSTILE
