"""Errors of the clips family: what is wrong with a request itself is 400 there (CONTRACT sections 5 and 8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reelprint.core.errors import AddressRefused, DocumentError, ServiceError

_ABOUT_THE_REQUEST = frozenset(("VALIDATION_ERROR", "MISSING_FIELD"))


@contextmanager
def bad_requests() -> Iterator[None]:
    """Raise what says that the request is wrong as ServiceError with status 400; everything else as it is."""
    try:
        yield
    except (DocumentError, AddressRefused) as error:
        raise _bad_request(error.message, error.detail) from None
    except ServiceError as error:
        if error.status == 422 and error.code in _ABOUT_THE_REQUEST:
            raise _bad_request(error.message, error.detail) from None
        raise


def _bad_request(message: str, detail: str) -> ServiceError:
    error = ServiceError(message, code="VALIDATION_ERROR", detail=detail)
    error.status = 400
    return error
