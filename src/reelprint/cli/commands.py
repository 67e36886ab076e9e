"""The commands by name, each imported when it is asked for: a light one does not wait for what a heavy one needs."""

from __future__ import annotations

import importlib
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command as built

#: Name of a command -> its module, in the order of ``--help``. The module has ``command`` (a function) or ``app``
#: (a group of commands).
MODULES = {
    "extract": "reelprint.cli.extract",
    "apply": "reelprint.cli.apply",
    "clip": "reelprint.cli.clip",
    "compare": "reelprint.cli.compare",
    "presets": "reelprint.cli.presets",
    "doctor": "reelprint.cli.doctor",
    "demo": "reelprint.cli.demo",
    "serve": "reelprint.cli.serve",
    "worker": "reelprint.cli.worker",
    "jobs": "reelprint.cli.jobs",
    "keys": "reelprint.cli.keys",
}


class OnDemand(TyperGroup):
    """Knows the names of all commands and imports the one that is run (all of them for ``--help``)."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = cast(Any, dict.fromkeys(MODULES))

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        if cmd_name in MODULES and self.commands[cmd_name] is None:
            self.commands[cmd_name] = _load(cmd_name)
        return cast("TyperCommand | TyperGroup | None", super().get_command(ctx, cmd_name))


def _load(name: str) -> TyperCommand | TyperGroup:
    module = importlib.import_module(MODULES[name])
    group = getattr(module, "app", None)
    if group is None:
        group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        group.command(name)(module.command)
    loaded = cast("TyperCommand | TyperGroup", built(group))
    loaded.name = name
    return loaded
