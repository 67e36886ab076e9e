"""One clip: its film, a picture of it, and what is said in it as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reelprint.core.clips import ClipPlan, StoredClip
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


def handed_out(clip: ClipPlan, files: ClipFiles, put: Callable[[Path], str]) -> StoredClip:
    """Bring the files of a clip to where they stay, the film last; ``put`` says where that is."""
    places = {path: put(path) for path in files.every}
    output = clip.plan.output
    return StoredClip(
        pick=clip.pick,
        name=files.film.name,
        film=places[files.film],
        thumbnail=places[files.thumbnail],
        srt=places[files.srt] if files.srt is not None else None,
        vtt=places[files.vtt] if files.vtt is not None else None,
        width=output.width,
        height=output.height,
        duration_s=output.duration_s,
    )
