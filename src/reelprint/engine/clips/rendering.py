"""One clip: its film, a picture of it, and what is said in it as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reelprint.core.clips import ClipPlan
from reelprint.core.media import MediaInfo
from reelprint.core.progress import CancelToken, Reporter
from reelprint.engine.ports import Tools
from reelprint.engine.render import Keeper, Rendering
from reelprint.render.captions.subtitles import srt_text, vtt_text

#: Longest side of a thumbnail.
_THUMBNAIL_PX = 960
#: Where in a clip its picture is taken: past the opening words, before much has changed.
_THUMBNAIL_AT = 0.3


@dataclass(frozen=True)
class ClipFiles:
    """Where the files of a finished clip are; ``srt`` and ``vtt`` are None when nothing is said in it."""

    film: Path
    thumbnail: Path
    srt: Path | None
    vtt: Path | None

    @property
    def every(self) -> tuple[Path, ...]:
        """All files, the film last: whoever sees it may take the others for granted."""
        return tuple(path for path in (self.thumbnail, self.srt, self.vtt, self.film) if path is not None)


def render_clip(
    clip: ClipPlan,
    media: MediaInfo,
    source: Path,
    folder: Path,
    tools: Tools,
    reporter: Reporter,
    cancel: CancelToken,
    keeper: Keeper | None = None,
) -> ClipFiles:
    """Write the files of a clip, under its name, into an empty folder.

    Pieces that ``keeper`` has are not rendered again. Raises ProcessFailed, MediaError, Cancelled.
    """
    film = folder / f"{clip.name}.{clip.plan.output.container}"
    with tools.stopwatch.step("render"):
        Rendering(clip.plan, media, source, folder, tools, reporter, cancel, keeper).run(film)
    thumbnail = film.with_suffix(".jpg")
    with tools.stopwatch.step("thumbnail"):
        thumbnail.write_bytes(tools.reader.still(film, _THUMBNAIL_AT * clip.plan.output.duration_s, _THUMBNAIL_PX))
    if clip.subtitles is None:
        return ClipFiles(film, thumbnail, None, None)
    srt, vtt = film.with_suffix(".srt"), film.with_suffix(".vtt")
    srt.write_text(srt_text(clip.subtitles), encoding="utf-8")
    vtt.write_text(vtt_text(clip.subtitles), encoding="utf-8")
    return ClipFiles(film, thumbnail, srt, vtt)
