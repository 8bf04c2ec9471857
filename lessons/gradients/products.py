"""Chapter `products` of the lesson `gradients`."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from figures.gradients import products_figure
from lessons.gradients.shared import LONG, log_text, product_run, start_names
from rnn_core.labs.forgetting import (
    Products,
    products,
)
from ui.blocks import (
    chart,
    prose,
)
from ui.components.page_frame import is_dark
from ui.controls import between
from ui.i18n import text
from ui.page import Content
from ui.state import View


def show(view: View, content: Content) -> None:
    """The singular value against 1, tanh' at 0, and W pulled out of a product that does not commute."""
    prose(content["products"])
    a, b = st.columns(2)
    start_names(a, view, "pstart")
    b.number_input(text("gradients.seed"), **between(view, "pseed"))
    a, b = st.columns(2)
    a.slider(text("gradients.scale"), step=5, format="%d%%", **between(view, "pscale"))
    b.slider(text("gradients.drive"), step=10, format="%d%%", **between(view, "drive"))
    _W, slopes = product_run(view["pstart"], view["pscale"], view["drive"], view["pseed"])
    found = _products(view["pstart"], view["pscale"], view["drive"], view["pseed"])
    labels = {name: text(f"gradients.curve_{name}") for name in ("true", "pulled_out", "powers", "sigma", "radius")} | {
        "distance": text("gradients.axis_distance"),
        "size": text("gradients.axis_product"),
    }
    chart(
        products_figure(found._asdict(), labels, is_dark()),
        "gradients.products",
        text("gradients.products_alt"),
    )
    st.markdown(
        text(
            "gradients.products_now",
            sigma=f"{10 ** found.sigma[1]:.2f}",
            radius=f"{10 ** found.radius[1]:.2f}",
            slope=f"{slopes.mean():.2f}",
            most=f"{slopes.max():.2f}",
            d=LONG,
            true=log_text(found.true[-1]),
            powers=log_text(found.powers[-1]),
            ratio=log_text(found.pulled_out[-1] - found.true[-1]),
        )
    )
    prose(content["commute"])


@lru_cache(maxsize=64)
def _products(start: str, scale: int, drive: int, seed: int) -> Products:
    return products(*product_run(start, scale, drive, seed))
