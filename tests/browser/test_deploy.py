"""Two processes behind a real nginx: a reader stays with one, and goes on with the other when it dies."""

import asyncio
import os
import shutil
import signal
import urllib.error
import urllib.request

import pytest

from benchmarks.reader import Reader
from deploy.local import behind_nginx, filled
from tests.browser.server import run_apart

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None and "CI" not in os.environ, reason="nginx is not installed"
)


def status(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, {}


def test_every_place_must_be_filled():
    with pytest.raises(ValueError, match="nothing was given"):
        filled({"work": "/x"})


def test_a_process_dies_and_its_readers_go_on():
    with behind_nginx(2) as (address, pids):
        assert status(f"{address}/_stcore/metrics")[0] == 404
        assert status(f"{address}/ready")[0] == 404
        code, headers = status(address)
        assert code == 200
        assert "frame-ancestors" in headers["Content-Security-Policy"]
        assert headers["Set-Cookie"].startswith("unrolled=")
        run_apart(_readers(address, pids))


async def _readers(address, pids):
    readers = [Reader(address) for _ in range(12)]
    for k, reader in enumerate(readers):
        await reader.__aenter__()
        assert not (await reader.open("adder", f"lang=en&a={k}&b=7")).error
    os.kill(pids[0], signal.SIGKILL)
    await asyncio.sleep(0.3)
    lost = 0
    for k, reader in enumerate(readers):
        rerun = await reader.set("adder.b", 9.0)
        if rerun.error:  # its process is gone: connect again, with the address that the browser has
            lost += 1
            await reader.__aenter__()
            again = await reader.open("adder", reader.query)
            assert not again.error
            assert any(f"{k} + 7 = {k + 7}, which is right" in said for said in reader.said)
            assert not (await reader.set("adder.b", 9.0)).error
        assert any(f"{k} + 9 = {k + 9}, which is right" in said for said in reader.said)
    assert 0 < lost < len(readers)  # both processes had readers
    for reader in readers:
        await reader.__aexit__(None, None, None)
