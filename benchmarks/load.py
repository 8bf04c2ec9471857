"""A lecture hall: many readers at once on the real server. `python -m benchmarks.load --readers 60 --seconds 120`.

Each reader opens a deep link to a lesson, then clicks at random intervals: moves any control on the page to any value
it allows, types a sentence, goes to another chapter, lesson or language, presses a button that computes. Stepping in
time sends nothing to the server, so it is not in the mix. Prints one JSON line per lesson and one for all; times are
from sending to the end of the script as the reader sees it. Beside it stands an empty Streamlit app under the same clicks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.memory import resident
from benchmarks.reader import Reader, Rerun, any_value
from deploy.local import behind_nginx, wait_until_ready
from lessons import places
from tests.browser.server import serve

LESSON_WORDS = tuple(place.word for place in places())

MIX = {"control": 0.65, "chapter": 0.17, "lesson": 0.10, "compute": 0.03, "link": 0.05}
"""What a click is. `control`: any control, texts included; `compute`: a button that trains, translates, measures or
judges, if the page has one; `link`: the page again by its own link, as a new session."""

COMPUTES = (".start", ".go", ".measure")
"""How the keys of buttons end that compute for long."""

TEXTS = (
    "hello",
    "The food was cold but the waiters were kind.",
    "電車に傘を忘れました。",
    "部屋はとてもきれいでしたが、朝食は冷めていました。",
    "1.5, 2.3, 0.2, 5.2, 4.9, 3.1",
    "<b>&amp;</b> $x$",
    "",
)


@dataclass
class Tally:
    """What happened: seconds by (lesson, whether it computes), bytes, errors."""

    seconds: dict[tuple[str, bool], list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    memory: list[float] = field(default_factory=list)

    def note(self, lesson: str, rerun: Rerun, computes: bool = False) -> None:
        self.seconds[lesson, computes].append(rerun.seconds)
        self.sizes[lesson].append(rerun.size)
        if rerun.error:
            self.errors[lesson].append(rerun.error)

    def line(self, lessons: Sequence[str]) -> dict[str, Any]:
        """Times of reruns that do not compute, in ms; those that do stand apart."""
        plain = [s for lesson in lessons for s in self.seconds[lesson, False]]
        long = [s for lesson in lessons for s in self.seconds[lesson, True]]
        sizes = [s for lesson in lessons for s in self.sizes[lesson]]
        errors = [e for lesson in lessons for e in self.errors[lesson]]
        return {
            "reruns": len(plain),
            "p50_ms": _share(plain, 0.5),
            "p95_ms": _share(plain, 0.95),
            "computing_reruns": len(long),
            "computing_p50_ms": _share(long, 0.5),
            "computing_p95_ms": _share(long, 0.95),
            "kB_mean": round(sum(sizes) / max(1, len(sizes)) / 1000, 1),
            "errors": len(errors),
            **({"first_error": errors[0][:200]} if errors else {}),
        }


def _share(values: Sequence[float], share: float) -> float | None:
    """The quantile in ms."""
    if not values:
        return None
    return round(1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))], 1)


@dataclass
class Room:
    """Readers on one address until the clock says `end`; the first `warm_up` seconds are not counted."""

    address: str
    think: float
    begin: float
    end: float
    tally: Tally = field(default_factory=Tally)

    def over(self) -> bool:
        return time.perf_counter() >= self.end

    def note(self, lesson: str, rerun: Rerun | None, computes: bool = False) -> None:
        if rerun is not None and time.perf_counter() >= self.begin:
            self.tally.note(lesson, rerun, computes)

    async def pause(self, draw: Random) -> None:
        """Between half and one and a half of the mean; training goes on meanwhile where there is some."""
        await asyncio.sleep(self.think * draw.uniform(0.5, 1.5))

    async def visit(self, seed: int) -> None:
        """One reader."""
        draw = Random(seed)
        lesson = draw.choice(LESSON_WORDS)
        query = ""
        await asyncio.sleep(self.think * draw.random())
        while not self.over():
            async with self.enter(draw) as reader:
                self.note(lesson, await reader.open(_path(lesson), query))
                for _ in range(100):
                    await self.pause(draw)
                    if self.over() or (kind := self.kind(draw)) == "link":
                        break
                    if kind == "lesson":
                        lesson = draw.choice(LESSON_WORDS)
                        self.note(lesson, await reader.open(_path(lesson), _lang(reader.query)))
                    else:
                        await self.click(reader, lesson, kind, draw)
                query = reader.query

    @asynccontextmanager
    async def enter(self, draw: Random) -> AsyncIterator[Reader]:
        async with Reader(self.address, draw.choice(("ja-JP", "en-US"))) as reader:
            yield reader

    def kind(self, draw: Random) -> str:
        return draw.choices(list(MIX), list(MIX.values()))[0]

    async def click(self, reader: Reader, lesson: str, kind: str, draw: Random) -> None:
        """One act on the page; a computation is followed to its end or for ten seconds, and then stopped."""
        keys = list(reader.controls)
        if kind == "compute":
            buttons = [
                key
                for key, element in reader.controls.items()
                if key.endswith(COMPUTES) and type(element).__name__ == "Button"
            ]
            if buttons:
                self.note(lesson, await reader.press(draw.choice(buttons)), computes=True)
                await self.follow(reader, lesson, 10)
                return
        if kind == "chapter" and f"{lesson}.part" in keys:
            keys = [f"{lesson}.part"]
        draw.shuffle(keys)
        for key in keys:
            value = any_value(reader.controls[key], draw, list(TEXTS))
            if value is not None:
                self.note(lesson, await reader.set(key, value))
                return
        self.note(lesson, await reader.open(_path(lesson), reader.query))

    async def follow(self, reader: Reader, lesson: str, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end and not self.over() and reader.fragments:
            self.note(lesson, await reader.tick(), computes=True)
        stop = [key for key in reader.controls if key.endswith(".stop")]
        if stop and not self.over():
            self.note(lesson, await reader.press(stop[0]), computes=True)

    async def train(self, seed: int) -> None:
        """A reader who trains without end: the adder as in the notes, again and again."""
        async with Reader(self.address) as reader:
            await reader.open("adder", f"part=train&goal=3&seed={seed}")
            while not self.over():
                start = [k for k in reader.controls if k == "adder.train.start"]
                if start:
                    self.note("trainers", await reader.press(start[0]), computes=True)
                if not reader.fragments:
                    await asyncio.sleep(1)
                self.note("trainers", await reader.tick(), computes=True)

    async def knock(self, seed: int) -> None:
        """A reader of the empty app: its one button, at the same pace."""
        draw = Random(seed)
        async with Reader(self.address) as reader:
            await reader.open("")
            while not self.over():
                await self.pause(draw)
                key = draw.choice(list(reader.controls))
                value = any_value(reader.controls[key], draw, list(TEXTS))
                self.note("empty", await reader.set(key, value))


def _path(lesson: str) -> str:
    return "" if lesson == "home" else lesson


def _lang(query: str) -> str:
    return next((part for part in query.split("&") if part.startswith("lang=")), "")


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def hall(room: Room, pids: Sequence[int], visits: Sequence[Any]) -> dict[str, Any]:
    """All readers until the end; memory and processor time of the servers."""

    async def watch() -> None:
        while not room.over():
            room.tally.memory.append(sum(map(resident, pids)))
            await asyncio.sleep(1)

    cpu = [0.0, 0.0]

    async def clock() -> None:
        await asyncio.sleep(max(0.0, room.begin - time.perf_counter()))
        cpu[0] = sum(map(cpu_seconds, pids))
        await asyncio.sleep(max(0.0, room.end - time.perf_counter()))
        cpu[1] = sum(map(cpu_seconds, pids))

    await asyncio.gather(watch(), clock(), *visits)
    memory = room.tally.memory
    lessons = [lesson for lesson, _ in room.tally.seconds]
    done = sum(len(v) for v in room.tally.seconds.values())
    seconds = room.end - room.begin
    return {
        **room.tally.line(sorted(set(lessons) - {"trainers"})),
        "reruns_per_s": round(done / seconds, 1),
        "cpu_ms_per_rerun": round(1000 * (cpu[1] - cpu[0]) / max(1, done), 1),
        "cpu_share_of_one_core": round((cpu[1] - cpu[0]) / seconds, 2),
        "MiB_start": round(memory[0], 1),
        "MiB_peak": round(max(memory), 1),
        "MiB_end": round(memory[-1], 1),
        "MiB_each_minute": [round(value) for value in memory[::60]],
    }


@contextmanager
def servers(replicas: int, log: Path) -> Iterator[tuple[str, list[int]]]:
    """The app: one process, or several behind nginx. What one server says goes to `log`."""
    with ExitStack() as stack:
        if replicas == 1:
            address, pid = stack.enter_context(serve(log=log))
            wait_until_ready(address)
            yield address, [pid]
        else:
            yield stack.enter_context(behind_nginx(replicas))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=60)
    parser.add_argument("--trainers", type=int, default=0, help="readers more, who only train")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=2.0, help="mean seconds between clicks")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-empty", action="store_true", help="leave out the empty app")
    args = parser.parse_args()
    warm_up = 3 * args.think + 3
    errors = 0

    def room(address: str, seconds: float) -> Room:
        begin = time.perf_counter() + warm_up
        return Room(address, args.think, begin, begin + seconds)

    log = Path(tempfile.mkdtemp()) / "server.txt"
    with servers(args.replicas, log) as (address, pids):
        ours = room(address, args.seconds)
        visits = [ours.visit(args.seed * 1000 + k) for k in range(args.readers)]
        visits += [ours.train(k) for k in range(args.trainers)]
        whole = asyncio.run(hall(ours, pids, visits))
        for lesson in [*LESSON_WORDS, *(["trainers"] if args.trainers else [])]:
            print(json.dumps({"lesson": lesson, **ours.tally.line([lesson])}), flush=True)
            errors += len(ours.tally.errors[lesson])
    setting = {k: getattr(args, k) for k in ("readers", "trainers", "seconds", "think", "replicas")}
    print(json.dumps({"lesson": "all", **setting, **whole}), flush=True)
    if not args.no_empty:
        with serve(Path(__file__).with_name("empty_app.py")) as (address, pid):
            empty = room(address, min(args.seconds, 30))
            knocks = [empty.knock(k) for k in range(args.readers)]
            print(json.dumps({"lesson": "empty app", **asyncio.run(hall(empty, [pid], knocks))}))
    if errors and log.exists():
        said = log.read_text("utf-8")
        print(said[said.find("Traceback") :][:3000])
    return int(errors > 0)


if __name__ == "__main__":
    raise SystemExit(main())
