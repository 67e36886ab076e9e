"""The films of a job: brought from storage when they are needed, under the names that their owners gave them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from reelprint.core.errors import VideoNotFound
from reelprint.core.jobs import RunSpec, Source
from reelprint.core.media import MediaInfo
from reelprint.engine.clips.parts import FOR_CLIPS
from reelprint.engine.findings import FOR_EDITING, FOR_STYLE
from reelprint.engine.ports import Film, ObjectShelf, Tools
from reelprint.engine.stages.keeping import Watched
from reelprint.engine.viewing import Viewing

Role = Literal["template", "footage"]
_LONGEST_NAME_BYTES = 120


class Films:
    """The films that a job watches. The same bytes in two roles are one Viewing."""

    def __init__(self, spec: RunSpec, shelf: ObjectShelf, tools: Tools) -> None:
        self._shelf, self._tools = shelf, tools
        self._folder = Path(spec.scratch) / "films"
        self._sources = sources(spec)
        self._for_footage = FOR_CLIPS if spec.listens else FOR_STYLE if spec.task == "extract" else FOR_EDITING
        self._paths: dict[str, Path] = {}
        self._media: dict[Role, MediaInfo] = {}
        self._viewings: dict[str, Viewing] = {}

    def take(self, role: Role, source: Source) -> None:
        """Work with this film in a role, from now on."""
        self._sources[role] = source

    def probe(self) -> None:
        """Find out what each film is. Raises MediaError."""
        for role, source in self._sources.items():
            if role not in self._media:
                with self._tools.stopwatch.step("probe"):
                    media = self._tools.reader.probe(self.path(role))
                self._media[role] = media.model_copy(update={"filename": source.filename})

    def restore(self, watched: Watched) -> None:
        """Take from an earlier attempt what each film is."""
        for role in self._sources:
            if role in watched.films:
                self._media[role] = watched.films[role]

    @property
    def watched(self) -> Watched:
        """What is known of the films, for a checkpoint."""
        return Watched(films=dict(self._media))

    @property
    def viewings(self) -> list[Viewing]:
        """Each different film once; probes those that are not known yet."""
        self.probe()
        for role, media in self._media.items():
            if media.content_hash not in self._viewings:
                self._viewings[media.content_hash] = self._viewing(role, media)
        return list(self._viewings.values())

    def __contains__(self, role: Role) -> bool:
        return role in self._sources

    def viewing(self, role: Role) -> Viewing:
        """The film in a role."""
        found = {film.media.content_hash: film for film in self.viewings}
        return found[self._media[role].content_hash]

    def film_info(self, role: Role) -> MediaInfo:
        """What the film in a role is; it must have been probed or restored."""
        return self._media[role]

    def film(self, role: Role) -> Film:
        """Everything that is known of the film in a role; all of it must have been measured."""
        return self.viewing(role).film(self._media[role])

    def path(self, role: Role) -> Path:
        """The film as a local file that is called what its owner called it. Raises VideoNotFound."""
        source = self._sources[role]
        if source.key not in self._paths:
            self._paths[source.key] = self._brought(source, self._folder / role)
        return self._paths[source.key]

    def close(self) -> None:
        """Give all frames back."""
        for film in self._viewings.values():
            film.close()

    def _viewing(self, role: Role, media: MediaInfo) -> Viewing:
        footage = self._media.get("footage")
        edited = footage is not None and media.content_hash == footage.content_hash
        return Viewing(media, lambda: self.path(role), self._tools, self._for_footage if edited else FOR_STYLE)

    def _brought(self, source: Source, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / file_name(source.filename)
        local = self._shelf.local_path(source.key)
        if local is not None:
            # A link, so that messages about the file call it what its owner calls it.
            path.unlink(missing_ok=True)
            path.symlink_to(local.absolute())
        elif not self._shelf.fetch(source.key, path):
            raise VideoNotFound(f"{source.filename} is no longer there: it was deleted before the job could read it")
        return path


def sources(spec: RunSpec) -> dict[Role, Source]:
    """The films that a job has to watch: the template where its style counts, the footage where it is edited."""
    found: dict[Role, Source] = {}
    if spec.style is None and spec.task != "clean" and spec.template is not None:
        found["template"] = spec.template
    measures_footage = spec.style is None and "template" not in found
    if spec.footage is not None and (spec.task != "extract" or measures_footage):
        found["footage"] = spec.footage
    return found


def file_name(label: str) -> str:
    """A label as the name of a file: no folders, nothing unprintable, not too long; its suffix stays."""
    plain = "".join(letter if letter.isprintable() and letter not in "/\\" else "_" for letter in label)
    data = plain.encode("utf-8", "replace")
    if len(data) > _LONGEST_NAME_BYTES:
        suffix = Path(plain).suffix.encode()[:10]
        data = data[: _LONGEST_NAME_BYTES - len(suffix)] + suffix
    name = data.decode("utf-8", "ignore")
    return name if name.strip(". ") else "film"
