"""A visitor who means harm, straight over the websocket: any parameter, any widget value, any message of a component.

About 12,000 drawn values. Nothing may show an error of the program, end the session or reach the server's log
(the `server` fixture reads it at the end).
"""

import json
import random
import re
from urllib.parse import quote

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.load import cpu_seconds
from benchmarks.memory import resident
from benchmarks.reader import Reader
from deploy.local import wait_until_ready
from lessons import places
from tests.browser.server import run_apart, serve

READY = [place.word for place in places()]
PARAMS = {
    "part", "lang", "t", "open", "draw", "u", "v", "guess", "edit", "lr", "steps", "done", "word", "hidden", "seed", "wlr",
    "wsteps", "wdone", "wedit", "loss", "k", "kind", "numbers", "trained", "oloss", "ok", "cell", "T", "sigma", "ck",
    "closs", "cseed", "of", "a", "b", "act", "start", "scale", "opt", "clip", "batch", "goal", "runs", "big_a", "big_b",
    "claim", "source", "drawn", "window", "pair", "epochs", "fn", "bias", "what", "d", "nets", "pstart", "pscale", "drive",
    "pseed", "by", "elr", "esigma", "eact", "eseed", "far", "sseed", "corpus", "text", "sort", "task", "gates", "rung",
    "ltask", "lseed", "hold", "to", "from", "until", "which", "order", "row", "module", "z", "frame", "all", "pguess",
    "status", "dir", "swap", "prefix", "cut", "looks", "width", "alpha", "step", "tau", "at", "cuttext", "qz2", "qz13",
}  # fmt: skip
# `edone`, `sdone` and `ldone` are left out here: their honest values train for seconds (tests/pages has their odd ones)

NASTY = [
    "", " ", "0", "-1", "1", "2", "7", "999", "1000000", "9" * 30, "-0", "1e400", "NaN", "Infinity", "１２", "٣", "0x10", "1_000",
    "true", "None", "null", "[]", "{}", "../../etc/passwd", "C:\\con", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "$x^2$", "**b**", "`{a}`", "{0}", "%s%n", "[[x]]", "{{x}}", "=1+1", "'; DROP TABLE x;--", "\x00", "a\x00b", "\u202eabc",
    "\u200b", "\ufeff", "\ud83d", "👩‍👩‍👧", "e\u0301" * 30, "猫" * 400, "a" * 5000, ",".join("1" * 300), "1.5,nan", "0.1,1e999,2",
    "W_hh,0,0,10;b_y,3,,-10", "W_hh,99,99,1", "3.0:2:1_4.", "9.9", "l0.h:3:1", "\n", "\t", "\r\n", "\x7f", "\u0301", "０",
]  # fmt: skip


def nasty(draw):
    """One value, drawn: a known trouble, a piece of two, or random characters."""
    kind = draw.random()
    if kind < 0.6:
        value = draw.choice(NASTY)
    elif kind < 0.8:
        value = draw.choice(NASTY)[:20] + draw.choice(NASTY)[:20]
    else:
        value = "".join(
            chr(
                draw.choice(
                    (
                        draw.randrange(32, 127),
                        draw.randrange(0x3040, 0x30FF),
                        draw.randrange(0x1F600, 0x1F640),
                        draw.randrange(0, 32),
                    )
                )
            )
            for _ in range(draw.randrange(1, 30))
        )
    return value.encode("utf-8", "replace").decode("utf-8")


def any_state(widget, draw):
    """A widget state of any type, most often not the widget's."""
    state = WidgetState(id=widget)
    match draw.randrange(9):
        case 0:
            state.string_value = nasty(draw)
        case 1:
            state.double_value = draw.choice([0.0, -1.0, 1e308, float("nan"), float("inf"), 3.5])
        case 2:
            state.int_value = draw.choice([0, -1, 2**62, 5])
        case 3:
            state.bool_value = draw.random() < 0.5
        case 4:
            state.double_array_value.data.extend([draw.choice([float("nan"), 1e300, -1.0, 2.0])] * draw.randrange(4))
        case 5:
            state.string_array_value.data.extend(nasty(draw) for _ in range(draw.randrange(4)))
        case 6:
            state.int_array_value.data.extend([draw.choice([0, -5, 10**9])] * draw.randrange(4))
        case 7:
            state.json_value = draw.choice(
                [
                    "{",
                    "null",
                    "[1]",
                    json.dumps({"edit": nasty(draw), "ask": [1], "drawn": {"a": 1}, "frame": "x"}),
                    "1e999",
                ]
            )
        case 8:
            state.bytes_value = b"\xff\x00" * 10
    return state


def fitting_state(element, draw):
    """A widget state of the widget's own type with a value that no reader could choose; None for what is no control."""
    state = WidgetState(id=element.id)
    match type(element).__name__:
        case "TextInput" | "TextArea" | "Selectbox":
            state.string_value = nasty(draw)
        case "ButtonGroup":
            state.string_array_value.data.append(nasty(draw))
        case "Slider" if element.options:
            state.string_array_value.data.append(nasty(draw))
        case "Slider":
            state.double_array_value.data.append(draw.choice([1e300, -1.0, 2.0, 0.5, 1e9]))
        case "NumberInput":
            state.double_value = draw.choice([0.0, -1.0, 1e308, 3.5, 1e9])
        case "Checkbox":
            state.bool_value = draw.random() < 0.5
        case "BidiComponent":
            message = any_message(draw)
            while isinstance(message, str):  # Streamlit drops a text with a trace in its log
                message = any_message(draw)
            state.json_value = json.dumps(message)
        case _:
            return None
    return state


def any_message(draw, depth=0):
    """What a component of ours might be told by hand: its own names, and anything under them."""
    names = [
        "edit",
        "ask",
        "values",
        "gates",
        "frame",
        "drawn",
        "owner",
        "weight",
        "row",
        "col",
        "value",
        "lane",
        "unit",
        "theme",
    ]
    match draw.randrange(8 if depth < 3 else 5):
        case 0:
            return nasty(draw)
        case 1:
            return draw.choice([0, -1, 10**9, 2**70, 1e300, 0.5])
        case 2:
            return draw.choice([None, True, False])
        case 3:
            return draw.choice(["l0", "readout", "W_hh", "b_h", "enc", "f", "i", "o"])
        case 4:
            return draw.choice([[], {}, ""])
        case 5:
            return [any_message(draw, depth + 1) for _ in range(draw.choice([0, 1, 3, 12]))]
        case _:
            return {name: any_message(draw, depth + 1) for name in draw.sample(names, draw.randrange(6))}


@pytest.mark.parametrize("lesson", READY)
def test_any_values_in_every_chapter(server, lesson):
    """Of the right type, so that Streamlit lets them through: no error at all, and the page goes on."""

    async def run():
        draw = random.Random(f"chapters {lesson}")
        page, part = "" if lesson == "home" else lesson, f"{lesson}.part"
        async with Reader(server) as reader:
            await reader.open(page, "lang=en")
            chapters = [o.content for o in reader.controls[part].options] if part in reader.controls else [None]
            for chapter in chapters:
                for k in range(16):
                    if k % 4 == 0:
                        await reader.open(page, "lang=en")
                        if chapter is not None:
                            await reader.set(part, chapter)
                    states = [
                        state
                        for key, element in reader.controls.items()
                        if key != part and draw.random() < 0.5 and (state := fitting_state(element, draw)) is not None
                    ]
                    found = await reader.raw(*states)
                    assert not found.error, (chapter, states)

    run_apart(run())


@pytest.mark.parametrize("lesson", READY)
def test_any_parameters(server, lesson):
    async def run():
        draw = random.Random(f"parameters {lesson}")
        async with Reader(server) as reader:
            for _ in range(30):
                names = draw.sample(sorted(PARAMS), 30)
                query = "&".join(f"{name}={quote(nasty(draw))}" for name in names)
                found = await reader.open("" if lesson == "home" else lesson, query)
                assert not found.error, (query, found.error)

    run_apart(run())


def test_any_widget_values(tmp_path):
    """A value of the wrong *type* cannot come from a browser. Streamlit itself refuses some of them with an error in the
    sender's own session; our code is never where it ends, and the session and all others go on."""
    log = tmp_path / "log.txt"
    with serve(log=log) as (address, _):
        for lesson in READY:
            run_apart(_any_widget_values(address, lesson))
    ends = []
    for trace in log.read_text("utf-8").split("Traceback (most recent call last)")[1:]:
        frames = re.findall(r'File "([^"]+)", line (\d+)', trace)
        ends.append(frames[-1])
    ours = [end for end in ends if "site-packages" not in end[0] and "/lib/python" not in end[0]]
    assert not ours, ours


async def _any_widget_values(server, lesson):
    draw = random.Random(f"widgets {lesson}")
    async with Reader(server) as reader:
        for _ in range(25):
            await reader.open("" if lesson == "home" else lesson, "lang=en")
            states = [
                any_state(element.id, draw)
                for key, element in reader.controls.items()
                if not key.endswith((".start", ".go", ".measure"))
            ]
            states.append(any_state("$$ID-0000-nobody", draw))
            await reader.raw(*states)
        assert not (await reader.open("" if lesson == "home" else lesson)).error


def test_five_megabytes_in_every_text_box():
    """Each is answered as a text that is too long, at little cost, and is not kept when its reader has left."""
    texts = ("a" * 5_000_000, "猫" * 1_700_000, "\u0301" * 2_500_000)

    async def run(address, pid):
        costliest = 0.0
        for k, lesson in enumerate(READY):
            page, part = "" if lesson == "home" else lesson, f"{lesson}.part"
            async with Reader(address) as reader:
                await reader.open(page, "lang=en")
                chapters = [o.content for o in reader.controls[part].options] if part in reader.controls else [None]
                for chapter in chapters:
                    if chapter is not None:
                        await reader.set(part, chapter)
                    boxes = [
                        key
                        for key, element in reader.controls.items()
                        if type(element).__name__ in ("TextInput", "TextArea")
                    ]
                    for key in boxes:
                        state = WidgetState(id=reader.controls[key].id, string_value=texts[k % 3])
                        before = cpu_seconds(pid)
                        found = await reader.raw(state)
                        assert not found.error, key
                        costliest = max(costliest, cpu_seconds(pid) - before)
                        assert len(reader.query) < 5_000, key
                    await reader.open(page, "lang=en")
        assert costliest < 10

    with serve() as (address, pid):
        wait_until_ready(address)
        before = resident(pid)
        run_apart(run(address, pid))
        assert resident(pid) - before < 300


def test_readers_do_not_see_each_other(server):
    async def run():
        async with Reader(server) as one, Reader(server) as other:
            await one.open("sentiment", "of=en&text=A+secret+of+one+reader")
            await one.set("sentiment.text.box", "Another secret of one reader.")
            await other.open("sentiment", "of=en")
            assert "secret" not in " ".join(other.said)
            box = other.controls["sentiment.text.box"]
            assert "secret" not in box.value + box.default

    run_apart(run())
