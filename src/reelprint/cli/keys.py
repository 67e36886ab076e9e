"""``reelprint keys``: API keys. Works whether ``serve`` runs or not, on the same database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from reelprint.adapters.db.keys import Keys
from reelprint.adapters.db.store import Store
from reelprint.bootstrap.schema import database
from reelprint.cli.endings import tell_json
from reelprint.core.errors import DocumentError
from reelprint.core.saved import ApiKey
from reelprint.settings import load_settings
from reelprint.worker.webhooks import webhook_secret

T = TypeVar("T")

_LONGEST_NAME = 100

app = typer.Typer(
    help="API keys: with the first one made, every request to the server needs one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for; it need not be unique.")], json_: AsJson = False
) -> None:
    """Make a key. It is shown this once and kept only as a hash."""
    label = name.strip()
    if not label or len(label) > _LONGEST_NAME or not label.isprintable():
        raise DocumentError(f"a key's name has 1 to {_LONGEST_NAME} printable characters", detail="NAME")
    key, secret = _with_keys(lambda keys: keys.create(label))
    if json_:
        tell_json({"key": secret} | _shown(key))
        return
    typer.echo(secret)
    typer.echo(f"Keep it: it is not shown again. Its id is {key.key_id}. Every request needs a key now.", err=True)


@app.command("list")
def list_(json_: AsJson = False) -> None:
    """List the keys, revoked ones too, without their secrets."""
    keys = _with_keys(lambda keys: keys.list())
    if json_:
        tell_json({"keys": [_shown(key) for key in keys]})
        return
    table = Table(Column("id", no_wrap=True), "name", Column("made", no_wrap=True), Column("revoked", no_wrap=True))
    for key in keys:
        table.add_row(key.key_id, escape(key.name), _moment(key.created_at), _moment(key.revoked_at) or "")
    Console().print(table)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, see `reelprint keys list`.")], json_: AsJson = False
) -> None:
    """Make a key useless, within two seconds. What it made stays, and nobody sees it any more."""
    key = _with_keys(lambda keys: keys.revoke(key_id))
    if json_:
        tell_json(_shown(key))
    else:
        typer.echo(f"{key.key_id} ({key.name}) is revoked.")


@app.command("webhook-secret")
def webhook_secret_(json_: AsJson = False) -> None:
    """Print the secret that webhooks are signed with (Standard Webhooks): WEBHOOK_SECRET, or the one made for you."""
    settings = load_settings()
    secret = _with_store(lambda store: webhook_secret(store, settings))
    if json_:
        tell_json({"webhook_secret": secret})
    else:
        typer.echo(secret)


def _with_keys(work: Callable[[Keys], Awaitable[T]]) -> T:
    return _with_store(lambda store: work(store.keys))


def _with_store(work: Callable[[Store], Awaitable[T]]) -> T:
    async def connected(url: str) -> T:
        store = Store(url, pool_size=1)
        try:
            return await work(store)
        finally:
            await store.close()

    with database(load_settings()) as url:
        return asyncio.run(connected(url))


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "created_at": _moment(key.created_at),
        "revoked_at": _moment(key.revoked_at),
    }


def _moment(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
