"""A network that cuts Japanese into words: after every character, whether a word ends here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from rnn_core.data.parallel import RUN, japanese_runs, japanese_text
from rnn_core.forward.tracing import Trace, trace

UNKNOWN = "\ufffd"
"""Stands for every character outside the vocabulary; itself the first symbol of it."""


class Segmenter(nn.Module):
    """Whether a word ends after each character.

        x_t = E[s_t]    h_t = [LSTM→(x_1 … x_t); LSTM←(x_T … x_t)]    y_t = w_hy · h_t + b_y    p_t = σ(y_t)

    `symbols`: the characters, `symbols[0]` the unknown one. A word ends where p_t > ½, and at the end.
    """

    def __init__(self, symbols: Sequence[str], embedding: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.symbols = tuple(symbols)
        self.index = {symbol: i for i, symbol in enumerate(self.symbols)}
        self.dropout = dropout
        self.embedding = nn.Embedding(len(self.symbols), embedding)
        self.rnn = nn.LSTM(embedding, hidden, bidirectional=True)
        self.readout = nn.Linear(2 * hidden, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Scores y `(T, B)` from ids `(T, B)` and lengths `(B,)` on the CPU; 0 or more behind the end means nothing."""
        x = F.dropout(self.embedding(ids), self.dropout, self.training)
        packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], total_length=len(ids))
        y: Tensor = self.readout(F.dropout(h, self.dropout, self.training))
        return y[..., 0]

    def encode(self, text: str) -> Tensor:
        """Ids `(T,)`; a character outside the vocabulary becomes the unknown one."""
        device = self.readout.weight.device
        return torch.tensor([self.index.get(c, 0) for c in text], dtype=torch.long, device=device)

    @torch.inference_mode()
    def ends(self, texts: Sequence[str], batch: int = 256) -> list[list[bool]]:
        """For each text whether a word ends after each of its characters. Raises ValueError for an empty text."""
        if not all(texts):
            raise ValueError("a text is empty")
        order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
        found: list[list[bool]] = [[] for _ in texts]
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            ids = pad_sequence([self.encode(texts[k]) for k in some])
            y = self(ids, torch.tensor([len(texts[k]) for k in some]))
            for column, k in enumerate(some):
                found[k] = (y[: len(texts[k]), column] > 0).tolist()
                found[k][-1] = True
        return found

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """Each typed text in words; an empty text has none. Runs of digits and Latin letters stay whole and as they are typed, in half width.

        Raises TypeError for one string alone.
        """
        if isinstance(texts, str):
            raise TypeError("words takes a list of texts; for one text give [text]")
        pieces = [japanese_runs(text) for text in texts]
        clean = [[japanese_text(piece) for piece in some] for some in pieces]
        found = iter(self.ends(["".join(some) for some in clean if some]))
        return [
            _typed_words(typed, some, next(found)) if some else [] for typed, some in zip(pieces, clean, strict=True)
        ]

    @torch.inference_mode()
    def read(self, text: str) -> SegmenterReading:
        """Read a text, already of the data's characters, and keep every number. Raises ValueError for an empty text."""
        if not text:
            raise ValueError("the text is empty")
        run = trace(self.rnn, self.embedding(self.encode(text)))
        return SegmenterReading(text, run, self.readout(run.output[:, 0])[:, 0].sigmoid())


@dataclass(frozen=True)
class SegmenterReading:
    """One pass over a text: the trace, and p `(T,)`, the probability that a word ends after each character."""

    text: str
    trace: Trace
    p: Tensor

    @property
    def words(self) -> list[str]:
        """The text in words, its runs of digits and Latin letters whole."""
        ends = [*(self.p[:-1] > 0.5).tolist(), True]
        return cut_at(self.text, whole(ends, [run.span() for run in RUN.finditer(self.text)]))


def cut_at(text: str, ends: Sequence[bool]) -> list[str]:
    """Cut after each character where `ends` is true.

    >>> cut_at("これは本", [False, True, True, True])
    ['これ', 'は', '本']
    """
    words, start = [], 0
    for t, end in enumerate(ends, start=1):
        if end:
            words.append(text[start:t])
            start = t
    return words


def whole(ends: Sequence[bool], spans: Iterable[tuple[int, int]]) -> list[bool]:
    """Ends of words, mended so that each span (start, stop) of two characters or more is a word.

    One character may be part of a word: the data has ２人.

    >>> whole([False, True, False, True], [(1, 3)])
    [True, False, True, True]
    """
    mended = list(ends)
    for start, stop in spans:
        if stop - start > 1:
            mended[start:stop] = [False] * (stop - start - 1) + [True]
            if start:
                mended[start - 1] = True
    return mended


def _typed_words(pieces: Sequence[str], clean: Sequence[str], ends: Sequence[bool]) -> list[str]:
    """The words of a text that was typed in `pieces` and read as `clean`; its runs are written as they were typed."""
    written: list[str] = []
    spans = []
    for typed, read in zip(pieces, clean, strict=True):
        start, n = len(written), len(read)
        if RUN.match(typed):
            spans.append((start, start + n))
            written += typed if len(typed) == n else [typed, *[""] * (n - 1)]
        else:
            written += read
    words, start = [], 0
    for word in cut_at("".join(clean), whole(ends, spans)):
        words.append("".join(written[start : start + len(word)]))
        start += len(word)
    return words
