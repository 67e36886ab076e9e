"""200 jobs of small footage, two workers, one of them killed at random every few seconds. Run by ``make soak``.

    python -m tests.chaos.soak [--jobs 200] [--every-s 4] [--machines]

Every job has to end once, none lost, none double, no orphan file or process. Prints what it counted; exits 1 when
something is wrong.
"""

from __future__ import annotations

import argparse
import collections
import random
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil

from tests.chaos.machines import bucket_keys, several
from tests.chaos.scene import film
from tests.media import Lab
from tests.service import TERMINAL, Receiver, Service, leftovers, running


class Killer(threading.Thread):
    """Kills a worker now and then; ``revive`` starts another where nobody else does."""

    def __init__(self, workers: Any, every_s: float, seed: int, revive: Any = None) -> None:
        super().__init__(daemon=True)
        self._workers, self._every_s, self._revive = workers, every_s, revive
        self._random = random.Random(seed)
        self._over = threading.Event()
        self.kills = 0

    def run(self) -> None:
        while not self._over.wait(self._random.uniform(0.5, 1.5) * self._every_s):
            with suppress(IndexError, psutil.NoSuchProcess):
                self._random.choice(self._workers()).kill()
                self.kills += 1
                if self._revive is not None:
                    self._revive()

    def end(self) -> None:
        self._over.set()
        self.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--every-s", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--machines", action="store_true", help="two APIs, three workers, PostgreSQL and S3 shared")
    args = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reelprint-soak-")))
        receiver = stack.enter_context(Receiver())
        lab = Lab(folder / "films")
        if args.machines:
            machines = stack.enter_context(several(folder))
            services = machines.apis

            def alive() -> list[Any]:
                return [worker for worker in machines.workers if worker.process.poll() is None]

            killer = Killer(alive, args.every_s, args.seed, machines.add_worker)
        else:
            services = [stack.enter_context(running("--workers", "2", data_dir=folder / "data"))]
            killer = Killer(services[0].workers, args.every_s, args.seed)
        wrong = soak(services, receiver, lab, killer, args.jobs)
        if args.machines:
            wrong += [f"left in the bucket: {key}" for key in bucket_keys(machines.env, "work")]
        else:
            wrong += [f"left behind: {path}" for path in leftovers(services[0].data_dir)]
            wrong += [f"orphan: {one.cmdline()}" for one in services[0].named("reelprint.worker.run")]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def soak(services: list[Service], receiver: Receiver, lab: Lab, killer: Killer, count: int) -> list[str]:
    """Submit, kill, wait; what was wrong."""
    service = services[0]
    footage = service.upload(film(lab, "soak-footage", "nasa_13s.mp4", 0, 3))
    template = service.upload(film(lab, "soak-template", "tos_battle_70s.webm", 20, 3))
    began = time.monotonic()
    config = {"quality": "draft"}
    jobs = [
        services[number % len(services)].submit(
            video_id=footage,
            template_video_id=template,
            webhook_url=receiver.url,
            config={**config, "seed": number},
        )
        for number in range(count)
    ]
    killer.start()
    states: dict[str, str] = {}
    progress: dict[str, int] = collections.defaultdict(int)
    wrong: list[str] = []
    deadline = time.monotonic() + 60 * count
    while len(states) < count and time.monotonic() < deadline:
        for job_id in [job_id for job_id in jobs if job_id not in states]:
            job = service.job(job_id)
            if job["progress_percent"] < progress[job_id]:
                wrong.append(f"{job_id} went back from {progress[job_id]} to {job['progress_percent']} %")
            progress[job_id] = job["progress_percent"]
            if job["status"] in TERMINAL:
                states[job_id] = job["status"]
            if job["status"] == "queued":
                break  # they are taken in order
        time.sleep(0.1)
    killer.end()
    time.sleep(12)  # webhooks that were on their way, and what a killed worker left to the next
    wrong += [f"{job_id} never ended: {service.job(job_id)}" for job_id in jobs if job_id not in states]
    for job_id in jobs:
        got = receiver.of(job_id)
        if len(got) != 1:
            wrong.append(f"{job_id} ({states.get(job_id)}) has {len(got)} webhooks")
        if states.get(job_id) == "completed" and service.http.head(f"/api/v1/jobs/{job_id}/output").status_code != 200:
            wrong.append(f"{job_id} is completed and has no film")
    total = service.http.get("/api/v1/jobs", params={"page_size": 1}).json()["total"]
    if total != count:
        wrong.append(f"{total} jobs in the list, {count} submitted")
    counts = collections.Counter(states.values())
    failed = [service.job(job_id)["error"] for job_id, state in states.items() if state == "failed"]
    took_s = time.monotonic() - began
    print(f"{count} jobs, {killer.kills} workers killed, {took_s:.0f} s: {dict(counts)}; {len(wrong)} things wrong")
    for error in failed:
        print(f"failed: {error}")
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
