"""A reader who comes without a language in the address is sent on to the address that has one, before the page loads.

Every link shall show everybody the same, so every address says the language. Written by the page once it is there, it would be a
second place that Back returns to; a redirect replaces the first.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.i18n import LANGUAGES


def language_of(wanted: str | None) -> str:
    """Japanese for a browser that asks for it first ("ja-JP", "ja,en;q=0.8"), English for any other."""
    return "ja" if (wanted or "").strip().lower().startswith("ja") else "en"


class WithLanguage:
    """ASGI middleware: a page asked for without `lang`, or with one we do not have, is a redirect to the same with it."""

    def __init__(self, app: ASGIApp, pages: Collection[str]) -> None:
        """`pages`: what an address of a page ends in."""
        self.app, self.pages = app, frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http" and (query := completed(scope, self.pages)) is not None:
            kept = {"Vary": "Accept-Language", "Cache-Control": "no-store"}
            # relative, so that it holds behind any proxy
            app = RedirectResponse(f"?{query}", headers=kept)
        await app(scope, receive, send)


def completed(scope: Scope, pages: Collection[str]) -> str | None:
    """The query of a page's address with its language; None if it has one, or if this is not a browser that opens a page."""
    headers = Headers(scope=scope)
    if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
        return None
    if scope["path"].rsplit("/", 1)[-1] not in pages:
        return None
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if any(key == "lang" and value in LANGUAGES for key, value in query):
        return None
    kept = [(key, value) for key, value in query if key != "lang"]
    return urlencode([*kept, ("lang", language_of(headers.get("accept-language")))])
