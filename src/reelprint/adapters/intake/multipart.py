"""multipart/form-data (RFC 7578) as it comes: what part begins, its bytes, its end. Nothing is kept.

The usual way to read a form waits for all of it and writes files to disk on its own; limits and looks come too late.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from reelprint.core.errors import DocumentError

#: What a form may hold beside its file's bytes: boundaries, headers, small fields.
MAX_REST_BYTES = 64 * 1024
_MAX_HEADER_BYTES = 16 * 1024

_PARAMETER = re.compile(r';[ \t]*([^\s=;"]+)[ \t]*=[ \t]*(?:"((?:\\["\\]|[^"])*)"|([^;]*))')
_QUOTED_PAIR = re.compile(r'\\(["\\])')
_EXTENDED = re.compile(r"([A-Za-z0-9!#$%&+^_`{}~-]*)'[^']*'(.*)")  # RFC 5987: charset'language'value


@dataclass(frozen=True)
class PartBegan:
    """``filename`` None: a plain field."""

    name: str
    filename: str | None


@dataclass(frozen=True)
class PartData:
    """The next bytes of the part that began last."""

    data: bytes


@dataclass(frozen=True)
class PartEnded:
    """The part is whole."""


Event = PartBegan | PartData | PartEnded


class FormReader:
    """Turns the body of one request into events. Raises DocumentError whenever the form is broken."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise _broken("its Content-Type has no boundary")
        self._events: list[Event] = []
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._disposition: str | None = None
        self._rest_bytes = 0
        self._begun = False
        self._complete = False
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": lambda data, start, end: self._events.append(PartData(data[start:end])),
                    "on_part_end": lambda: self._events.append(PartEnded()),
                    "on_end": self._on_end,
                },
                max_header_size=_MAX_HEADER_BYTES,
            )
        except FormParserError as error:
            raise _broken(str(error)) from None

    def feed(self, chunk: bytes) -> list[Event]:
        """Parse the next bytes of the body."""
        self._begun = True
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _broken(str(error)) from None
        events, self._events = self._events, []
        self._rest_bytes += len(chunk) - sum(len(event.data) for event in events if isinstance(event, PartData))
        if self._rest_bytes > MAX_REST_BYTES:
            raise _broken(f"it holds more than {MAX_REST_BYTES // 1024} KiB beside the file")
        return events

    def finish(self) -> None:
        """The body ended: was the form whole? Without any byte it is one without parts."""
        if self._begun and not self._complete:
            raise _broken("it ends before its last boundary")

    def _on_part_begin(self) -> None:
        self._disposition = None

    def _on_header_end(self) -> None:
        name, value = (_text(bytes(part)) for part in self._header)
        self._header = (bytearray(), bytearray())
        if name.strip().lower() == "content-disposition":
            self._disposition = value

    def _on_headers_finished(self) -> None:
        name, filename = _disposition(self._disposition or "")
        if name is None:
            raise FormParserError("a part of it has no name")
        self._events.append(PartBegan(name, filename))

    def _on_end(self) -> None:
        self._complete = True


def _disposition(value: str) -> tuple[str | None, str | None]:
    """Name and file name of a part. Browsers write file names as UTF-8 in quotes, some clients after RFC 5987."""
    kind, _, _ = value.partition(";")
    if kind.strip().lower() != "form-data":
        return None, None
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(value, len(kind)):
        key, quoted, plain = match.groups()
        text = _QUOTED_PAIR.sub(r"\1", quoted) if quoted is not None else plain.strip()
        found.setdefault(key.lower(), text)
    filename = found.get("filename")
    if filename is not None:
        filename = filename.replace("%22", '"')  # how browsers write a quotation mark in a name
    return found.get("name"), _extended(found.get("filename*")) or filename


def _extended(value: str | None) -> str | None:
    match = _EXTENDED.fullmatch(value or "")
    if match is None:
        return None
    try:
        return unquote_to_bytes(match[2]).decode(match[1] or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return None


def _text(data: bytes) -> str:
    """UTF-8 as browsers send it; else Latin-1, in which every byte means something."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _broken(reason: str) -> DocumentError:
    return DocumentError(f"the form cannot be read: {reason}", detail=f"body: {reason}")
