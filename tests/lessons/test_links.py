"""What a control or a text box accepts, its link restores: every parameter and every box of every lesson."""

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.app import ROOT, open_page
from tests.lessons.test_all import READY
from ui import state
from ui.typed import upload

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")


@pytest.fixture(scope="module")
def params():
    """Every parameter of every lesson, by "lesson.name"."""
    found = {}
    real = state.View.__init__

    def noted(view, name, given):
        found.update({f"{name}.{key}": param for key, param in given.items()})
        real(view, name, given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state.View, "__init__", noted)
        for word in READY:
            open_page(word)
    return found


ODD = st.text(max_size=30) | st.sampled_from(
    ["−0.5 2 3", "1\t2\t3", "１ ２　３", "a\u0301", "\u0958" * 24, "a\u200d\u0301", "０", " x ", "\u2028", "=1+1", "<b>", "%41&x=1#y", "+", "1;2"]
)  # fmt: skip


def test_every_lesson_has_parameters(params):
    assert {key.split(".")[0] for key in params} == {"shell", *READY}
    assert len(params) > 150


@settings(max_examples=400, deadline=None)
@given(
    value=ODD
    | st.integers(-5, 300)
    | st.floats()
    | st.booleans()
    | st.none()
    | st.lists(st.text(max_size=3), max_size=2)
)
def test_a_control_sets_only_what_a_link_restores(params, value):
    for name, param in params.items():
        if param.holds(value) and value != param.default:  # the default is not written
            back = param.parse(param.dump(value))  # None: refused, and the default instead
            assert (param.default if back is None else back) == value, name


BOXES = {
    "bptt": [{"part": "own", "kind": "word"}, {"part": "own", "kind": "numbers"}],
    "adder": [{"part": "break"}],
    "gru": [{"part": "read"}],
    "hello": [{"part": "word", "wdone": "0"}],
    "home": [{}],
    "lstm": [{"part": "read"}, {"part": "surgery"}, {"part": "slices"}],
    "sentiment": [{"part": "read"}],
    "translation": [
        {"part": "read"},
        {"part": "whatif", "swap": "1", "place": "99"},
        {"part": "words"},
    ],
}
"""Where text boxes stand; `test_no_text_box_is_forgotten` looks for others."""

NOT_IN_LINKS = {"sentiment.many.paste", "sine.own.box"}
"""Long texts, which the page says are in no link (`sine.own_note`) or forgotten (`sentiment.md`)."""

TYPED = [
    "−0.5 2 3\n1 2 3", "1\t2\t3", "１２", "3、7", "0　2　1　1　1　1　1　1", "bu\u0308cher is a\u0301", "\u0958\u0958\u0959", "私は本を読む。",
]  # fmt: skip
FEW = {"adder": ["１２", "12,345"]}
"""Its chapter computes every sum at each opening."""


def boxes(at):
    return {e.key: e for e in [*at.text_input, *at.text_area] if e.key not in NOT_IN_LINKS}


def shown(at):
    """What the page says and draws, without its complaints, and without how long it took."""
    words = re.sub(r"[\d,.]+ ms", "", " ".join(e.value for e in [*at.markdown, *at.caption]))
    return [words, *(e.proto.bytes for e in at.get("bidi_component") if e.proto.component_name == "unrolled_stepper")]


def said(at):
    return {e.value for e in [*at.warning, *at.info, *at.error]}


@pytest.mark.parametrize(
    ("lesson", "query"),
    [(lesson, q) for lesson, queries in BOXES.items() for q in queries],
    ids=str,
)
def test_what_is_typed_comes_back_by_its_link(lesson, query):
    """The link shows the same page; where the page refuses a text and stays as it was, so does the link."""
    at = open_page(lesson, "en", **query)
    assert boxes(at)
    for key in boxes(at):
        for plain in FEW.get(lesson, TYPED):
            boxes(at)[key].set_value(plain).run()
            for button in at.button:
                if button.form_id == "home.ask":
                    button.click().run()
            assert not at.exception
            link = {k: v if isinstance(v, str) else v[0] for k, v in at.query_params.items()}
            again = open_page(lesson, **{"lang": "en"} | link)
            assert shown(again) == shown(at), (key, plain)
            assert said(again) <= said(at), (key, plain)


def test_no_text_box_is_forgotten():
    """Where boxes are drawn; a box in a new place belongs into `BOXES`."""
    files = [p for folder in ("ui", "lessons", "pages") for p in (ROOT / folder).rglob("*.py")]
    found = {"text_box": set(), "kept_box": set(), "text_input": set(), "text_area": set()}
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute | ast.Name):
                name = node.attr if isinstance(node, ast.Attribute) else node.id
                found.get(name, set()).add(path.relative_to(ROOT).as_posix())
    assert found == {
        "text_box": {
            "lessons/adder/fail.py",
            "lessons/bptt/own.py",
            "lessons/hello/word.py",
            "lessons/lstm/slices.py",
            "lessons/translation/words.py",
            "ui/networks/chars.py",
            "ui/networks/reviews.py",
            "ui/networks/translators.py",
        },
        "kept_box": {"lessons/sentiment/many.py", "lessons/sine/shared.py"},
        "text_input": {
            "lessons/lstm/surgery.py",
            "lessons/translation/whatif.py",
            "ui/networks/reviews.py",
            "ui/typed/box.py",
        },
        "text_area": {"ui/typed/box.py"},
    }


def test_uploads_have_one_bound(monkeypatch):
    """Every box for files promises what the server takes, and says it in the page's language."""
    config = (ROOT / ".streamlit" / "config.toml").read_text("utf-8")
    assert f"maxUploadSize = {upload.MEGABYTES}\n" in config
    for lang, told in (("ja", "（1 MB まで）"), ("en", " (up to 1 MB)")):
        for lesson, query in (
            ("sentiment", {"part": "many"}),
            ("sine", {"source": "own"}),
            ("lstm", {"part": "slices"}),
        ):
            (box,) = open_page(lesson, lang, **query).file_uploader
            assert box.proto.max_upload_size_mb == upload.MEGABYTES
            assert box.label.endswith(told)
