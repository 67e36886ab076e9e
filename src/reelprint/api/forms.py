"""A form with a film in it, taken part by part as it comes: the file goes on, fields are checked as soon as whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from reelprint.adapters.intake.incoming import Incoming
from reelprint.adapters.intake.multipart import PartBegan, PartData, PartEnded
from reelprint.core.errors import DocumentError

FILE = "file"
"""The part with the film."""


class Form:
    """``names``: the fields that there may be beside the file; ``check`` looks at each as soon as it is whole.

    Forms send fields that were left empty; those say nothing.
    """

    def __init__(
        self,
        names: Collection[str],
        incoming: Incoming,
        check: Callable[[str, str], Awaitable[None]],
        *,
        max_field_bytes: int = 4096,
    ) -> None:
        self.fields: dict[str, str] = {}
        self._names, self._incoming, self._check = names, incoming, check
        self._max_field_bytes = max_field_bytes
        self._filename: str | None = None
        self._seen: set[str] = set()
        self._part = ""
        self._value = bytearray()

    def filename(self) -> str | None:
        """The file's name as received; None when there is no file: browsers send an empty part without a name then."""
        if FILE not in self._seen or not (self._filename or self._incoming.size_bytes):
            return None
        return self._filename or ""

    async def take(self, event: PartBegan | PartData | PartEnded) -> None:
        """Take what comes next. Raises DocumentError, FileTooLarge, UnsupportedFormat, Unavailable, and what ``check``
        raises.
        """
        match event:
            case PartBegan(name, filename):
                self._begin(name, filename)
            case PartData(data) if self._part == FILE:
                await self._incoming.write(data)
            case PartData(data):
                self._value += data
                if len(self._value) > self._max_field_bytes:
                    raise DocumentError(
                        f"{self._part} is too long", detail=f"{self._part}: over {self._max_field_bytes} bytes"
                    )
            case PartEnded():
                if self._part != FILE:
                    await self._end_field()

    def _begin(self, name: str, filename: str | None) -> None:
        if name != FILE and name not in self._names:
            shown = name[:80]
            raise DocumentError(f"the form has a part that is not known here: {shown}", detail=f"{shown}: unknown")
        if name in self._seen:
            raise DocumentError(f"the form has more than one part `{name}`", detail=f"{name}: twice")
        self._seen.add(name)
        self._part = name
        self._value.clear()
        if name == FILE:
            self._filename = filename

    async def _end_field(self) -> None:
        try:
            value = self._value.decode()
        except UnicodeDecodeError:
            raise DocumentError(f"{self._part} is no UTF-8", detail=self._part) from None
        if value:
            await self._check(self._part, value)
            self.fields[self._part] = value
