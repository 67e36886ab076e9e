"""The encoder adapter."""

from __future__ import annotations

from reelprint.adapters.media.ffmpeg import Ffmpeg
from reelprint.adapters.process import Limits
from reelprint.core.progress import CancelToken


def test_a_graph_longer_than_an_argument_may_be_runs() -> None:
    """Edits of many hundred pieces of sound have graphs over Linux's 128 KiB for one argument."""
    encoder = Ffmpeg(None, Limits(time_s=30))
    graph = f"anullsrc=d=0.1{' ' * 140_000},ebur128[a]"
    argv = [encoder.binary, "-nostats", "-filter_complex", graph, "-map", "[a]", "-f", "null", "-"]
    assert "Summary:" in encoder.run(argv, CancelToken())
