"""What has to be known of a film before clips are made of it, or captions burned into it."""

from __future__ import annotations

from dataclasses import replace

from reelprint.analyze.transcript import TranscriptAnalyzer
from reelprint.engine.findings import FOR_EDITING, Part, TranscriptFindings
from reelprint.engine.ports import Tools

FOR_CLIPS: tuple[Part, ...] = (*FOR_EDITING, TranscriptFindings)


def listening(tools: Tools, language: str | None) -> Tools:
    """The tools with an analyzer that writes down what is said. ``language``: ISO 639-1, None to detect it."""
    return replace(tools, analyzers=(*tools.analyzers, TranscriptAnalyzer(tools.transcriber, language)))
