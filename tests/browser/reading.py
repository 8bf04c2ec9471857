"""Reading the stepper off the page, as a person does: text of cells, cards and sums."""

from __future__ import annotations

import re

from ui.blocks import percent

MINUS = "\u2212"


def stepper(page, nth=0):
    part = page.locator(".stepper").nth(nth)
    part.locator(".chip-t.now").wait_for()
    return part


def number(text):
    """ "+0.30" → 0.3; "84%" → 0.84; "<1%" → 0; ">99%" → 1."""
    text = text.strip().replace(MINUS, "-").replace("<1%", "0%").replace(">99%", "100%")
    if text.endswith("%"):
        return float(text[:-1]) / 100
    return float(text)


def cells(part):
    """Every number of the drawing: "node:t:unit" → text."""
    return part.evaluate(
        """root => Object.fromEntries([...root.querySelectorAll('.num[data-cell]')].map(g =>
           [g.dataset.cell, (g.querySelector('.percent') ?? g.querySelector('text')).textContent]))"""
    )


def current(part):
    """The step that is shown, from 0."""
    return int(part.locator(".chip-t.now").get_attribute("data-t"))


def open_number(part, name):
    part.locator(f'.num[data-cell="{name}"]').first.click()
    part.locator(".panel h3").wait_for()


def opened(part):
    """The opened number: its terms' products, their sum, and the value."""
    products = [number(t) for t in part.locator(".panel .product .number").all_text_contents()]
    return {
        "title": part.locator(".panel h3").text_content(),
        "formula": part.locator(".panel .formula").text_content(),
        "products": products,
        "total": number(part.locator(".panel .total").text_content()),
        "value": number(part.locator(".panel .sum .value").text_content()),  # the sum itself, or its activation
        "code": part.locator(".panel pre").all_text_contents(),
        "factors": [
            [number(t) for t in card.locator(".chip").all_text_contents()]
            for card in part.locator(".panel .term").all()
        ],
    }


def formatted(value, scale):
    """A number as the page prints it."""
    if scale == "onehot":
        return str(int(value))
    if scale == "prob":
        return percent(float(value))
    if scale == "gate":
        return f"{value:.2f}"
    text = f"{abs(value):.2f}"
    if float(text) == 0:
        return text
    return (MINUS if value < 0 else "+") + text


def query(page):
    return dict(re.findall(r"[?&]([^=&]+)=([^&]*)", page.url))
