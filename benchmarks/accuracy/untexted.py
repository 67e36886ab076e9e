"""The engine without its text analyzer: texts weigh nothing in a distance, and reading them is a fifth of the time."""

from __future__ import annotations

from dataclasses import replace

from reelprint.analyze.evidence import Evidence, Known, Tick
from reelprint.bootstrap.engine import wire
from reelprint.core.text import TextMeasure
from reelprint.engine.ports import Tools
from reelprint.settings import load_settings


class Unread:
    """Stands in for the text analyzer: reads nothing. Its version keeps its findings apart from real ones."""

    name = "text"
    version = 0

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> TextMeasure:  # noqa: ARG002
        return TextMeasure()


def tools_without_text() -> Tools:
    """The engine's tools, wired as the command line wires them, but for texts."""
    tools = wire(load_settings())
    return replace(tools, analyzers=tuple(Unread() if one.name == "text" else one for one in tools.analyzers))
