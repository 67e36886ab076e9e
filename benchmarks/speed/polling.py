"""How fast status polling stays while both cores render, beside the same on an idle server, in one run.

    PYTHONPATH=. python benchmarks/speed/polling.py [--seconds 20] [--rate 50]

Prints p50, p99 and the worst of GET /api/v1/jobs/{id} at a steady rate (open loop: a late answer does not delay the
next request, so waiting is not hidden), idle first, then with two jobs that render.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from tests.chaos.scene import film
from tests.media import Lab
from tests.service import Service, running


async def poll(url: str, rate: float, seconds: float) -> list[float]:
    """Milliseconds of every request."""
    took_ms: list[float] = []

    async def one(client: httpx.AsyncClient) -> None:
        start = time.perf_counter()
        answer = await client.get(url)
        took_ms.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, answer.text

    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        await one(client)
        took_ms.clear()
        start = time.perf_counter()
        tasks = []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(one(client)))
        await asyncio.gather(*tasks)
    return took_ms


def row(name: str, took_ms: list[float]) -> float:
    """Print one line; the p99."""
    cuts = statistics.quantiles(took_ms, n=100)
    print(f"{name:<10} {len(took_ms):>6} {cuts[49]:>8.1f} {cuts[98]:>8.1f} {max(took_ms):>8.1f}")
    return cuts[98]


def busy(service: Service, footage: str) -> list[str]:
    """Two jobs in rendering."""
    jobs = [service.submit(video_id=footage, config={"preset": name}) for name in ("warm-film", "noir")]
    for job_id in jobs:
        service.watch(job_id, lambda job: job["current_stage"] == "rendering", 600)
    return jobs


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=50)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelprint-") as folder, running("--workers", "2") as service:
        lab = Lab(Path(folder))
        footage = service.upload(film(lab, "long", "tos_battle_70s.webm", 0, 60))
        done = service.submit(video_id=footage, config={"mode": "extract"})
        service.finish(done, 600)
        url = f"{service.url}/api/v1/jobs/{done}"
        print(f"{'server':<10} {'n':>6} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}")
        idle = row("idle", asyncio.run(poll(url, args.rate, args.seconds)))
        jobs = busy(service, footage)
        rendering = row("rendering", asyncio.run(poll(url, args.rate, args.seconds)))
        still = [service.job(job_id)["current_stage"] for job_id in jobs]
        print(f"p99 ratio {rendering / idle:.1f}; at the end the two jobs were in: {', '.join(map(str, still))}")
        for job_id in jobs:
            service.http.post(f"/api/v1/jobs/{job_id}/cancel")


if __name__ == "__main__":
    main()
