"""A cache of films, part by part, that heals itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelprint.adapters.storage.films import ShelvedFilmCache
from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.core.errors import Unavailable
from reelprint.core.thumbnail import Thumbnail
from reelprint.engine.findings import FOR_EDITING, AudioFindings, FocusFindings, VideoFindings, deciding
from tests.factories import footage
from tests.shelf import MemoryShelf

FILM = footage(10, [4.0])
HASH = FILM.media.content_hash
VIDEO = VideoFindings(
    timing=FILM.timing,
    thumbnails=(Thumbnail(1.5, b"\xff\xd8 not really \x00\xfe", 320, 180),),
    picture=FILM.picture,
    shots=FILM.shots,
    text=FILM.text,
    colour=FILM.colour,
)
AUDIO = AudioFindings(loudness=None, speech=FILM.speech, music=FILM.music)
VERSIONS = {"decode": 1, "shots": 1, "colour": 2}


def test_a_part_comes_back_as_it_was() -> None:
    cache = ShelvedFilmCache(MemoryShelf(), required=True)
    assert cache.load(HASH, VideoFindings, VERSIONS) is None
    cache.store(HASH, VERSIONS, VIDEO)
    cache.store(HASH, VERSIONS, AUDIO)
    assert cache.load(HASH, VideoFindings, VERSIONS) == VIDEO
    assert cache.load(HASH, AudioFindings, dict(reversed(VERSIONS.items()))) == AUDIO


def test_another_film_part_or_version_is_another_entry() -> None:
    cache = ShelvedFilmCache(MemoryShelf(), required=True)
    cache.store(HASH, VERSIONS, VIDEO)
    assert cache.load("cd" * 32, VideoFindings, VERSIONS) is None
    assert cache.load(HASH, AudioFindings, VERSIONS) is None
    assert cache.load(HASH, VideoFindings, {**VERSIONS, "shots": 2}) is None
    assert cache.load(HASH, VideoFindings, {"shots": 1}) is None


@pytest.mark.parametrize("content", [b"", b"{", b'{"timing": null}', b"\xff\xfe\x00", b"[1]", b"null"])
def test_a_damaged_entry_is_measured_again_and_replaced(content: bytes) -> None:
    shelf = MemoryShelf()
    cache = ShelvedFilmCache(shelf, required=True)
    cache.store(HASH, VERSIONS, VIDEO)
    (key,) = shelf.objects
    shelf.objects[key] = content
    assert cache.load(HASH, VideoFindings, VERSIONS) is None
    cache.store(HASH, VERSIONS, VIDEO)
    assert cache.load(HASH, VideoFindings, VERSIONS) == VIDEO
    assert list(shelf.objects) == [key]


def test_entries_lie_in_the_cache_folder(tmp_path: Path) -> None:
    shelf = ObjectStorage.local(tmp_path / "storage", tmp_path / "cache")
    ShelvedFilmCache(shelf, required=True).store(HASH, VERSIONS, VIDEO)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path.parent == tmp_path / "cache" / "films" / HASH[:2] / HASH
    assert path.name.startswith("video-")


def test_a_shelf_that_fails_is_told_only_where_it_is_counted_on() -> None:
    class Broken(MemoryShelf):
        def get(self, key: str) -> bytes | None:
            raise Unavailable("full")

        def put(self, key: str, data: bytes) -> None:
            raise Unavailable("full")

    for act in (
        lambda cache: cache.load(HASH, VideoFindings, VERSIONS),
        lambda cache: cache.store(HASH, VERSIONS, VIDEO),
    ):
        assert act(ShelvedFilmCache(Broken(), required=False)) is None
        with pytest.raises(Unavailable):
            act(ShelvedFilmCache(Broken(), required=True))


def test_a_part_is_decided_by_what_it_builds_on_and_by_nothing_else() -> None:
    names = {name for part in FOR_EDITING for name in part.analyzers()} | {"decode"}
    versions = dict.fromkeys(names, 1)
    assert set(deciding(AudioFindings, versions)) == {"decode", "loudness", "speech", "music"}
    assert set(deciding(FocusFindings, versions)) == {"decode", "picture", "shots", "focus"}
    assert set(deciding(VideoFindings, versions)) == {"decode", "picture", "shots", "text", "colour"}
