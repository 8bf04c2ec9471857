"""Choose the doubt of a shipped sentiment network anew: `python -m rnn_core.doubt NAME [--data DIR]`.

The weights stay; the card gets the doubt, the texts that it quotes with their new probabilities, and all scores. Needed when
what counts as hardly known has changed; a training chooses the doubt itself.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rnn_core.data.files import DataError
from rnn_core.models import load
from rnn_core.models.sentiment import MODELS, doubt_again
from rnn_core.store import TRAINED, StoreError, save


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rnn_core.doubt", description=__doc__)
    parser.add_argument("name", choices=sorted(MODELS))
    parser.add_argument("--data", type=Path, help="folder with the data sets")
    parser.add_argument("--folder", type=Path, default=TRAINED, help="folder with the weights")
    args = parser.parse_args(argv)
    try:
        model = load(args.name, args.folder)
        card = doubt_again(model, model.card, args.data)
    except (DataError, StoreError) as error:
        print(error, file=sys.stderr)
        return 1
    save(model.half(), card, args.name, args.folder)
    print(f"{args.name}: doubt {card['config']['doubt']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
