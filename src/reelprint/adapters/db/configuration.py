"""How the built-in PostgreSQL is set up: small, safe, and the same at every start."""

from __future__ import annotations

from pathlib import Path

_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "shared_buffers": "64MB",
    "max_connections": "500",
    "max_wal_size": "256MB",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}


def write_configuration(path: Path, socket_folder: Path) -> None:
    """Write the configuration file.

    A file and no arguments, because its command line is how people find a process, and a setting is named like our
    workers. It lies beside PostgreSQL's folder: what is in there belongs to another user when we are root.
    """
    folders = str(socket_folder).replace('"', '""')
    settings = {**_SETTINGS, "unix_socket_directories": f'"{folders}"'}
    lines = [
        "# Written by Reelprint at every start.",
        *(f"{name} = {_quoted(text)}" for name, text in settings.items()),
    ]
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o644)


def _quoted(text: str) -> str:
    doubled = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
