"""What the Dockerfile copies is enough: the app is served from those files alone, and every lesson opens."""

import re
import shutil
from pathlib import Path

from benchmarks.reader import Reader
from deploy.local import wait_until_ready
from lessons import places
from tests.browser.server import run_apart, serve

ROOT = Path(__file__).parents[2]


def test_the_image_holds_all_that_the_app_needs(tmp_path):
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    for source, target in re.findall(r"^COPY (\S+) (\S+)$", dockerfile, re.M):
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "checkpoints")
            shutil.copytree(ROOT / source, tmp_path / target, ignore=ignored)
        else:
            shutil.copy(ROOT / source, tmp_path / target)
    words = [place.word for place in places()]
    opened = {}

    async def visit(address):
        async with Reader(address) as reader:
            for word in words:
                opened[word] = (await reader.open("" if word == "home" else word)).error
                assert reader.said, word

    with serve(tmp_path / "app.py") as (address, _):
        wait_until_ready(address)
        run_apart(visit(address))
    assert opened == dict.fromkeys(words, "")
