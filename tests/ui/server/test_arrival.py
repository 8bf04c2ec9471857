"""An address without a language becomes one with it, once, for browsers that open a page, and for nothing else."""

import asyncio
from types import SimpleNamespace

import pytest
from starlette.responses import PlainTextResponse

from lessons import places
from ui.server.arrival import WithLanguage, language_of

PAGES = {"", "gallery", *(place.word for place in places())}


def ask(address, method="GET", **headers):
    """What the middleware answers to a browser, in front of a server that says "page" to everything."""
    sent = []

    async def send(message):
        sent.append(message)

    path, _, query = address.partition("?")
    named = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"} | headers
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in named.items()],
    }
    asyncio.run(WithLanguage(PlainTextResponse("page"), PAGES)(scope, None, send))
    start, body = sent
    answer = {k.decode(): v.decode() for k, v in start["headers"]}
    return SimpleNamespace(status=start["status"], headers=answer, text=body["body"].decode())


@pytest.mark.parametrize(
    ("wanted", "lang"),
    [("ja-JP", "ja"), ("ja,en;q=0.8", "ja"), ("en-US,ja;q=0.5", "en"), ("fr", "en"), ("", "en"), ("*", "en")],
)  # fmt: skip
def test_the_browsers_first_language(wanted, lang):
    assert language_of(wanted) == lang
    answer = ask("/hello?part=word&word=%E3%82%8A&x=", accept_language=wanted)
    assert answer.status == 307
    assert answer.headers["location"] == f"?part=word&word=%E3%82%8A&x=&lang={lang}"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_page_once(page):
    answer = ask(f"/{page}")
    assert answer.headers["location"] == "?lang=en"
    assert ask(f"/{page}?lang=en").text == "page"
    assert ask(f"/base/{page}").status == 307


def test_an_unknown_language_is_replaced():
    answer = ask("/hello?lang=xx&lang=de&t=2")
    assert answer.headers["location"] == "?t=2&lang=en"


def test_what_an_address_says_stays_on_this_server():
    for query in ("//evil.example/", "?x=%0d%0aSet-Cookie:a=b", "?next=https://evil.example"):
        answer = ask(f"/hello?{query}")
        assert answer.headers["location"].startswith("?")
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/ready", "/_stcore/health", "/static/js/index.js", "/hello"])
def test_nobody_else_is_sent_on(path):
    assert ask(path, accept="*/*").text == "page"
    assert ask(path, method="HEAD").text == ask(path, method="POST").text == "page"
    assert ask(path).status == (307 if path == "/hello" else 200)
