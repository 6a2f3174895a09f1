"""A browser without script: follows links, fills forms, keeps cookies. Standard library only."""

import http.cookiejar
import json
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
ADDRESS = f"http://localhost:{os.environ.get('PORT', '8000')}"


class StepFailed(Exception):
    """The portal did not do what this step of the journey needs."""


@dataclass
class Form:
    action: str
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page with what a browser would send untouched, and the values that its radios and selects offer."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        if not self.forms:
            return
        form, name = self.forms[-1], given.get("name", "")
        if tag == "input" and name:
            self._input(form, name, given)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(given.get("value", ""))
            if "selected" in given:
                form.fields.append((self._select, given.get("value", "")))
        elif tag == "textarea" and name:
            form.fields.append((name, ""))

    def _input(self, form: Form, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" not in given:
                return
        if kind not in {"submit", "file"}:
            form.fields.append((name, given.get("value", "on" if kind == "checkbox" else "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


@dataclass
class Page:
    url: str
    status: int
    body: bytes
    headers: Any

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        return json.loads(self.body)

    def _parsed(self) -> Forms:
        parser = Forms()
        parser.feed(self.text)
        return parser

    def form(self, *names: str, action: str = "") -> Form:
        """The form that has all of these fields."""
        for form in self._parsed().forms:
            known = {name for name, _ in form.fields} | set(form.choices)
            if set(names) <= known and action in form.action and form.method == "post":
                return form
        raise StepFailed(f"no form with {', '.join(names) or action} on {self.url} ({self.status})")

    def own_form(self) -> Form:
        """The form that the page itself is about: it posts to its own address, unlike those of the frame around it."""
        path = urllib.parse.urlsplit(self.url).path
        mine = [form for form in self._parsed().forms if form.method == "post" and form.action in {"", ".", path}]
        if not mine:
            raise StepFailed(f"no form of its own on {self.url} ({self.status})")
        return mine[-1]

    def link(self, part: str) -> str:
        """The first link whose address holds `part`."""
        for href in self._parsed().links:
            if part in href:
                return href
        raise StepFailed(f"no link with {part} on {self.url} ({self.status})")


class Browser:
    """One person's session."""

    def __init__(self) -> None:
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, address: str, **headers: str) -> Page:
        return self._open(urllib.request.Request(self._absolute(address), headers=headers))

    def send(self, page: Page, form: Form, *, button: tuple[str, str] | None = None, files: Any = None, **answers: Any) -> Page:
        """Fill `form` with `answers` (a list for several ticks), press `button`, return the page that follows."""
        fields = [(name, value) for name, value in form.fields if name not in answers]
        for name, value in answers.items():
            fields += [(name, item) for item in (value if isinstance(value, list) else [value])]
        if button:
            fields.append(button)
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        if files:
            body, kind = _multipart(fields, files)
        else:
            body, kind = urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "Referer": page.url, "Origin": ADDRESS}
        return self._open(urllib.request.Request(target, data=body, headers=headers))

    def _absolute(self, address: str) -> str:
        return urllib.parse.urljoin(ADDRESS, address)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as refused:
            answer = refused
        except urllib.error.URLError as problem:
            raise StepFailed(f"{request.full_url} does not answer: {problem.reason}. Is `make run` running?") from problem
        with answer:
            return Page(answer.geturl(), answer.status, answer.read(), answer.headers)


def _multipart(fields: list[tuple[str, str]], files: dict[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    mark = uuid.uuid4().hex
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields]
    for name, (filename, data) in files.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"


def sign_in_link(email: str) -> str:
    """A single-use link for a demo account, from the command line of the running installation."""
    command = [sys.executable, "manage.py", "sign_in_link", email]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    links = [word for word in done.stdout.split() if word.startswith("http")]
    if not links:
        raise StepFailed(f"sign_in_link {email} said: {done.stderr.strip()[-200:] or done.stdout.strip()}")
    return links[0]
