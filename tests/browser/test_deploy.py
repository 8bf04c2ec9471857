"""Two processes behind a real nginx: a reader stays with one, and goes on with the other when it dies."""

import asyncio
import http.client
import os
import shutil
import signal
import socket
import urllib.error
import urllib.request

import pytest

from benchmarks.reader import Reader
from deploy.local import behind_nginx, filled
from tests.browser.server import run_apart
from tests.browser.test_limits import one_address_does_not_shut_out_another
from ui.server.headers import HEADERS

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None and "CI" not in os.environ, reason="nginx is not installed"
)


def status(address, **headers):
    request = urllib.request.Request(address, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def ask(address, text):
    """The status and headers of what is answered to a request as it stands."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(text.encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.headers


REFUSED = {
    "no such place": ("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "no host": ("GET / HTTP/1.1\r\n\r\n", 400),
    "no such method": ("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "large body": (f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {10**8}\r\n\r\n", 413),
    "long address": (f"GET /{'a' * 40_000} HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "large header": (f"GET / HTTP/1.1\r\nHost: x\r\nA: {'a' * 40_000}\r\n\r\n", 400),
}
"""What nginx refuses itself."""


def test_every_place_must_be_filled():
    with pytest.raises(ValueError, match="nothing was given"):
        filled({"work": "/x"})


def test_a_process_dies_and_its_readers_go_on():
    with behind_nginx(2) as (address, pids):
        assert status(f"{address}/_stcore/metrics")[0] == 404
        assert status(f"{address}/ready")[0] == 404
        code, headers = status(address)
        assert code == 200
        assert headers["Set-Cookie"].startswith("unrolled=")
        run_apart(_readers(address, pids))


def test_every_answer_has_the_security_headers_once():
    with behind_nginx(1) as (address, pids):
        for path, expected in (("/", 200), ("/_stcore/health", 200), ("/media/none.png", 404)):
            code, headers = status(address + path)
            assert code == expected
            for name, value in HEADERS.items():
                assert headers.get_all(name) == [value], (path, name)
        for why, (text, expected) in REFUSED.items():
            code, headers = ask(address, text)
            assert code == expected, why
            assert_headers_of_nginx(headers, why)
        os.kill(pids[0], signal.SIGKILL)
        code, headers = status(address)
        assert code == 502
        assert_headers_of_nginx(headers, "no process")


def assert_headers_of_nginx(headers, why):
    assert headers.get_all("Server") == ["nginx"], why  # without its version
    for name, value in HEADERS.items():
        (found,) = headers.get_all(name)
        if name == "Content-Security-Policy":  # stricter than the app's
            assert "default-src 'none'" in found, why
            assert "frame-ancestors 'self'" in found, why
        else:
            assert found == value, (why, name)


def test_cookies_are_for_tls_alone_where_there_is_tls():
    with behind_nginx(1) as (address, _):
        for proto, secure in (("https", True), ("http", False), ("", False)):
            headers = status(f"{address}/_stcore/health", **({"X_Forwarded_Proto": proto} if proto else {}))[1]
            cookies = headers.get_all("Set-Cookie")
            assert {cookie.partition("=")[0] for cookie in cookies} == {"unrolled", "_streamlit_xsrf"}
            assert all(("; Secure" in cookie) is secure for cookie in cookies), cookies
        code, headers = status(f"{address}/ready", X_Forwarded_Proto="https")
        assert code == 404
        assert headers["Set-Cookie"].endswith("; Secure")


def test_one_address_does_not_fill_the_queue_behind_nginx():
    """Whatever it writes into X-Forwarded-For, also where another proxy is trusted to write there."""
    with behind_nginx(1, front="127.0.0.1") as (address, _):
        run_apart(one_address_does_not_shut_out_another(address))


def test_a_trusted_proxy_tells_whose_connection_it_is():
    async def run(address):
        seen = []
        for origins in (range(8), [0] * 8):
            readers = [Reader(address, headers={"X-Forwarded-For": f"203.0.113.{k}"}) for k in origins]
            found = await asyncio.gather(*(r.__aenter__() for r in readers), return_exceptions=True)
            inside = [reader for reader in found if isinstance(reader, Reader)]
            seen.append(len(inside))
            for reader in inside:
                await reader.__aexit__(None, None, None)
        assert seen == [8, 3]

    with behind_nginx(1, connections=3, front="127.0.0.1") as (address, _):
        run_apart(run(address))


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
