"""Several app processes behind nginx on this machine: `python -m deploy.local --replicas 2 --port 8080`.

The same `nginx.conf` as in the containers, filled in for loopback. Needs nginx on the path (Debian: `nginx-light`).
"""

from __future__ import annotations

import argparse
import contextlib
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
CONNECTIONS = 300
"""Open connections from one address: a lecture hall behind one router, with room."""


def filled(values: Mapping[str, str]) -> str:
    """`nginx.conf` with its places filled in. Raises ValueError if one is left empty."""
    text = (HERE / "nginx.conf").read_text("utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    left = [line for line in text.splitlines() if "{{" in line and not line.startswith("#")]
    if left:
        raise ValueError(f"nothing was given for: {left[0].strip()}")
    return text


def local_config(work: Path, port: int, ports: Sequence[int], connections: int, front: str = "") -> str:
    """The configuration for this machine; nginx keeps all it writes in `work`. `front`: the address of a proxy before it."""
    trusted = f"set_real_ip_from {front}; real_ip_header X-Forwarded-For; real_ip_recursive on;"
    servers = "\n    ".join(f"server 127.0.0.1:{p} max_fails=1 fail_timeout=5s;" for p in ports)
    mime = next(
        (p for p in map(Path, ("/etc/nginx/mime.types", "/usr/local/etc/nginx/mime.types")) if p.exists()), None
    )
    return filled(
        {
            "work": str(work),
            "mime": str(mime),
            "servers": servers,
            "front": trusted if front else "",
            "listen": f"127.0.0.1:{port}",
            "connections": str(connections),
        }
    )


@contextlib.contextmanager
def behind_nginx(
    replicas: int, port: int | None = None, connections: int = CONNECTIONS, front: str = ""
) -> Iterator[tuple[str, list[int]]]:
    """Start the processes and nginx; gives the address and the processes' ids, and ends them all."""
    from tests.browser.server import free_port, serve

    if shutil.which("nginx") is None:
        raise FileNotFoundError("nginx is not on the path; on Debian: apt-get install nginx-light")
    port = free_port() if port is None else port
    secret = {"STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(16)}
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        apps = [stack.enter_context(serve(env=secret)) for _ in range(replicas)]
        for address, _ in apps:
            wait_until_ready(address)
        config = work / "nginx.conf"
        ports = [int(address.rpartition(":")[2]) for address, _ in apps]
        config.write_text(local_config(work, port, ports, connections, front), "utf-8")
        nginx = subprocess.Popen(["nginx", "-p", str(work), "-c", str(config)])
        stack.callback(_end, nginx)
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address)
        yield address, [pid for _, pid in apps]


def wait_until_ready(address: str, seconds: float = 120) -> None:
    """Until the start-up work of one process is done, as a probe of a load balancer sees it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/ready", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    raise TimeoutError(f"{address} is not ready")


def _wait_until_healthy(address: str) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
            return
        time.sleep(0.1)
    raise TimeoutError("nginx did not answer")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGQUIT)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--port", type=int, default=8080)
    args = parser.parse_args()
    with behind_nginx(args.replicas, args.port) as (address, _):
        print(f"{args.replicas} processes behind {address}; Ctrl-C ends them", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
