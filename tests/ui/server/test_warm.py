"""The heap is frozen once torch is loaded, and that makes the collection after every rerun cheap."""

import os
import subprocess
import sys

SCRIPT = """
import gc, time
from ui.server import warm
warm.start(); warm.start(); warm.wait()
assert warm.is_ready()
frozen = gc.get_freeze_count()
assert frozen > 100_000, frozen
def collect():
    start = time.process_time(); gc.collect(2); return time.process_time() - start
after = min(collect() for _ in range(5))
gc.unfreeze()
before = min(collect() for _ in range(5))
assert after < before / 5, (after, before)
print(f"{frozen} objects frozen; collection {1000 * before:.0f} -> {1000 * after:.1f} ms")
"""


def test_freezing_makes_the_collection_cheap():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print(done.stdout)


ROOM = """
import asyncio, gc
from ui.server import warm
class Session(dict): pass
class Loop:
    later = []
    def call_soon_threadsafe(self, f, *a): f(*a)
    def call_later(self, s, f, *a): self.later.append((f, a))
state, loop = Session(), Loop()
warm.st.session_state = state
warm.greet(); warm.greet()
assert not warm.nobody_here()
warm.start(loop); warm.wait()
assert gc.get_freeze_count() == 0 and len(loop.later) == 1  # a reader came before the models were there
state.clear()
f, a = loop.later.pop(); f(*a)
assert gc.get_freeze_count() > 100_000 and not loop.later
"""


def test_a_readers_state_is_never_frozen():
    done = subprocess.run([sys.executable, "-c", ROOM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


ONE = """
import os, threading
from ui.server import warm
warm.one_thread_each()
import torch
def read():
    with torch.inference_mode():
        torch.nn.LSTM(64, 64)(torch.randn(40, 8, 64))
read()
before = set(os.listdir("/proc/self/task"))
tasks = []
def rerun():
    read()
    tasks.append(set(os.listdir("/proc/self/task")))
threading.Thread(target=rerun).start()
while not tasks: pass
assert len(tasks[0] - before) == 1, tasks[0] - before
"""


def test_a_rerun_computes_on_its_own_thread_alone():
    """Not so with `torch.set_num_threads`, which holds for the thread that calls it."""
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", ONE], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_streamlit_leaves_collecting_to_python():
    """A hidden option: were it gone, every rerun would cost a full collection until the room is empty."""
    from streamlit import config

    assert config.get_option("runner.postScriptGC") is False
    assert config.get_option("server.fileWatcherType") == "none"
