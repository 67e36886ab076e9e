"""Pages of lists."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

PageNumber = Annotated[int, Query(ge=1, description="which page, from 1")]
PageSize = Annotated[int, Query(ge=1, le=100, description="how many on a page")]

#: A page that is past the end of any list, and that a database can still count to.
_PAST_EVERYTHING = 10**15


def known_page(number: int) -> int:
    """The page to ask the database for."""
    return min(number, _PAST_EVERYTHING)
