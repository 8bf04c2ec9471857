"""How many hidden units does a word need? Share of right predictions after 100 steps, by size and word.

The lesson `hello` lets a reader choose 1 to 16 units; this is what they find if they try every size twenty times.
"""

from __future__ import annotations

from rnn_core.labs.word import WordTraining, right_predictions, word_network

GRID = [{"word": word, "hidden": hidden} for word in ("hello", "mississippi") for hidden in (1, 2, 3, 4, 8, 16)]
SEEDS = range(20)


def run(cell: dict[str, object], seed: int) -> dict[str, float]:
    """`right`: share of right predictions; `learned`: 1 if all are."""
    word, hidden = tuple(str(cell["word"])), int(str(cell["hidden"]))
    training = WordTraining(word_network(word, hidden, seed), word, lr=0.03)
    training.advance(100)
    right = right_predictions(training.model, word)
    return {"right": right / (len(word) - 1), "learned": float(right == len(word) - 1)}
