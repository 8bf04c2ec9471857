"""Encoder, decoder and attention: a sentence in, a sentence out, and every number between.

The network, how it is decoded, and a reading of one sentence with all its traces. Leaves out training and data
(`rnn_core.models.translator`) and pieces of words.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from rnn_core.data.marks import Quoted, apart, apostrophes
from rnn_core.data.parallel import RUN, english_text, english_words, japanese_text, japanese_written
from rnn_core.forward.tracing import Trace, trace
from rnn_core.networks.attention import Attention
from rnn_core.networks.decoding import Beam, Hypothesis, State, Step, beam_search, greedy

UNKNOWN, BEGIN, END = "[?]", "<s>", "</s>"
"""The first symbols of both vocabularies: a word that is not in it, and what stands before and after a sentence. The first is also what a
reader sees where the network says "unknown" and no word of the source is left to stand there."""

MOST = 40
"""Words of a sentence that is translated."""


REWARD = 0.8
"""γ: what a beam pays for every word, chosen on dev (`rnn_core.networks.decoding.ranked_by`)."""


Looks = Mapping[int, Sequence[float]]
"""Rows of the attention that a reader sets by hand, by step."""


class Source(NamedTuple):
    """Encoded sentences, N of them: memory h̄ and its keys `(S, N, H)`, which words are real `(S, N)`, and the state (h, c) that is
    handed over, `(1, N, H)` each."""

    memory: Tensor
    keys: Tensor
    real: Tensor
    state: tuple[Tensor, Tensor]


class Translator(nn.Module):
    """Encoder, decoder, and attention between them.

        h̄_s = [LSTM→(x_1 … x_s); LSTM←(x_S … x_s)],   x_s = E_x[word s]
        h_0 = [h→_S; h←_1],  c_0 likewise              the "thought vector" that is handed over
        h_t, c_t = LSTM(E_y[w_{t−1}], h_{t−1}, c_{t−1})
        a_t = softmax_s(score(h_t, h̄_s)),  r_t = Σ_s a_ts h̄_s
        h̃_t = tanh(W_h h_t + W_r r_t + b)             (W_h h_t + b alone without attention)
        y_t = E_y h̃_t + b_y,  p_t = softmax(y_t)

    One table E_y reads and writes the target words. r_t is what was read (the context vector, c_t in
    the papers; c is the cell's here). `plain`: the twin without attention, if it is shipped with the network. `score`: one of `rnn_core.networks.attention.SCORES`, or None for no attention.
    Source: Sutskever et al. (2014), Bahdanau et al. (2015), Luong et al. (2015, global attention without input feeding).
    """

    def __init__(
        self,
        languages: tuple[str, str],
        source_words: Sequence[str],
        target_words: Sequence[str],
        width: int,
        hidden: int,
        score: str | None,
        dropout: float = 0.0,
        handover_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.languages = languages
        self.cut: Callable[[Sequence[str]], list[list[str]]] = _no_cutter
        self.dropout, self.handover_dropout = dropout, handover_dropout
        self.source_words = (UNKNOWN, BEGIN, END, *source_words)
        self.target_words = (UNKNOWN, BEGIN, END, *target_words)
        self.source_index = {w: k for k, w in enumerate(self.source_words)}
        self.target_index = {w: k for k, w in enumerate(self.target_words)}
        self.E_x = nn.Embedding(len(self.source_words), width)
        self.E_y = nn.Embedding(len(self.target_words), width)
        self.encoder = nn.LSTM(width, hidden // 2, bidirectional=True)
        self.decoder = nn.LSTM(width, hidden)
        self.attention = None if score is None else Attention(hidden, score)
        bound = hidden**-0.5
        self.W_h = nn.Parameter(torch.empty(width, hidden).uniform_(-bound, bound))
        self.W_r = None
        if score is not None:
            self.W_r = nn.Parameter(torch.empty(width, hidden).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.zeros(width))
        self.b_y = nn.Parameter(torch.zeros(len(self.target_words)))
        self.plain: Translator | None = None
        for table in (self.E_x, self.E_y):
            nn.init.normal_(table.weight, std=width**-0.5)
        for lstm in (
            self.encoder,
            self.decoder,
        ):  # remember at first (Gers et al. 2000; Jozefowicz et al. 2015)
            H = lstm.hidden_size
            with torch.no_grad():
                for name, bias in lstm.named_parameters():
                    if name.startswith("bias_ih"):
                        bias[H : 2 * H] += 1

    # --- the network -----------------------------------------------------------------------------

    def encode(self, ids: Tensor, lengths: Tensor) -> Source:
        """Read source ids `(S, N)`, sentences of `lengths` `(N,)` (on the CPU) from the top."""
        x = F.dropout(self.E_x(ids), self.dropout, self.training)
        if bool((lengths == len(ids)).all()):
            memory, (h, c) = self.encoder(x)
        else:
            packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
            states, (h, c) = self.encoder(packed)
            memory, _ = pad_packed_sequence(states, total_length=len(ids))
        real = (torch.arange(len(ids))[:, None] < lengths).to(ids.device)
        state = (_side_by_side(h), _side_by_side(c))
        keys = memory if self.attention is None else self.attention.keys(memory)
        return Source(memory, keys, real, state)

    def look(
        self, h: Tensor, source: Source, looks: Looks | None = None, first: int = 0
    ) -> tuple[Tensor, Tensor | None]:
        """h̃ `(T, N, D)` and the attention a `(T, N, S)` of decoder states h `(T, N, H)`.

        `looks` replaces rows of a by hand, at the steps counted from `first`.
        """
        if self.attention is None or self.W_r is None:
            return torch.tanh(h @ self.W_h.T + self.b), None
        a = self.attention.weights(h, source.keys, source.real)
        for t, row in (looks or {}).items():
            if first <= t < first + len(a):
                a[t - first] = torch.tensor(row, dtype=a.dtype, device=a.device)
        r = self.attention.context(a.to(source.memory.dtype), source.memory)
        return torch.tanh(h @ self.W_h.T + r @ self.W_r.T + self.b), a

    def scores(self, mixed: Tensor) -> Tensor:
        """y `(…, V)` of h̃ `(…, D)`."""
        return F.linear(F.dropout(mixed, self.dropout, self.training), self.E_y.weight, self.b_y)

    def forward(self, ids: Tensor, lengths: Tensor, before: Tensor) -> Tensor:
        """h̃ `(T, N, D)` after each of the target ids `before` `(T, N)`, which begin with the begin token."""
        source = self.encode(ids, lengths)
        y = F.dropout(self.E_y(before), self.dropout, self.training)
        state = source.state
        if self.training and self.attention is not None and self.handover_dropout:
            # whole sentences begin without the thought vector: their words must be looked at
            drawn = torch.rand(1, ids.shape[1], 1, device=ids.device)
            kept = (drawn >= self.handover_dropout).to(state[0].dtype)
            state = (state[0] * kept, state[1] * kept)
        h, _ = self.decoder(y, state)
        return self.look(F.dropout(h, self.dropout, self.training), source)[0]

    # --- sentences -------------------------------------------------------------------------------

    def source_ids(self, words: Sequence[str]) -> Tensor:
        """Ids `(S,)`; a word outside the vocabulary becomes the unknown one."""
        ids = [self.source_index.get(w, 0) for w in words]
        return torch.tensor(ids, dtype=torch.long, device=self.b_y.device)

    def target_ids(self, words: Sequence[str]) -> Tensor:
        """Ids `(T + 2,)` with the begin and the end token."""
        ids = [1, *(self.target_index.get(w, 0) for w in words), 2]
        return torch.tensor(ids, dtype=torch.long, device=self.b_y.device)

    def read_all(self, sentences: Sequence[Sequence[str]]) -> Source:
        """Encode sentences in words. Raises ValueError for one without words or with more than `MOST`."""
        for words in sentences:
            if not 1 <= len(words) <= MOST:
                raise ValueError(f"a sentence needs 1 to {MOST} words, got {len(words)}")
        ids = pad_sequence([self.source_ids(words) for words in sentences])
        return self.encode(ids, torch.tensor([len(words) for words in sentences]))

    def stepper(self, source: Source, rows: int = 1, looks: Looks | None = None, prefix: Sequence[int] = ()) -> Step:
        """One decoding step over the sentences of `source`, each in `rows` rows side by side, for `rnn_core.networks.decoding`; `looks` and `prefix` as in
        `guided`, counted from the first call."""
        memory, keys, real = (part.repeat_interleave(rows, 1) for part in source[:3])
        wide = Source(memory, keys, real, source.state)
        steps = count()

        def step(tokens: Tensor, state: State) -> tuple[Tensor, State]:
            t = next(steps)
            h, c = self._decoder_step(tokens, state)
            y = self.scores(self.look(h, wide, looks, t)[0][0]).float()
            y[:, 1] = -math.inf  # the begin token is never said
            if t < len(prefix):
                y = torch.full_like(y, -math.inf).index_fill_(1, torch.tensor(prefix[t : t + 1]), 0)
            return y.log_softmax(-1), (h, c)

        return step

    def _decoder_step(self, tokens: Tensor, state: State) -> tuple[Tensor, Tensor]:
        """(h_t, c_t) `(1, N, H)` each after one more token `(N,)`: `self.decoder` for one step, whose kernel for sequences packs all weights
        anew at each call."""
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        W_ih, W_hh, b_ih, b_hh = (self.decoder.get_parameter(name) for name in names)
        before = (state[0][0], state[1][0])
        h, c = torch.lstm_cell(self.E_y(tokens), before, W_ih, W_hh, b_ih, b_hh)
        return h[None], c[None]

    @torch.inference_mode()
    def decode(
        self,
        sentences: Sequence[Sequence[str]],
        beam: int = 1,
        alpha: float = 0.0,
        reward: float = REWARD,
        keep_steps: bool = False,
        batch: int = 64,
    ) -> list[Beam]:
        """Translate sentences in words: greedily with `beam` = 1, else with a beam; many at once, those of one length together.

        Says "unknown" at least as often as there are words to be carried over (`carried`).
        """

        def length(k: int) -> int:
            return len(sentences[k])

        parts: list[list[int]] = []
        for _, group in groupby(sorted(range(len(sentences)), key=length), length):
            alike = list(group)
            parts += [alike[start : start + batch] for start in range(0, len(alike), batch)]
        found: dict[int, Beam] = {}
        for some in parts:
            source = self.read_all([sentences[k] for k in some])
            most = room(len(source.memory))
            owed = [len(self.carried(sentences[k])) for k in some]
            if beam == 1 and not keep_steps and not any(owed):
                said = greedy(self.stepper(source), source.state, 1, 2, most)
                beams = [Beam([one]) for one in said]
            else:
                beams = beam_search(
                    self.stepper(source, beam * (max(owed) + 1)),
                    source.state,
                    1,
                    2,
                    most,
                    beam,
                    alpha,
                    reward,
                    owed=owed,
                    keep_steps=keep_steps,
                )
            found |= dict(zip(some, beams, strict=True))
        return [found[k] for k in range(len(sentences))]

    def words_of(self, tokens: Sequence[int]) -> list[str]:
        """Target words of ids, the end token left out."""
        return [self.target_words[k] for k in tokens if k != 2]

    def carried(self, sentence: Sequence[str]) -> list[int]:
        """Places of the words that a translation has to carry over, whatever else it says: of those that the network does not know the runs of digits
        and Latin letters (in English those with a digit or a capital letter) and what is quoted. Without attention none."""
        if self.attention is None:
            return []
        is_run = _ENGLISH_RUN.search if self.languages[0] == "en" else RUN.fullmatch
        return [
            s
            for s, word in enumerate(sentence)
            if word not in self.source_index
            and (isinstance(word, Quoted) or is_run(word))
            and not (self.languages[0] == "en" and s == 0 and word[1:].islower())
        ]

    def said(
        self,
        sentence: Sequence[str],
        hypothesis: Hypothesis,
        looks: Looks | None = None,
        *,
        beam: int = 1,
    ) -> list[str]:
        """The hypothesis in words. Where the network said "unknown", an unknown word of the source stands, each once: those that are carried over
        first, then the others, each where it was looked at most. What is quoted is translated by itself, with `beam`.

        `UNKNOWN` stays where no unknown word is left, and where it looked nowhere: without attention, or with a row of `looks` that is
        all 0. Source: Luong et al. (2015, "Addressing the Rare Word Problem"), with the attention in place of an alignment.
        """
        return self._said(sentence, hypothesis, looks, beam, 0)

    def _said(
        self,
        sentence: Sequence[str],
        hypothesis: Hypothesis,
        looks: Looks | None,
        beam: int,
        depth: int,
    ) -> list[str]:
        words = self.words_of(hypothesis.tokens)
        foreign = [s for s, word in enumerate(sentence) if word not in self.source_index]
        if UNKNOWN not in words or self.attention is None or not foreign:
            return words
        at = self.read(sentence, hypothesis.tokens, looks).attention
        assert at is not None
        places = [t for t, word in enumerate(words) if word == UNKNOWN and at[t].any()]
        carried = self.carried(sentence)
        copied = _each_once(at, places, carried)
        copied |= _each_once(
            at,
            [t for t in places if t not in copied],
            [s for s in foreign if s not in carried],
        )
        quoted = any(isinstance(sentence[s], Quoted) for s in copied.values())
        out = []
        for t, word in enumerate(words):
            if t in copied:
                out.append(self._copy(sentence[copied[t]], beam, depth))
            elif not (quoted and word in _MARKS):  # the marks come with what they enclose
                out.append(word)
        return out

    def _copy(self, word: str, beam: int, depth: int) -> str:
        """A word of the source as it stands in the translation: a quotation translated, in its marks."""
        language = self.languages[1]
        if not isinstance(word, Quoted):
            return unicodedata.normalize("NFKC", word) if language == "en" else word
        inner = self._words([str(word)], depth + 1)[0]
        if len(inner) == 2 and inner[0] not in self.source_index:  # a name, and the stop it got
            said = inner[0]
        else:
            best = self.decode([inner], beam)[0].hypotheses[0]
            said = join(language, self._said(inner, best, None, beam, depth + 1))
        marks = _QUOTATION[language][depth % 2]
        return f"{marks[0]}{said if language == 'en' else said.rstrip('。')}{marks[1]}"

    def translate(self, texts: Sequence[str], beam: int = 5) -> list[str]:
        """Translate typed sentences; `UNKNOWN`, [?], stands for a word that the network could not name (`said`).

        Raises TypeError for one string alone, ValueError as `read_all` does.
        """
        if isinstance(texts, str):
            raise TypeError("translate takes a list of texts; for one text give [text]")
        sentences = self.words(texts)
        beams = self.decode(sentences, beam)
        return [
            join(self.languages[1], self.said(words, found.hypotheses[0], beam=beam))
            for words, found in zip(sentences, beams, strict=True)
        ]

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """Typed sentences of the source language in words; one that ends without a stop gets one, as all of train have.

        Words that the network knows have the form of the data, others the one they are typed in. What is quoted, two marks deep
        at most, is one word (`rnn_core.data.marks.Quoted`) between its marks.
        """
        return self._words(texts, 0)

    def _words(self, texts: Sequence[str], depth: int) -> list[list[str]]:
        english = self.languages[0] == "en"
        stop = "." if english else "。"
        pieces = [apart(apostrophes(text)) if depth < 2 else [text] for text in texts]
        for k, some in enumerate(pieces):
            if not any(c.isalnum() for piece in some if not isinstance(piece, Quoted) for c in piece):
                pieces[k] = [texts[k]]  # nothing but a quotation: no sentence that it could stand in
        plain = [p for some in pieces for p in some if not isinstance(p, Quoted)]
        cut = iter(map(self._known, plain) if english else map(self._as_data, self.cut(plain)))
        out = []
        for some in pieces:
            words: list[str] = []
            for k, piece in enumerate(some):
                if not isinstance(piece, Quoted):
                    words += next(cut)
                    continue
                inner = piece.rstrip()
                # train has a comma before the closing mark, or the stop of the whole sentence
                last = not any(map(str.isalnum, some[k + 1]))
                comma = [stop if last else ","] if english and inner[-1] in ".,?!" else []
                inner = Quoted(inner.rstrip(".,、。" if len(comma) else "、。").strip() or inner)
                words += ["''", inner, *comma, "''"] if english else ["「", inner, "」"]
            ended = words[-2:-1] if words[-1:] == ["''"] else words[-1:]
            bare = any(word[-1].isalnum() or word == "」" for word in ended)
            out.append([*words, stop] if bare else words)
        return out

    def size(self, words: Sequence[str]) -> int:
        """How many words these are, those of quotations counted, too."""
        return sum(len(self._words([str(word)], 2)[0]) - 1 if isinstance(word, Quoted) else 1 for word in words)

    def _known(self, text: str) -> list[str]:
        return english_words(text, self.source_index)

    def _as_data(self, words: Iterable[str]) -> list[str]:
        """Words as the segmenter gives them; those that the network knows with the characters of the data."""
        return [data if (data := japanese_text(word)) in self.source_index else word for word in words]

    @torch.inference_mode()
    def guided(self, words: Sequence[str], prefix: Sequence[int] = (), looks: Looks | None = None) -> list[int]:
        """Decode one sentence greedily by a reader's rules; returns ids, the end token with them.

        `prefix`: the first words, whatever the network would say. `looks`: rows of the attention `(S,)` by step, each of weights
        that sum to 1, or all 0 to read nothing; with them nothing is carried over by force. Raises ValueError for other rows, a prefix of ids that no word has, and as `read_all`.
        """
        source = self.read_all([words])
        looks = looks or {}
        for row in looks.values():
            if len(row) != len(words) or not _is_look(row):
                raise ValueError(
                    f"a row of attention needs {len(words)} weights from 0 to 1 that sum to 1 or are all 0"
                )
        if not all(3 <= k < len(self.target_words) for k in prefix):
            raise ValueError("the prefix must be of words of the target vocabulary")
        owed = 0 if looks else len(self.carried(words))
        step, most = self.stepper(source, owed + 1, looks, prefix), room(len(words))
        if owed:
            (beam,) = beam_search(step, source.state, 1, 2, most, 1, owed=[owed])
            return list(beam.hypotheses[0].tokens)
        return list(greedy(step, source.state, 1, 2, most)[0].tokens)

    @torch.inference_mode()
    def read(self, words: Sequence[str], tokens: Sequence[int], looks: Looks | None = None) -> Reading:
        """Go through a sentence and a translation of it (ids, the end token with them) and keep every number; `looks` as in `guided`."""
        ids = self.source_ids(words)
        there = trace(self.encoder, self.E_x(ids)[:, None])
        source = self.encode(ids[:, None], torch.tensor([len(words)]))
        before = torch.tensor([1, *tokens[:-1]], device=ids.device)
        here = trace(self.decoder, self.E_y(before)[:, None], source.state)
        mixed, a = self.look(here.output, source, looks)
        y = self.scores(mixed[:, 0])
        y[:, 1] = -math.inf  # the begin token is never said
        e = None if self.attention is None else self.attention.scores(here.output, source.keys)[:, 0]
        return Reading(
            list(words),
            list(tokens),
            self,
            there,
            here,
            source,
            e,
            None if a is None else a[:, 0],
            mixed[:, 0],
            y,
            dict(looks or {}),
        )


def _side_by_side(state: Tensor) -> Tensor:
    """The last states of both directions `(2, N, H/2)` as one `(1, N, H)`."""
    return torch.cat([state[0], state[1]], -1)[None]


_ENGLISH_RUN = re.compile(r"^(?!\d+-[a-z]{2}).*[\dA-Z]")
"""With a digit or a capital letter, but no ten-minute break written 10-minute."""

_MARKS = {"''", "「", "」"}
_QUOTATION = {"en": ("“”", "‘’"), "ja": ("「」", "『』")}


def _each_once(at: Tensor, places: Sequence[int], words: Sequence[int]) -> dict[int, int]:
    """To places in the translation the words of the source, each once, the strongest look first."""
    found: dict[int, int] = {}
    pairs = sorted((-float(at[t, s]), t, s) for t in places for s in words)
    for _, t, s in pairs:
        if t not in found and s not in found.values():
            found[t] = s
    return found


def _is_look(row: Sequence[float]) -> bool:
    """Weights from 0 to 1 that sum to 1, or are all 0."""
    total = sum(row)
    return all(0 <= w <= 1 for w in row) and (abs(total - 1) < 1e-3 or total == 0)


def _no_cutter(texts: Sequence[str]) -> list[list[str]]:
    raise ValueError("Japanese is read in words: give the translator a cutter (`translator.cut = …`)")


def room(source_words: int) -> int:
    """How many words a translation may have before it is cut off."""
    return 2 * source_words + 8


def join(language: str, words: Sequence[str]) -> str:
    """Words as they are written."""
    return english_text(list(words)) if language == "en" else japanese_written(list(words))


@dataclass(frozen=True)
class Reading:
    """One sentence and a translation with every number: traces of both LSTMs, the encoded source, scores e and weights a of
    the attention `(T, S)` (None without), h̃ `(T, D)`, y `(T, V)` before each token, and which rows of a were put in by hand."""

    words: list[str]
    tokens: list[int]
    model: Translator
    encoder: Trace
    decoder: Trace
    source: Source
    e: Tensor | None
    attention: Tensor | None
    mixed: Tensor
    y: Tensor
    looks: Looks
