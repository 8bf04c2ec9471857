"""The numbers that the verdicts of the lesson `gradients` quote."""

from __future__ import annotations

from functools import cache

from lessons.gradients.shared import LONG, log_text, mean_at_end, product_run, span_counts
from rnn_core.experiments import results
from rnn_core.labs.forgetting import (
    ProfileSettings,
    products,
)


@cache
def verdict_numbers() -> dict[str, dict[str, str]]:
    """The numbers that each verdict quotes, from the shipped tables and from nets built just now."""
    span, patience = span_counts(), span_counts("memory-patience")

    def of(table_: dict[str, dict[int, tuple[int, int]]], cell: str, d: int) -> str:
        learned, all_ = table_[cell][d]
        return f"{learned}/{all_}"

    clip = {
        (r["cell"]["activation"], r["cell"]["sigma"], r["cell"]["clip"]): list(r["runs"].values())
        for r in results("clipping")["rows"]
    }

    def count(key: tuple[str, float, str], field: str) -> str:
        runs = clip[key]
        return f"{sum(r[field] for r in runs):.0f}/{len(runs)}"

    W, slopes = product_run("orthogonal", 150, 0, 0)
    grown = products(W, slopes)
    shrunk = products(*product_run("normal", 80, 0, 0))
    profiles = {bias: mean_at_end(ProfileSettings(101, 32, forget_bias=bias)) for bias in (0.0, 5.0)}
    return {
        "clm1": {
            "rnn20": of(span, "rnn", 20),
            "rnn50": of(span, "rnn", 50),
            "rnn100": of(span, "rnn", 100),
            "lstm20": of(span, "lstm", 20),
            "lstm5_50": of(span, "lstm, bias 5", 50),
            "gru50": of(span, "gru", 50),
            "gru100": of(patience, "gru", 100),
            "lstm5_100": of(patience, "lstm, bias 5", 100),
            "rnn100p": of(patience, "rnn", 100),
            "orth100": of(span, "rnn, orthogonal", 100),
        },
        "clm2": {
            "broken": count(("relu", 2.0, "none"), "broken"),
            "kept": count(("relu", 2.0, "norm 1"), "broken"),
            "learned": count(("relu", 2.0, "norm 1"), "learned"),
            "small": count(("tanh", 0.5, "norm 1"), "learned"),
            "unclipped": count(("tanh", 1.0, "none"), "learned"),
            "clipped": count(("tanh", 1.0, "norm 1"), "learned"),
        },
        "clm3": {"most": f"{slopes.max():.0f}", "grown": log_text(grown.true[-1]), "d": str(LONG)},
        "clm4": {
            "sigma": f"{10 ** shrunk.sigma[1]:.2f}",
            "radius": f"{10 ** shrunk.radius[1]:.2f}",
            "size": log_text(shrunk.powers[-1]),
            "d": str(LONG),
        },
        "clm12": {
            "rnn": log_text(profiles[0.0]["rnn"]),
            "lstm": log_text(profiles[0.0]["lstm"]),
            "open": log_text(profiles[5.0]["lstm"]),
        },
        "clm14": {"gru50": of(span, "gru", 50), "lstm50": of(span, "lstm", 50)},
        "clm20": {"irnn": of(span, "irnn", 200), "lstm5": of(span, "lstm, bias 5", 200)},
    }
