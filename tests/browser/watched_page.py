"""A page whose every request and complaint is written down."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

# A page may not listen for its own violations, so the browser is told to say them aloud.
SAY_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`));"""


@dataclass  # without slots: playwright leaves its own marks on the owner of a listener
class WatchedPage:
    """`allowed` are patterns of complaints that a test provokes on purpose (a wrong password is a 401)."""

    page: Page
    origin: str
    allowed: tuple[str, ...]
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("request", self._note_request)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def unexpected(self) -> list[str]:
        """Return the complaints that nobody provoked."""
        return [text for text in self.complaints if not any(re.search(pattern, text) for pattern in self.allowed)]

    def strangers(self) -> list[str]:
        """Return the addresses asked for beyond our own server."""
        return [url for url in self.requests if not self._is_own(url)]

    def _is_own(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in {"data", "blob"} or f"{parts.scheme}://{parts.netloc}" == self.origin
