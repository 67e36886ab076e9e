"""Every error that Reelprint raises on purpose.

    ReelprintError
    ├── MediaError                the input film is the problem
    │   ├── VideoNotFound         no such file
    │   ├── UnsupportedFormat     not mp4, mov, avi, mkv or webm, by content
    │   ├── CorruptVideo          right container, nothing decodable in it
    │   └── MediaTooLarge         over a limit (streams, pixels, hours, frame rate)
    ├── DocumentError             a style, plan or settings document is the problem
    ├── PlanError                 the plan breaks its own rules (our fault)
    ├── ProcessFailed             a child process ended badly (carries the end of its stderr)
    ├── FetchFailed               a URL gives no film
    ├── ModelFailed               a language model gave no usable answer (carries what it cost)
    ├── ModelMissing              a model's data cannot be loaded
    ├── OutputError               the result cannot be written where it was asked for
    ├── ServiceError              the service refuses or cannot answer a request (``status`` is HTTP's)
    │   ├── NotFound              no such video, job, style, or another owner's
    │   ├── Conflict              the thing is in a state that does not allow this
    │   ├── FileTooLarge          an upload over the limit
    │   ├── Unauthorized          no valid credential
    │   ├── Forbidden             a credential without the right
    │   ├── RateLimited           too many requests, or too many jobs waiting; carries ``retry_after_s``
    │   └── Unavailable           database or storage do not answer
    ├── AddressRefused            a URL leads to an address that requests must not reach
    └── Cancelled                 somebody asked us to stop; carries the reason

Foreign errors (PyAV, pydantic, OS) are translated into these at the edge where they occur.
"""

from __future__ import annotations


class ReelprintError(Exception):
    """Base. ``message`` is one line for a person: what is wrong and what to do."""

    code = "INTERNAL_ERROR"

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail or message


class MediaError(ReelprintError):
    """The input film is the problem."""

    code = "CORRUPT_VIDEO"


class VideoNotFound(MediaError):
    """No file at that path."""

    code = "VIDEO_NOT_FOUND"


class UnsupportedFormat(MediaError):
    """The content is no mp4, mov, avi, mkv or webm."""

    code = "UNSUPPORTED_FORMAT"


class CorruptVideo(MediaError):
    """A known container without a decodable video stream."""

    code = "CORRUPT_VIDEO"


class MediaTooLarge(MediaError):
    """A limit on streams, pixels, duration or frame rate is passed."""

    code = "VALIDATION_ERROR"


class DocumentError(ReelprintError):
    """A document or an option is wrong; ``detail`` names the field."""

    code = "VALIDATION_ERROR"


class PlanError(ReelprintError):
    """An EditPlan breaks its own rules. Never the user's fault."""


class ProcessFailed(ReelprintError):
    """A child process ended with an error; ``detail`` is the end of its stderr."""


class ModelMissing(ReelprintError):
    """A model's data is absent or has another hash than recorded."""


class FetchFailed(ReelprintError):
    """A URL gives no film: unreachable, no film there, or not in time."""

    code = "FETCH_FAILED"


class ModelFailed(ReelprintError):
    """A language model gave no usable answer. ``calls``, tokens and price are what was spent all the same.

    ``price_usd`` is None when that is not known (a call that was lost may have been charged); ``price_note`` says why.
    """

    code = "MODEL_FAILED"

    def __init__(
        self,
        message: str,
        *,
        detail: str = "",
        calls: int = 0,
        input_tokens: int = 0,
        output_tokens: int = 0,
        price_usd: float | None = 0.0,
        price_note: str = "",
    ) -> None:
        super().__init__(message, detail=detail)
        self.calls, self.input_tokens, self.output_tokens = calls, input_tokens, output_tokens
        self.price_usd, self.price_note = price_usd, price_note


class OutputError(ReelprintError):
    """The result cannot be written where it was asked for."""

    code = "VALIDATION_ERROR"


class Cancelled(ReelprintError):
    """Work was stopped on request; the message is the reason."""

    code = "CANCELLED"


class ServiceError(ReelprintError):
    """The service refuses or cannot answer. ``status`` is the HTTP status; ``code`` may be given for the occasion."""

    status = 500

    def __init__(self, message: str, *, code: str | None = None, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        if code is not None:
            self.code = code


class NotFound(ServiceError):
    """No such thing, or another owner's: the answer is the same."""

    code = "NOT_FOUND"
    status = 404


class Conflict(ServiceError):
    """The thing is in a state that does not allow this."""

    code = "CONFLICT"
    status = 409


class FileTooLarge(ServiceError):
    """An upload over MAX_FILE_SIZE_MB."""

    code = "FILE_TOO_LARGE"
    status = 413


class Unauthorized(ServiceError):
    """No valid credential."""

    code = "UNAUTHORIZED"
    status = 401


class Forbidden(ServiceError):
    """A valid credential without the right."""

    code = "FORBIDDEN"
    status = 403


class RateLimited(ServiceError):
    """Too many requests, or too many jobs waiting."""

    code = "RATE_LIMITED"
    status = 429

    def __init__(self, message: str, *, retry_after_s: float, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.retry_after_s = retry_after_s


class Unavailable(ServiceError):
    """Database or storage do not answer now."""

    code = "SERVICE_UNAVAILABLE"
    status = 503


class AddressRefused(ReelprintError):
    """A URL leads to a loopback, private, link-local or otherwise refused address, or is no http(s) URL."""

    code = "VALIDATION_ERROR"
