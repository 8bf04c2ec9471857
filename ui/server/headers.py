"""Response headers of every page: scripts, styles and connections from this server only, no frames of strangers.

As strict as Streamlit 1.67 allows: its page has inline styles and one inline script; components of ours are loaded
from `blob:` addresses; Plotly builds functions from text ('unsafe-eval' is for it alone).
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' ws: wss: blob: data:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}

HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class SecurityHeaders:
    """ASGI middleware that puts `HEADERS` on every HTTP response, and `Secure` on its cookies if the reader came over TLS.

    Behind a proxy that ends TLS uvicorn knows so from `X-Forwarded-Proto`, if it trusts the proxy (`FORWARDED_ALLOW_IPS`);
    Streamlit 1.67 looks only at whether it has a certificate of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if scope["scheme"] == "https":
                    _secure(headers)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def _secure(headers: MutableHeaders) -> None:
    cookies = headers.getlist("set-cookie")
    del headers["set-cookie"]
    for cookie in cookies:
        names = [part.strip().lower() for part in cookie.split(";")]
        headers.append("set-cookie", cookie if "secure" in names else f"{cookie}; Secure")
