"""HTTP on a connection: uvicorn's, with our answer to what is no HTTP."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from reelprint.api.errors import Failure


class Protocol(HttpToolsProtocol):
    """Such a request never gets as far as the application."""

    _arrived = b""

    def data_received(self, data: bytes) -> None:
        self._arrived = data
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        # A method that is none ends the parsing before the path is known.
        path = (getattr(self, "url", b"") or _path_of(self._arrived)).decode("latin-1")
        answer = Failure(400, "BAD_REQUEST", "this is no valid HTTP request", msg).response(path)
        lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in answer.raw_headers)]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(answer.body)]))
        self.transport.close()


def _path_of(data: bytes) -> bytes:
    """What stands where a request's path does, or nothing."""
    return b"".join(data.partition(b"\r\n")[0].split(b" ")[1:2])
