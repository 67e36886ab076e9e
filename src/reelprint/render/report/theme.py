"""The one place for the report's colours, type sizes and grid. Contrast on panels is 4.5 : 1 or better for text."""

from __future__ import annotations

from reelprint.core.shots import TransitionType

WIDTH = 1600.0
MARGIN = 72.0
INNER = WIDTH - 2 * MARGIN
GAP = 20.0
PAD = 28.0
RADIUS = 18.0

BACKGROUND = "#0a0c10"
PANEL = "#12151c"
PANEL_EDGE = "#1e232e"
TRACK = "#262c39"
TEXT = "#f3f5f9"
MUTED = "#a3acbd"
FAINT = "#7d8799"
ACCENT = "#ffb454"
COOL = "#5cc8ff"
GOOD = "#4fd6a4"
BAD = "#ff7a7a"

TITLE = 46.0
NUMBER = 42.0
HEADING = 20.0
BODY = 17.0
SMALL = 15.0
TINY = 13.0

TRANSITION_COLOR: dict[TransitionType, str] = {
    "cut": "#d7dce6",
    "dissolve": "#5cc8ff",
    "fade": "#8f9bff",
    "wipe": "#4fd6a4",
    "slide": "#b9e25b",
    "zoom": "#ffb454",
    "whip": "#ff7a7a",
}
