"""More than a hall of readers, on a real server: many tabs, a full queue, uploads without end, more tabs than may be open."""

import asyncio
import os
import re
import time
import urllib.error
import urllib.request
import uuid

import pytest
import websockets

from benchmarks.reader import Reader
from deploy.local import wait_until_ready
from tests.browser.server import run_apart, serve
from ui.server.turns import PLACES, SHARE
from ui.server.uploads import ALL, LEAST, SESSION

MiB = 2**20
LOG = 100_000
"""Bytes: more than any of these may write."""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server that forgets closed tabs after a second."""
    log = tmp_path_factory.mktemp("limits") / "log.txt"
    env = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "1"}
    with serve(log=log, env=env) as (address, pid):
        wait_until_ready(address)
        yield address, pid
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


async def in_turn(readers, what, at_once=10):
    """`what` of every reader, a few at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one(reader):
        async with gate:
            return await what(reader)

    return await asyncio.gather(*map(one, readers))


# --- tabs ----------------------------------------------------------------------------------------


def test_three_hundred_tabs_at_the_usual_limit(tmp_path):
    log = tmp_path / "log.txt"

    async def run(address, pid):
        readers = [Reader(address) for _ in range(300)]
        await in_turn(readers, lambda reader: reader.__aenter__())
        found = await in_turn(readers, lambda reader: reader.open("", "lang=en"))
        assert not [one.error for one in found if one.error]
        assert open_files(pid) > 1024  # or nothing was tried
        for reader in readers:
            await reader.__aexit__(None, None, None)

    with serve(log=log, ulimit="-S -n 1024") as (address, pid):
        wait_until_ready(address)
        run_apart(run(address, pid))
    assert log.stat().st_size < LOG


def test_when_no_more_tabs_can_be_open_those_inside_go_on(tmp_path):
    log = tmp_path / "log.txt"

    async def run(address):
        inside = []
        for _ in range(60):
            reader = Reader(address)
            try:
                await reader.__aenter__()
            except websockets.InvalidStatus:
                continue
            inside.append(reader)
            assert not (await reader.open("", "lang=en")).error
        assert 10 < len(inside) < 40  # the others were turned away
        for k, reader in enumerate(inside):
            assert not (await reader.open(("hello", "adder", "lstm")[k % 3], "lang=en")).error
        for reader in inside:
            await reader.__aexit__(None, None, None)

    with serve(log=log, ulimit="-n 192") as (address, _):
        wait_until_ready(address)
        run_apart(run(address))
    assert "Traceback" not in log.read_text("utf-8")


def test_more_connections_than_may_be_open_fill_no_log(tmp_path):
    """The log stays small, and when they leave there is room again."""
    log = tmp_path / "log.txt"

    async def run(address):
        port = int(address.rpartition(":")[2])
        waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(250)]
        await asyncio.sleep(3)  # asyncio tries again every second
        for _, writer in waiting:
            writer.close()
        await asyncio.sleep(2)
        async with Reader(address) as late:
            assert not (await late.open("", "lang=en")).error

    with serve(log=log, ulimit="-n 160") as (address, _):
        wait_until_ready(address)
        run_apart(run(address))
    text = log.read_text("utf-8")
    assert "out of system resource" in text  # or nothing was tried
    assert len(text) < LOG


# --- the queue -----------------------------------------------------------------------------------

SLOW = "lang=en&part=train&cell=lstm&hidden=64&batch=32&done=1500"
"""A link that has to train for seconds before it shows anything."""


async def fill(address, source, count):
    """`count` sockets of one address ask for long work, each with another forged origin; gives them once each has an
    answer but the one that computes: any of them, since they all ask at once."""
    readers = [Reader(address, source=source, headers={"X-Forwarded-For": f"203.0.113.{k}"}) for k in range(count)]
    await in_turn(readers, lambda reader: reader.__aenter__())
    tasks = [asyncio.create_task(reader.open("adder", SLOW)) for reader in readers]
    async with asyncio.timeout(120):
        while sum(place(reader) > 0 or full(reader) for reader in readers) < count - 1:
            await asyncio.sleep(0.2)
    return readers, tasks


def place(reader):
    return next((int(n) for said in reader.said for n in re.findall(r"place (\d+) in the queue", said)), 0)


def full(reader):
    return any("queue for computing is full" in said for said in reader.said)


async def leave(readers, tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for reader in readers:
        await reader.__aexit__(None, None, None)


async def one_address_does_not_shut_out_another(address):
    readers, tasks = await fill(address, "127.0.0.2", 70)
    refused = sum(map(full, readers))
    other, others = await fill(address, "127.0.0.3", 3)
    places = [place(reader) for reader in other]
    await leave(readers + other, tasks + others)
    assert refused == 70 - SHARE
    assert sum(0 < n <= PLACES for n in places) >= len(places) - 1


def test_seventy_sockets_of_one_address_leave_places_to_others(tmp_path):
    with serve(log=tmp_path / "log.txt") as (address, _):
        wait_until_ready(address)
        run_apart(one_address_does_not_shut_out_another(address))


# --- uploads -------------------------------------------------------------------------------------


def fetch(request):
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def stored(address):
    """Bytes that Streamlit holds for uploads, by its own count."""
    found = re.search(
        r'cache_memory_bytes{cache_type="UploadedFileManager".*} (\d+)', fetch(f"{address}/_stcore/metrics")[1]
    )
    return int(found[1]) if found else 0


def stored_now(address):
    time.sleep(5.1)  # Streamlit counts anew every five seconds
    return stored(address)


def upload(address, session, size, name="a.csv"):
    cookie = fetch(f"{address}/_stcore/health")[2]["Set-Cookie"].partition(";")[0]
    edge = uuid.uuid4().hex
    body = f'--{edge}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'.encode()
    body += b"1" * size + f"\r\n--{edge}--\r\n".encode()
    headers = {
        "Cookie": cookie,
        "X-Xsrftoken": cookie.partition("=")[2],
        "Content-Type": f"multipart/form-data; boundary={edge}",
    }
    url = f"{address}/_stcore/upload_file/{session}/{uuid.uuid4()}"
    return fetch(urllib.request.Request(url, body, headers, method="PUT"))[0]


async def until(what, seconds=60):
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.2)


def test_one_session_holds_so_much_and_leaves_nothing(small):
    address, _ = small

    async def run():
        async with Reader(address) as reader:
            await reader.open("sine", "lang=en&source=own")
            assert [upload(address, reader.session, MiB - 500) for _ in range(12)] == [204] * 12
            assert SESSION - MiB < stored_now(address) <= SESSION
            assert [upload(address, reader.session, 10) for _ in range(200)] == [204] * 200
            assert 0 < stored_now(address) <= SESSION // LEAST * 10  # their number is bounded, too
        await until(lambda: stored(address) == 0)

    run_apart(run())


def test_all_sessions_together_hold_so_much(small):
    address, _ = small

    async def run():
        readers = [Reader(address) for _ in range(ALL // SESSION + 3)]
        await in_turn(readers, lambda reader: reader.__aenter__())
        await in_turn(readers, lambda reader: reader.open("", "lang=en"))
        told = [upload(address, reader.session, MiB - 500) for reader in readers for _ in range(5)]
        assert set(told) == {204, 413}
        held = stored_now(address)
        assert ALL - MiB < held <= ALL
        assert upload(address, readers[-1].session, MiB - 500) == 413
        assert stored_now(address) == held  # what others have stored stays
        for reader in readers:
            await reader.__aexit__(None, None, None)
        await until(lambda: stored(address) == 0)
        async with Reader(address) as late:
            await late.open("", "lang=en")
            assert upload(address, late.session, MiB - 500) == 204
        await until(lambda: stored(address) == 0)

    run_apart(run())


def test_half_an_upload_counts_while_it_is_under_way(small):
    """Bodies that never end: refused when they are too much, and given back when their senders hang up."""
    address, _ = small
    port = int(address.rpartition(":")[2])
    cookie = fetch(f"{address}/_stcore/health")[2]["Set-Cookie"].partition(";")[0]

    async def begin(session):
        stream = await asyncio.open_connection("127.0.0.1", port)
        head = f"PUT /_stcore/upload_file/{session}/{uuid.uuid4()} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nX-Xsrftoken: {cookie.partition('=')[2]}\r\n"
        head += f"Content-Type: multipart/form-data; boundary=e\r\nContent-Length: {MiB}\r\n\r\n"
        stream[1].write(
            head.encode()
            + b'--e\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
            + b"1" * (MiB * 9 // 10)
        )
        await stream[1].drain()
        return stream

    async def run():
        async with Reader(address) as reader:
            await reader.open("", "lang=en")
            streams = [await begin(reader.session) for _ in range(4)]
            await until(lambda: upload(address, reader.session, MiB - 500) == 413)
            for _, writer in streams:
                writer.close()
            await until(lambda: upload(address, reader.session, MiB - 500) == 204)

    run_apart(run())


def test_a_readers_own_upload_is_read_and_forgotten(small, browser):
    """Through the page's own uploader, in a browser: a second file takes the place of the first; the closed tab leaves nothing."""
    address, _ = small
    numbers = "\n".join(str(round(k % 7 * 0.1, 2)) for k in range(60))
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(f"{address}/sine?source=own")
    chooser = page.locator("[data-testid=stFileUploader] input[type=file]")
    for name in ("one.csv", "two.csv"):
        chooser.set_input_files({"name": name, "mimeType": "text/csv", "buffer": numbers.encode()})
        page.get_by_text(name).first.wait_for()
        page.get_by_text("60 values read").first.wait_for()
    end = time.monotonic() + 60
    while stored(address) != len(numbers) and time.monotonic() < end:
        time.sleep(0.2)
    assert stored(address) == len(numbers)
    context.close()
    while stored(address) and time.monotonic() < end:
        time.sleep(0.2)
    assert stored(address) == 0
