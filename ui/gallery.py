"""Runs of every kind for the developers' gallery: random weights, real numbers."""

from __future__ import annotations

from functools import cache

from rnn_core.stepper.run import Run, add_traced_lane

WORDS = ("the", "cat", "sat", "on", "the", "mat")


@cache
def examples() -> dict[str, Run]:
    """Name to run: each cell kind, two directions, two layers, encoder and decoder, many units, long."""
    import torch
    from torch import nn

    from rnn_core import StepLayer, trace

    torch.manual_seed(5)

    def plain(module: nn.Module, words: tuple[str, ...] = WORDS, D: int = 3) -> Run:
        x = torch.randn(len(words), D)
        result = trace(module, x)
        run = Run(words)
        run.add_input("x", x)
        below = ["x"]
        layers = sorted({lane.layer for lane in result.lanes})
        for layer in layers:
            ids = []
            for lane in (lane for lane in result.lanes if lane.layer == layer):
                title = f"layer {layer + 1}, {lane.direction}"
                ids.append(f"{add_traced_lane(run, lane, sources=below, title=title)}.h")
            below = ids
        return run

    runs: dict[str, Run] = {
        "rnn": plain(nn.RNN(3, 4)),
        "lstm": plain(nn.LSTM(3, 4)),
        "gru": plain(nn.GRU(3, 4)),
        "peephole": plain(StepLayer("peephole", 3, 4)),
        "bidirectional": plain(nn.RNN(3, 4, bidirectional=True)),
        "stacked": plain(nn.LSTM(3, 4, num_layers=2)),
        "stacked bidirectional gru": plain(nn.GRU(3, 4, num_layers=2, bidirectional=True)),
        "encoder-decoder": _encoder_decoder(),
        "attention": _translation("general"),
        "without attention": _translation(None),
        "long": plain(nn.GRU(3, 20), tuple(f"w{k}" for k in range(90))),
        "wide": plain(nn.LSTM(3, 160)),
    }
    return runs


def _encoder_decoder() -> Run:
    import torch
    from torch import nn

    from rnn_core import trace

    source, target = ("i", "like", "tea"), ("<s>", "お茶", "が", "好き")
    encoder, decoder, readout = nn.GRU(3, 4), nn.GRU(3, 4), nn.Linear(4, 5)
    units = ("お茶", "が", "好き", "</s>", "?")
    xs, ys = torch.randn(3, 3), torch.randn(4, 3)
    read = trace(encoder, xs)
    assert isinstance(read.state, torch.Tensor)
    written = trace(decoder, ys, read.state[:, 0])
    with torch.inference_mode():
        scores = readout(written.output[:, 0])
    run = Run((*source, *target), phases=[("encode", 0, 3), ("decode", 3, 7)])
    run.add_input("x", xs)
    run.add_input("d", ys, start=3)
    first = add_traced_lane(run, read.lane(), sources=["x"], title="encoder")
    lane = add_traced_lane(
        run,
        written.lane(),
        sources=["d"],
        start=3,
        init_from=[first],
        title="decoder",
        module="decoder",
    )
    weights = {"W_hy": readout.weight.detach(), "b_y": readout.bias.detach()}
    run.add_readout(
        scores,
        scores.softmax(-1),
        weights,
        units,
        sources=[f"{lane}.h"],
        target=[0, 1, 2, 3],
        start=3,
    )
    return run


def _translation(score: str | None) -> Run:
    import torch
    from torch import nn

    from rnn_core.networks.translator import Translator
    from ui.networks.translators import translation_run

    torch.manual_seed(3)
    words, target = (
        ["I", "like", "green", "tea", "."],
        ["私", "は", "緑茶", "が", "好き", "です", "。"],
    )
    model = Translator(("en", "ja"), words, target, 6, 8, score).eval().requires_grad_(False)
    for p in model.parameters():
        nn.init.normal_(p, std=0.8)
    reading = model.read(words, model.target_ids(target).tolist()[1:])
    labels = {"phase_read": "read", "phase_write": "write", "rest": "…"}
    lanes = {"lane_forward": "encoder →", "lane_backward": "encoder ←", "lane_decoder": "decoder"}
    return translation_run(reading, labels | lanes)
