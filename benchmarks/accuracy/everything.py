"""All accuracy benchmarks, two at a time, and their figures in one table.

    python benchmarks/accuracy/everything.py [--seed N] [--out out/accuracy] [--only NAME ...]

Each script's whole output is in OUT/<name>.log, its figures in OUT/<name>.json, its pictures in OUT/pictures, the table
in OUT/figures.md. The peers need their own environment (``make peers``); without it their columns are empty.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from figures import Figure, table

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Script:
    """``shared``: it uses the films and results that the one of that name left behind, so it comes after it."""

    name: str
    title: str
    options: tuple[str, ...] = ()
    pictures: bool = False


#: Longest first, so that two lanes end together; closure and identification share their films and come last.
SCRIPTS: tuple[Script, ...] = (
    Script("shots", "Boundaries", pictures=True),
    Script("confidence", "Confidence", pictures=True),
    Script("colour", "Colour", pictures=True),
    Script("sound", "Sound", pictures=True),
    Script("motion", "Motion", pictures=True),
    Script("text", "Text", pictures=True),
    Script("picture", "Active picture", pictures=True),
    Script("sound_closure", "Sound of films made after another's"),
)
TOGETHER: tuple[Script, ...] = (
    Script("closure", "Style closure"),
    Script("identification", "Style identification"),
)


def run(script: Script, out: Path, seed: int, extra: tuple[str, ...] = ()) -> tuple[Script, float, int]:
    """Run one script; its seconds and exit code."""
    command = [sys.executable, HERE / f"{script.name}.py", "--seed", str(seed), "--json", out / f"{script.name}.json"]
    command += [*script.options, *extra, *(("--pictures", out / "pictures") if script.pictures else ())]
    started = time.monotonic()
    with (out / f"{script.name}.log").open("w") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, check=False).returncode
    spent = time.monotonic() - started
    print(f"{script.name}: {'done' if code == 0 else f'FAILED ({code})'}, {spent:.0f} s", flush=True)
    return script, spent, code


def commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    return found.stdout.strip() or "unknown"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "accuracy")
    parser.add_argument("--only", nargs="+", choices=[script.name for script in (*SCRIPTS, *TOGETHER)])
    given = parser.parse_args()
    out = given.out.resolve()
    (out / "pictures").mkdir(parents=True, exist_ok=True)
    wanted = [script for script in SCRIPTS if not given.only or script.name in given.only]
    started = time.monotonic()
    with ThreadPoolExecutor(2) as lanes:
        done = list(lanes.map(lambda script: run(script, out, given.seed), wanted))
    shared = ("--folder", str(out / f"closure-{given.seed}-{commit()}"))
    after = [script for script in TOGETHER if not given.only or script.name in given.only]
    done.extend(run(script, out, given.seed, shared) for script in after)
    lines = [
        f"Commit {commit()}, seed {given.seed}, {platform.machine()}, {time.monotonic() - started:.0f} s in all.\n"
    ]
    for script, spent, code in done:
        lines.append(f"\n### {script.title} (`benchmarks/accuracy/{script.name}.py`, {spent:.0f} s)\n")
        rows = out / f"{script.name}.json"
        if code == 0 and rows.exists():
            lines.append(table([Figure(**row) for row in json.loads(rows.read_text())]))
        else:
            lines.append(f"failed with code {code}: see {script.name}.log")
    (out / "figures.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    if any(code for _, _, code in done):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
