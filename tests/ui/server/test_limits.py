"""The process's limit of open files is raised, and the same message over and over does not fill the log."""

import logging
import resource
import subprocess
import sys

import pytest

from ui.server.limits import MOST, PERIOD, Fewer


def test_the_soft_limit_becomes_the_hard_one():
    program = """
import resource
from ui.server.limits import more_files
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 512))
assert more_files() == 512 == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
assert more_files() == 512
"""
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 512
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def written(monkeypatch):
    """Logs as asyncio does, through the filter; gives what is written and a clock."""
    clock, lines = Clock(), []
    logger = logging.Logger("test")
    logger.addFilter(Fewer(clock))
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger.addHandler(handler)
    return logger, lines, clock


def test_a_message_over_and_over_is_counted(written):
    logger, lines, clock = written

    def fail(k):
        logger.error("socket.accept() out of system resource %s", k)

    for k in range(3000):
        fail(k)
    assert len(lines) == MOST
    clock.now = PERIOD + 1
    fail("again")
    assert lines[-1] == f"socket.accept() out of system resource again (and {3000 - MOST} more like this before)"
    clock.now = 3 * PERIOD
    fail("at last")
    assert lines[-1] == "socket.accept() out of system resource at last"


def test_other_messages_are_written_meanwhile(written):
    """Told apart by the line that logs and by the line that failed."""
    logger, lines, _ = written

    def one():
        raise ValueError("one")

    def other():
        raise ValueError("other")

    for _ in range(100):
        for wrong in (one, other):
            try:
                wrong()
            except ValueError as error:
                logger.exception("%s", error)
        logger.error("third")
    assert {line: lines.count(line) for line in lines} == {"one": MOST, "other": MOST, "third": MOST}
