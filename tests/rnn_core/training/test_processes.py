"""Under `torchrun` the processes share the batches: each model takes as many steps as one process alone."""

import pytest

from rnn_core.models import TrainOptions, chars, segmenter, sentiment, translator
from tests.rnn_core.models.test_chars import small as small_chars  # noqa: F401  (fixtures)
from tests.rnn_core.models.test_sentiment import small as small_sentiment  # noqa: F401
from tests.rnn_core.models.test_translator import small as small_translator  # noqa: F401
from tests.rnn_core.networks.test_segmenter import small as small_segmenter  # noqa: F401

OPTIONS = TrainOptions(seed=0)
FAMILIES = {
    "chars": (chars, lambda: chars._train_one("gru", "en", 0, chars._corpus("en", None), OPTIONS, OPTIONS.device)),
    "segmenter": (segmenter, lambda: segmenter._train_one(0, segmenter._sentences(None), OPTIONS, OPTIONS.device)),
    "sentiment": (sentiment, lambda: sentiment._train_one("lstm", "en", 0, OPTIONS, OPTIONS.device)),
    "translator": (translator, lambda: translator._train_one("general", (translator._side("en", None), translator._side("ja", None)), ("en", "ja"), 0, OPTIONS, OPTIONS.device)),
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.usefixtures("small_chars", "small_segmenter", "small_sentiment", "small_translator")
def test_two_processes_take_the_steps_of_one(family, monkeypatch):
    module, train = FAMILIES[family]

    def plan(processes):
        """The schedule, and how many losses the first epoch really yields."""
        found = []

        def fit(model, schedule, losses, *_, **__):
            found.append((schedule, sum(1 for _ in losses(0))))
            raise InterruptedError

        monkeypatch.setattr(module, "fit", fit)
        monkeypatch.setenv("WORLD_SIZE", str(processes))
        with pytest.raises(InterruptedError):
            train()
        return found[0]

    alone, shared = plan(1), plan(2)
    assert alone == shared
    assert alone[0].steps == alone[1] > 1
