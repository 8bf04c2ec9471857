"""The Chromium that the tests drive: one found on the path, else Playwright's own."""

from __future__ import annotations

import os
import shutil
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def launch(playwright: Any) -> Any:
    """Start it; without the sandbox only where root leaves no choice."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    arguments = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    arguments.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")  # no network
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return playwright.chromium.launch(executable_path=path, args=arguments)
