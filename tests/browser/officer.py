"""Officers at a browser: they come in by a link, look, click, and leave pictures behind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from served_operation import Server

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PASSWORD = "furrow lantern 47 over the ridge"
GRAVE = ("serious", "critical")
NOT_OURS = ("Failed to load resource", "GL Driver Message")
"""What a browser says of a part that is asked for and refused, and of drawing without a card."""


@dataclass
class Officer:
    """A person at a browser."""

    office: Office
    name: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the server."""
        answer = self.page.goto(f"{self.office.address}{path}", wait_until="load")
        assert answer is None or answer.status < 400, f"{path}: {answer.status}"
        return self.page

    def picture(self, name: str) -> None:
        """Keep a picture of what is seen now."""
        self.office.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.office.pictures / f"{name}.png")

    def barriers(self) -> list[str]:
        """Serious and critical findings of axe-core on the page that is open."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']} ({one['impact']}): {one['nodes'][0]['target']}"
            for one in found
            if one["impact"] in GRAVE
        ]

    def figure(self, label: str) -> float:
        """Value of the first figure of that label, in its own unit (m² or pieces)."""
        shown = self.page.locator(".figure", has=self.page.get_by_text(label, exact=True)).first
        return float(shown.locator("data.number").first.get_attribute("value") or "nan")


@dataclass
class Office:
    """Makes officers."""

    server: Server
    browser: Browser
    pictures: Path
    officers: list[Officer] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the server is reached; passkeys want its name, not its number."""
        return f"http://localhost:{self.server.port}"

    def run(self, *arguments: str) -> Any:
        """Run ``tilth`` on the machine; returns the value that it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "tilth", *arguments, "--json"],
            env=self.server.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def sit_down(
        self,
        name: str,
        *,
        language: str = "en",
        size: tuple[int, int] = (1280, 800),
        scheme: Any = "light",
    ) -> Officer:
        """A browser of her own, with nobody signed in."""
        context = self.browser.new_context(
            locale=language,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            accept_downloads=True,
        )
        made = Officer(self, name, context, context.new_page())
        made.page.on("console", lambda line: _heed(made, line))
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        made.page.on(
            "request",
            lambda asked: (
                None
                if asked.url.startswith((self.address, "data:", "blob:"))
                else made.elsewhere.append(asked.url)
            ),
        )
        self.officers.append(made)
        return made

    def invite(self, name: str, *roles: str, organisation: str = "") -> str:
        """A one-time link, made on the machine; returns its path."""
        folder = str(self.server.folder)
        chosen = [part for role in roles for part in ("--role", role)]
        where = ["--organisation", organisation] if organisation else []
        told = self.run("user", "add", folder, name, "--code", name.upper(), *where, *chosen)
        found = re.search(r"/account/link#\S+", json.dumps(told))
        assert found, told
        return found[0].rstrip('",}')

    def arrive(self, officer: Officer, link: str) -> None:
        """Come in by a link and choose a password."""
        page = officer.open(link)
        page.get_by_role("button").filter(has_text=re.compile("Go on|متابعة|.+")).last.click()
        page.wait_for_load_state("load")
        boxes = page.locator("input[type=password]")
        if boxes.count():
            for at in range(boxes.count()):
                boxes.nth(at).fill(PASSWORD)
            page.locator("main form button").first.click()
            page.wait_for_load_state("load")
        expect(page.locator(".head-me")).to_contain_text(officer.name.upper())

    def close(self) -> None:
        """Everybody goes home."""
        for one in self.officers:
            one.context.close()


def _heed(officer: Officer, line: ConsoleMessage) -> None:
    ours = not any(words in line.text for words in NOT_OURS)
    if line.type in ("error", "warning") and ours:
        officer.complaints.append(line.text)
