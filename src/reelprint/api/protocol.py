"""HTTP on a connection: uvicorn's, with our answer to what is no HTTP."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from reelprint.api.errors import Failure


class Protocol(HttpToolsProtocol):
    """Such a request never gets as far as the application."""

    def send_400_response(self, msg: str) -> None:
        path = getattr(self, "url", b"").decode("latin-1")
        answer = Failure(400, "BAD_REQUEST", "this is no valid HTTP request", msg).response(path)
        lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in answer.raw_headers)]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(answer.body)]))
        self.transport.close()
