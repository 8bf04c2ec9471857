"""The numbers that the verdicts of the lesson `sentiment` quote."""

from __future__ import annotations

from functools import cache

from rnn_core.networks.char_lm import CharLM
from ui.blocks import signed
from ui.networks import reviews
from ui.networks.reviews import CELLS
from ui.server import models


def calibration_numbers() -> dict[str, str]:
    """The calibration error of the LSTMs, with and without the share of "neither", in percent."""
    out = {}
    for of in ("en", "ja"):
        scores = reviews.card_of("lstm", of)["scores"]
        out[f"{of}_ece"] = f"{100 * scores['ece']:.1f}"
        out[f"{of}_sides"] = f"{100 * scores['ece_without_neither']:.1f}"
    return out


def floor_numbers() -> dict[str, str]:
    """How often the floor is right where the LSTM is wrong, from the cards."""
    keys = {"en": "floor_wins", "ja": "floor_wins_economy_watchers", "absa": "floor_wins_m_absa"}
    return {
        name: f"{100 * reviews.card_of('lstm', 'en' if name == 'en' else 'ja')['scores'][key]:.1f}"
        for name, key in keys.items()
    }


@cache
def verdict_numbers() -> dict[str, str]:
    """What the verdict on CLM-15 quotes: means over the seeds."""
    out = {}
    for of, key in (("en", "accuracy"), ("ja", "accuracy_economy_watchers")):
        for cell in CELLS:
            found = reviews.card_of(cell, of)["seeds"][key]
            out[f"{of}_{cell}"] = f"{100 * found['mean']:.2f}"
        out[f"{of}_bag"] = f"{100 * reviews.card_of('lstm', of)['baseline'][key]:.2f}"
        one, both = (reviews.card_of(cell, of)["seeds"][key] for cell in ("lstm", "bi"))
        out[f"{of}_gain"] = signed(100 * (both["mean"] - one["mean"]))
        out[f"{of}_sd_lstm"] = f"{100 * one['standard_deviation']:.2f}"
        out[f"{of}_sd_bi"] = f"{100 * both['standard_deviation']:.2f}"
    return out


def card_numbers(of: str) -> dict[str, str]:
    """What the closing section quotes from a card."""
    card = reviews.card_of("lstm", of)
    return {
        "vocabulary": f"{len(card['config']['symbols'].split(' ')):,}",
        "units": str(card["config"]["hidden"]),
        "parameters": f"{card['parameters']:,}",
        "megabytes": f"{card['bytes'] / 1e6:.1f}",
        "minutes": f"{card['training_seconds'] / 60:.0f}",
    }


@cache
def twin_numbers() -> dict[str, str]:
    """CLM-26: simple RNN and LSTM on the reviews, means ± standard deviations over the seeds, and the adder's simple RNN."""
    out = {}
    for of, key in (("en", "accuracy"), ("ja", "accuracy_economy_watchers")):
        for cell in ("rnn", "lstm"):
            found = reviews.card_of(cell, of)["seeds"][key]
            out[f"{cell}_{of}"] = f"{100 * found['mean']:.1f} ± {100 * found['standard_deviation']:.1f}"
        out[f"bag_{of}"] = f"{100 * reviews.card_of('lstm', of)['baseline'][key]:.1f}"
    adder = models.card_of("adder")
    return out | {
        "sums": f"{adder['scores']['sums_right']:,}",
        "units": str(adder["config"]["hidden"]),
    }


@cache
def sizes() -> dict[str, str]:
    """CLM-27: three tables over the English model's vocabulary of V words: V × V counts, V × H of a one-hot RNN, V × d."""
    tensors = reviews.card_of("lstm", "en")["tensors"]
    V, d = tensors["embedding.weight"]["shape"]
    H = tensors["rnn.weight_hh_l0"]["shape"][1]
    found = {"v": V, "h": H, "d": d, "vv": V * V, "vh": V * H, "vd": V * d}
    return {name: f"{count:,}" for name, count in found.items()}


@cache
def lengths() -> dict[str, str]:
    """CLM-28: the longest word of the English vocabulary and its shortest, spelt out to the character LSTM: the same weights, as many numbers."""
    model: CharLM = models.shared("chars-lstm-en")
    symbols = reviews.card_of("lstm", "en")["config"]["symbols"].split(" ")
    words = sorted((w for w in symbols if w.isascii() and w.isalpha()), key=lambda w: (len(w), w))
    out = {"weights": f"{sum(p.numel() for p in model.parameters()):,}"}
    for name, word in (("short", words[0]), ("long", words[-1])):
        state = model.read(word).trace.lane().h[-1, 0]
        out |= {name: word, f"steps_{name}": str(len(word)), f"state_{name}": str(len(state))}
    return out
