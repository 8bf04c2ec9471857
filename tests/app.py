"""The app without a browser: a lesson opened, and what is read off it."""

import base64
import json
from functools import cache
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[1]
ROUTER = str(ROOT / "lessons" / "router.py")


@cache
def _first_page():
    """One run of the first page for all tests: the list of pages and the components are found in it."""
    return AppTest.from_file(ROUTER, default_timeout=60).run()


def session(page, query, timeout=60):
    """A new session that has followed a link to this page, not run yet."""
    at = AppTest.from_file(ROUTER, default_timeout=timeout)
    for name in ("_registered_pages", "_bidi_component_manager"):
        setattr(at, name, getattr(_first_page(), name))
    for key, value in query.items():
        at.query_params[key] = value
    return at.switch_page(f"../pages/{page}.py")


def open_page(page, lang="en", /, **query):
    at = session(page, {"lang": lang, **query}).run()
    assert not at.exception, at.exception
    return at


def stepper(at):
    """What the stepper on the page was given, the tables as nested lists."""
    for component in at.get("bidi_component"):
        if component.proto.component_name == "unrolled_stepper":
            data, run = json.loads(component.proto.bytes)
            return data | {"run": unpacked(run)}
    raise AssertionError("no stepper on the page")


def unpacked(value):
    """The same with every packed table as nested lists."""
    if isinstance(value, list):
        return [unpacked(v) for v in value]
    if not isinstance(value, dict):
        return value
    if "f32" in value:
        flat = np.frombuffer(base64.b64decode(value["f32"]), "<f4")
        return flat.reshape(value["shape"]).tolist()
    return {key: unpacked(v) for key, v in value.items()}


def values_of(node):
    """A node's values `(T, N)`."""
    return np.array(node["values"], dtype=float)


def words_of(at):
    return "\n".join(m.value for kind in (at.markdown, at.caption, at.warning, at.info, at.success) for m in kind)
