"""What every chapter of every lesson shows, as hashes: the element tree that AppTest gives, with the stepper's bytes.

    python -m tests.golden write FILE        python -m tests.golden compare FILE

For moves that must change nothing. Numbers that a clock gives are masked; so are ids that Streamlit makes.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import warnings
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[1]
ROUTER = next(p for p in (ROOT / "lessons" / "router.py", ROOT / "ui" / "router.py") if p.exists())
MASKED = re.compile(
    rb"\$\$ID-[0-9a-f]{16,}|[0-9a-f]{32,64}|\d+(\.\d+)? (?=m?s\b|\xe7\xa7\x92|\xe3\x83\x9f\xe3\x83\xaa\xe7\xa7\x92)"
)


def chapters_of(at: AppTest) -> list[str]:
    """The values of a lesson's switch between chapters; one empty value for a page without it."""
    for control in at.button_group:
        if control.key and control.key.endswith(".part"):
            return [option.content for option in control.proto.options] or [""]
    return [""]


def opened(page: str, lang: str, query: dict[str, str]) -> AppTest:
    at = AppTest.from_file(str(ROUTER), default_timeout=120)
    at.query_params["lang"] = lang
    at.run()
    for key, value in query.items():
        at.query_params[key] = value
    return at.switch_page(f"../pages/{page}.py").run()


def shown(at: AppTest) -> list[str]:
    """A line per element: its kind and the hash of what it holds."""
    lines = []

    def walk(node: Any) -> None:
        proto = getattr(node, "proto", None)
        if proto is not None and hasattr(proto, "SerializeToString"):
            if hasattr(proto, "js_content"):  # sources are not what is shown; their comments may change
                proto.js_content = proto.css_content = ""
            raw = MASKED.sub(b"", proto.SerializeToString(deterministic=True))
            lines.append(f"{getattr(node, 'type', '?')} {hashlib.sha256(raw).hexdigest()[:16]}")
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(at.main)
    return lines


def snapshot() -> dict[str, list[str]]:
    """Every lesson, chapter and language."""
    found = {}
    pages = sorted(p.stem for p in (ROOT / "pages").glob("*.py"))
    for page in pages:
        text = "\n".join(
            p.read_text("utf-8")
            for p in [ROOT / "pages" / f"{page}.py", ROOT / "lessons" / page / "lesson.py"]
            if p.exists()
        )
        match = re.search(r"CHAPTERS = \((.*?)\)", text, re.S) or re.search(r"chapters=\{(.*?)\}", text, re.S)
        parts = re.findall(r'"(\w+)"', match[1]) if match else [""]
        for part in parts:
            for lang in ("ja", "en"):
                at = opened(page, lang, {"part": part} if part else {})
                found[f"{page} {part if len(parts) > 1 else ''} {lang}"] = ["EXCEPTION"] if at.exception else shown(at)
    return found


def main(verb: str, file: str) -> int:
    warnings.simplefilter("ignore")
    now = snapshot()
    if verb == "write":
        Path(file).write_text(json.dumps(now, indent=0))
        print(f"{len(now)} views, {sum(map(len, now.values()))} elements")
        return 0
    before = json.loads(Path(file).read_text())
    changed = [k for k in sorted({*now, *before}) if now.get(k) != before.get(k)]
    for view in changed:
        print(
            "differs:",
            view,
            "elements",
            len(before.get(view, [])),
            len(now.get(view, [])),
            [i for i, (a, b) in enumerate(zip(before.get(view, []), now.get(view, []), strict=False)) if a != b][:5],
        )
    print(f"{len(now)} views, {len(changed)} differ")
    return bool(changed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
