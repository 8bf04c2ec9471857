"""Files that mean harm: cut, lying about themselves, enormous when opened, or nothing at all."""

import contextlib
import io
import json
import struct
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lessons.sentiment import batch
from lessons.sine import series
from rnn_core.importers.torch_file import StateDictError, find_recurrent, read_safetensors
from ui.typed.tables import COLUMNS, TableError, text_of

WHOLE = safetensors.numpy.save(
    {"weight_ih_l0": np.zeros((8, 3), np.float32), "weight_hh_l0": np.zeros((8, 2), np.float32)}
)


def bomb():
    """A megabyte that would open to a gigabyte."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 10**8)
    return file.getvalue()


def lying(**claims):
    """A header that says other things than there are bytes."""
    header = json.dumps({"weight_ih_l0": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96], **claims}}).encode()
    return struct.pack("<Q", len(header)) + header + b"\0" * 96


FILES = [
    b"", b"\0", b"\xff\xfe", b"PK\x03\x04", WHOLE[:9], WHOLE[:40], WHOLE[:-1], WHOLE + b"x",
    struct.pack("<Q", 2**63) + b"{}", struct.pack("<Q", 10**9) + b"{}", lying(shape=[10**9, 10**9]), lying(shape=[-1]),
    lying(data_offsets=[96, 0]), lying(data_offsets=[0, 10**12]), lying(dtype="F1"), lying(shape="x"), b"[" * 100_000,
    b"," * 10**6, b"a,b\n" + b"1,2\n" * 100_000, ("\u202e" * 1000).encode(), b"\n" * 10**6, b'"' * 10**5, b"1e400\nnan\n",
    b"=cmd()\n" * 100, "\ud83d".encode("utf-8", "surrogatepass"), b"0" * 10**6, b'"a\nb",c\n' * 1000,
]  # fmt: skip


def swallow(data):
    """Every reader of uploads gives a result or names a problem."""
    try:
        plain = text_of(data).text
    except TableError:
        plain = ""
    with contextlib.suppress(TableError):
        assert len(batch.pasted(plain).texts) <= batch.LINES
    with contextlib.suppress(TableError):
        reviews = batch.columns_of(plain)
        assert len(reviews.names) <= COLUMNS
        assert len(batch.texts_of(reviews, reviews.names[-1]).texts) <= batch.LINES
    with contextlib.suppress(TableError):
        numbers = series.columns_of(plain)
        values = series.numbers_of(numbers, numbers.names[-1]).values
        assert np.isfinite(np.float32(values)).all()
    try:
        return find_recurrent(read_safetensors(data))
    except StateDictError as error:
        return error.problem


@pytest.mark.parametrize("data", [*FILES, bomb()], ids=range(len(FILES) + 1))
def test_known_troubles_in_bounded_time_and_memory(data):
    start = time.process_time()
    swallow(data)
    assert time.process_time() - start < 5
    tracemalloc.start()
    swallow(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 400 * 2**20


@settings(max_examples=1500, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(str.encode),
        st.lists(st.text(st.characters(codec="utf-8"), max_size=8)).map(lambda cells: ",".join(cells).encode()),
    )
)
@example(b"a,b\n1,2\n3")
def test_any_bytes(data):
    swallow(data)


@settings(max_examples=1500, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(0, len(WHOLE)))
def test_a_whole_file_with_a_byte_changed_or_cut(at, byte, end):
    changed = bytearray(WHOLE)
    changed[at] = byte
    swallow(bytes(changed))
    swallow(WHOLE[:end])
