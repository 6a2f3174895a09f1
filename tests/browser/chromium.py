"""Chromium, and tabs that remember everything a page did wrong."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CHROMIUM = os.environ.get("AIM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
NO_CHROMIUM = "no Chromium: set AIM_CHROMIUM to its path, or let bin/setup install it"
HEIGHTS = {320: 640, 360: 760, 768: 1024, 1366: 768, 1920: 1080}


@dataclass(frozen=True)
class Look:
    """How somebody looks at the portal."""

    width: int = 1366
    theme: str = "light"
    language: str = "en"

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}-{self.language}"


@contextmanager
def a_chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Watched:
    """A browser of which every context is watched: `broken` collects what no page may ever do, whatever its test is about -
    ask another origin, break the content security policy, fail in its script. `portals` are the addresses that are no strangers.
    """

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.portals, self.broken = browser, {address}, []

    def new_context(self, **options: Any) -> Any:
        """A context as of Playwright."""
        context = self.browser.new_context(**options)
        context.on("request", lambda request: self._note(self._is_foreign(request.url), f"asked {request.url}"))
        context.on("console", lambda said: self._note("Content Security Policy" in said.text, said.text))
        context.on("weberror", lambda error: self._note(True, str(error.error)))
        return context

    def _is_foreign(self, url: str) -> bool:
        return all(is_foreign(url, portal) for portal in self.portals)

    def _note(self, is_wrong: bool, words: str) -> None:
        if is_wrong:
            self.broken.append(words)


def is_foreign(url: str, address: str) -> bool:
    """Whether a request leaves the portal."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" != address


@dataclass
class Tab:
    """One tab of somebody. `wrong` collects errors of the console and requests to strangers; `bytes` what was transferred."""

    page: Any
    address: str
    wrong: list[str] = field(default_factory=list)
    transferred: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._urls: dict[str, str] = {}
        self.page.set_default_timeout(10_000)
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._leaves)
        wire = self.page.context.new_cdp_session(self.page)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})  # every visit is somebody's first
        wire.on("Network.requestWillBeSent", lambda event: self._urls.update({event["requestId"]: event["request"]["url"]}))
        wire.on("Network.loadingFinished", self._arrived)

    def _leaves(self, request: Any) -> None:
        if is_foreign(request.url, self.address):
            self.wrong.append(f"asked another origin: {request.url}")

    def _arrived(self, event: dict[str, Any]) -> None:
        url = self._urls.get(event["requestId"], event["requestId"])
        self.transferred[url] = self.transferred.get(url, 0) + int(event["encodedDataLength"])

    def visit(self, path: str) -> Any:
        """Go there and give the response of the page."""
        self.wrong.clear()
        self.transferred.clear()
        return self.page.goto(self.address + path, wait_until="load")
