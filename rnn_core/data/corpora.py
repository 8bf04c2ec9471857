"""Texts made ready: what is stripped, where train, dev and test begin. Leaves out tokenisation.

English: Tiny Shakespeare, the usual split (the last 10 % are test), dev the 5 % before. Japanese: three novels of
Natsume Soseki from Aozora Bunko, each split the same way, so that no novel is only in one part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rnn_core.data.files import data_file


@dataclass(frozen=True)
class Corpus:
    """A text in three parts that do not overlap."""

    train: str
    dev: str
    test: str


def _split(text: str) -> Corpus:
    a, b = int(len(text) * 0.85), int(len(text) * 0.9)
    return Corpus(text[:a], text[a:b], text[b:])


def shakespeare(folder: Path | None = None) -> Corpus:
    """1,115,394 characters of Shakespeare's plays."""
    return _split(data_file("tiny_shakespeare/input.txt", folder).decode())


def soseki(folder: Path | None = None) -> Corpus:
    """I Am a Cat, Botchan and Kokoro, without header, ruby, notes and colophon."""
    parts = [
        _split(aozora(data_file(f"aozora_soseki/{name}.txt", folder)))
        for name in ("789_ruby_5639", "752_ruby_2438", "773_ruby_5968")
    ]
    return Corpus(
        "".join(p.train for p in parts),
        "".join(p.dev for p in parts),
        "".join(p.test for p in parts),
    )


def aozora(data: bytes) -> str:
    """The author's words in an Aozora Bunko file (Shift_JIS): header, ruby《…》, notes［＃…］, ｜ and colophon go."""
    text = data.decode("cp932").replace("\r\n", "\n")
    text = re.split(r"^-{20,}\n", text, maxsplit=2, flags=re.MULTILINE)[2]
    text = text[: text.index("\n底本：")]
    text = re.sub(r"《[^》]*》|［＃[^］]*］|｜", "", text)
    return re.sub(r"\n{2,}", "\n", text).strip("\n") + "\n"
