"""The figures of the lesson on translation: every line goes where it says, bounds hold every point."""

import pytest

from figures.translation import Candidate, beam_figure, length_figure

LABELS = {n: n for n in ("kept", "ended", "given up", "axis_step", "attention", "plain", "axis_length")}
STEPS = [
    [
        Candidate(-1, "私", -0.1, "kept"),
        Candidate(-1, "僕", -2.5, "kept"),
        Candidate(-1, "彼", -4.0, "given up"),
    ],
    [
        Candidate(0, "は", -0.2, "kept"),
        Candidate(1, "は", -2.7, "kept"),
        Candidate(0, "が", -3.0, "given up"),
    ],
    [Candidate(1, "</s>", -2.9, "ended"), Candidate(0, "猫", -3.5, "kept")],
]


@pytest.mark.parametrize("dark", [False, True])
def test_the_tree_of_a_beam(dark):
    best = [(0, 1), (1, 1), (2, 0)]
    figure = beam_figure(STEPS, best, LABELS, dark)
    pale, strong, *words = figure.data
    assert list(strong.x) == [0, 1, None, 1, 2, None, 2, 3, None]
    assert list(strong.y) == [0, 1, None, 1, 1, None, 1, 0, None]
    assert len(pale.x) == 3 * 3  # what is kept or ended and did not win; nothing given up has a line
    assert list(pale.y) == [0, 0, None, 0, 0, None, 0, 1, None]
    assert [trace.name for trace in words] == ["kept", "ended", "given up"]
    assert [list(trace.text) for trace in words] == [["私", "僕", "は", "は", "猫"], ["&lt;/s>"], ["彼", "が"]]
    assert [row[0] for row in words[1].customdata] == [-2.9]
    low, high = figure.layout.xaxis.range
    assert low < 0
    assert high > len(STEPS)
    bottom, top = figure.layout.yaxis.range
    assert top < 0 < 2 < bottom


@pytest.mark.parametrize("dark", [False, True])
def test_bleu_by_length_with_intervals(dark):
    scores = {"attention": [(40, 36, 44), (38, 35, 41)], "plain": [(35, 31, 38), (25, 22, 29)]}
    figure = length_figure(["1–6", "7–8"], scores, LABELS, dark)
    one, other = figure.data
    assert list(one.y) == [40, 38]
    assert list(one.error_y.array) == [4, 3]
    assert list(other.error_y.arrayminus) == [4, 3]
    assert (one.line.color, one.marker.symbol) != (other.line.color, other.marker.symbol)
    assert list(figure.layout.xaxis.ticktext) == ["1–6", "7–8"]
    assert figure.layout.yaxis.title.text == "BLEU"
