"""Short reviews of our own, by kind: what a network for sentiment finds easy and what misleads it.

Written before any network read them; no number was fitted to them. Those of slang were looked at when runs of three
characters were taken for what is familiar (`rnn_core.networks.familiar`). A handful a kind: something to look at, no measurement of a
language.
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("ordinary", "slang", "sarcasm", "double_negation", "no_fault", "polite")
"""`double_negation`: two negations that cancel, or seem to; `no_fault`: praise as the absence of faults; `polite`: complaints
that say nothing bad."""


@dataclass(frozen=True)
class OwnReview:
    """A review, its kind, and whether whoever wrote it was pleased."""

    kind: str
    text: str
    good: bool


def _of(kind: str, good: tuple[str, ...], bad: tuple[str, ...]) -> list[OwnReview]:
    return [OwnReview(kind, t, True) for t in good] + [OwnReview(kind, t, False) for t in bad]


OWN_REVIEWS: dict[str, list[OwnReview]] = {
    "en": [
        *_of(
            "ordinary",
            (
                "A warm and honest film with two excellent leads.",
                "I laughed from beginning to end.",
                "Beautifully shot, and the ending stays with you.",
                "A clever thriller that keeps you guessing.",
            ),
            (
                "The plot is predictable and the jokes fall flat.",
                "Two hours of noise without a single idea.",
                "The dialogue is wooden and nobody seems to care.",
                "It drags badly in the second half.",
            ),
        ),
        *_of(
            "slang",
            (
                "Absolute banger, no cap.",
                "The soundtrack slaps.",
                "Lowkey the GOAT of heist flicks.",
                "This one goes hard, ngl.",
            ),
            (
                "This movie is mid af.",
                "What a dumpster fire.",
                "Hard pass, total snoozefest.",
                "Cringe from start to finish.",
            ),
        ),
        *_of(
            "sarcasm",
            (),
            (
                "Oh great, another three hours of people staring at walls.",
                "Just what the world needed: a fifth sequel.",
                "I loved the part where the credits finally rolled.",
                "Wonderful film, if you need help falling asleep.",
                "A masterpiece of boredom, truly unforgettable.",
            ),
        ),
        *_of(
            "double_negation",
            (
                "It is not without charm.",
                "I would not say that it isn't worth seeing.",
                "You cannot fail to be moved.",
                "It is impossible not to like it.",
            ),
            ("It never fails to disappoint.", "Nobody could call it anything but dull."),
        ),
        *_of(
            "no_fault",
            (
                "There is nothing wrong with it.",
                "I could not find a single fault.",
                "No scene is wasted and no line is false.",
                "I have no complaints at all.",
            ),
            (),
        ),
        *_of(
            "polite",
            (),
            (
                "I wish the script had been given a little more time.",
                "It may please patient viewers more than it pleased me.",
                "Perhaps a shorter cut would serve it better.",
                "I had hoped for something more.",
            ),
        ),
    ],
    "ja": [
        *_of(
            "ordinary",
            (
                "駅から近くて部屋も清潔で、また泊まりたいです。",
                "店員さんの説明が丁寧で、安心して買えました。",
                "音質が良く、この値段なら大満足です。",
                "景色がきれいで、家族みんなが喜びました。",
            ),
            (
                "スープがぬるく、麺ものびていて残念でした。",
                "一週間で電源が入らなくなり、返品しました。",
                "予約したのに一時間も待たされ、疲れました。",
                "部屋が狭く、隣の声が聞こえて眠れませんでした。",
            ),
        ),
        *_of(
            "slang",
            (
                "まじで神。リピ確定。",
                "ここのラーメン、やばいくらいうまい。",
                "コスパ最強すぎる。",
                "普通にうまかったわ。",
            ),
            (
                "この店まじ使えん。",
                "接客がクソすぎて草。",
                "バッテリーがゴミ。",
                "店長の態度がガチでムカつく。",
            ),
        ),
        *_of(
            "sarcasm",
            (),
            (
                "さすが一流ホテル、チェックインに三時間もかけてくださいました。",
                "素晴らしいサービスですね。水も出てきません。",
                "冷めた料理をありがとうございました。",
                "こんなに遅い配達は初めてで、感動しました。",
                "一回洗っただけで穴があくとは、見事な品質です。",
            ),
        ),
        *_of(
            "double_negation",
            (
                "おいしくないわけがない。",
                "勧めないわけにはいきません。",
                "満足できないということはなかった。",
                "行かなければよかったとは思いません。",
            ),
            ("悪くないとは言えない。", "不満がないわけではありません。"),
        ),
        *_of(
            "no_fault",
            (
                "悪いところが一つもありません。",
                "非の打ちどころがない。",
                "不満な点は何もありませんでした。",
                "がっかりすることは一度もなかった。",
            ),
            (),
        ),
        *_of(
            "polite",
            (),
            (
                "もう少しお部屋を掃除していただけると助かります。",
                "味は私には少し濃すぎたように思います。",
                "次はほかのお店を選ぶかもしれません。",
                "ご説明をいただければ、待つこともできたのですが。",
            ),
        ),
    ],
}
