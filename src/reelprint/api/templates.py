"""Routes by their templates, such as ``/api/v1/jobs/{job_id}``: for metrics, logs and the ``Allow`` header."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Scope

#: What requests for no known route are counted under: a label must not take any value that a client can think of.
UNMATCHED = "(none)"


class Templates:
    """The templates of an application's routes."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._paths: dict[int, str] = {}
        self._methods: list[tuple[str, re.Pattern[str], set[str]]] = []
        for context in iter_route_contexts(routes):
            path, methods = context.path, context.methods
            if path is None or methods is None:
                continue
            self._paths[id(context.original_route)] = path
            pattern = "".join(
                "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", path)
            )
            self._methods.append((path, re.compile(pattern), set(methods)))

    def of(self, scope: Scope) -> str:
        """The template of the route that took a request."""
        return self._paths.get(id(scope.get("route")), UNMATCHED)

    def allowed(self, path: str) -> set[str]:
        """Every method that a path has; the framework itself knows those of one route at a time."""
        found = [(template, methods) for template, pattern, methods in self._methods if pattern.fullmatch(path)]
        # What is a name of its own under /styles is no style's id: only routes of that very path count then.
        exact = [methods for template, methods in found if template == path]
        return set().union(*(exact or [methods for _, methods in found]))
