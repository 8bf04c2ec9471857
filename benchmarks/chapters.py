"""What one rerun of every chapter costs the server, and the memory once all are visited: `python -m benchmarks.chapters`.

One reader alone; each chapter is opened, then drawn again `--times` times without a change. Prints one JSON line per
chapter: processor time, time as the reader sees it, bytes; the last line is the server's resident memory at start and
after every chapter of every lesson was visited in both languages, beside what Streamlit Community Cloud allows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.load import LESSON_WORDS, cpu_seconds
from benchmarks.memory import resident
from benchmarks.reader import Reader
from deploy.local import wait_until_ready
from tests.browser.server import serve

CLOUD_MIB = 658
"""The least that Community Cloud's documentation gives an app, 0.69 GB; it may get up to 2.7."""


async def chapters(address: str, pid: int, lessons: Sequence[str], times: int, locale: str) -> list[dict[str, Any]]:
    """Every chapter of some lessons, in one session."""
    found = []
    async with Reader(address, locale) as reader:
        for lesson in lessons:
            opened = [await reader.open("" if lesson == "home" else lesson)]
            part = f"{lesson}.part"
            names = [o.content for o in reader.controls[part].options] if part in reader.controls else [""]
            for name in names:
                if name:
                    opened = [await reader.set(part, name)]
                await asyncio.sleep(0.2)
                before = cpu_seconds(pid)
                again = [await _again(reader, lesson, part, name) for _ in range(times)]
                cpu = (cpu_seconds(pid) - before) / max(1, times)
                every = opened + again
                found.append(
                    {
                        "lesson": lesson,
                        "chapter": name,
                        "first_ms": round(1000 * opened[0].seconds, 1),
                        "cpu_ms": round(1000 * cpu, 1),
                        "again_ms": round(1000 * statistics.median(r.seconds for r in every[-times:]), 1),
                        "kB": round(every[-1].size / 1000, 1),
                        "error": next((r.error for r in every if r.error), ""),
                    }
                )
    return found


async def _again(reader: Reader, lesson: str, part: str, name: str) -> Any:
    await asyncio.sleep(0.05)
    if name:
        return await reader.set(part, name)
    return await reader.open("" if lesson == "home" else lesson, reader.query)


def main() -> Iterator[dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesson", choices=LESSON_WORDS, help="only this one")
    parser.add_argument("--times", type=int, default=8)
    args = parser.parse_args()
    lessons = [args.lesson] if args.lesson else LESSON_WORDS
    with serve() as (address, pid):
        wait_until_ready(address)
        start = resident(pid)
        yield from asyncio.run(chapters(address, pid, lessons, args.times, "en-US"))
        yield from (asyncio.run(chapters(address, pid, lessons, 1, "ja-JP")) if not args.lesson else [])
        yield {
            "MiB_start": round(start, 1),
            "MiB_all_visited": round(resident(pid), 1),
            "MiB_allowed": CLOUD_MIB,
        }


if __name__ == "__main__":
    for line in main():
        print(json.dumps(line, ensure_ascii=False), flush=True)
