"""Contrast of tokens that meet on a page, distance of status marks for colour-blind readers, and one source of each rule."""

import itertools
import math
import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
TEMPLATES = Path(__file__).parents[2] / "templates"
STATUSES = ("ok", "reduced", "paused", "evac", "lost", "closed")
# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
SEEN_WITH = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TEXT = 4.5
MARK = 3.0
TEXT_PAIRS = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "sunken"), ("ink", "brand-tint"), ("ink-2", "paper"), ("ink-2", "surface"),
    ("ink-2", "sunken"), ("ink-2", "brand-tint"), ("ink-3", "paper"), ("ink-3", "surface"), ("link", "paper"),
    ("link", "surface"), ("link", "brand-tint"), ("danger", "surface"), ("danger", "paper"), ("danger", "danger-tint"),
    ("on-brand", "brand"), ("on-brand", "brand-2"), ("on-brand-2", "brand"), ("on-brand", "act"), ("on-brand", "act-2"),
    ("on-brand-2", "act"), ("h3-ink", "h3"), ("h4-ink", "h4"), ("h5-ink", "h5"), ("ink", "h0"), ("ink", "h1"), ("ink", "h2"),
    *((status, f"{status}-bg") for status in STATUSES), *((status, "surface") for status in STATUSES),
    *(("ink", f"{status}-bg") for status in STATUSES),
]  # fmt: skip
MARK_PAIRS = [
    ("line-strong", "surface"), ("line-strong", "paper"), ("wheat", "brand"), ("meter", "sunken"), ("spin", "surface"),
    *((f"{status}-mark", "surface") for status in STATUSES), *((f"{status}-mark", "map-focus") for status in STATUSES),
]  # fmt: skip


def tokens(theme: str) -> dict[str, str]:
    css = (CSS / "tokens.css").read_text(encoding="utf-8")
    light, _system, chosen = re.findall(r":root[^{]*\{([^}]*)\}", css)
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", light))
    return found if theme == "light" else found | dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", chosen))


def linear(colour: str) -> list[float]:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(first), linear(second)))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb: list[float]) -> tuple[float, float, float]:
    r, g, b = (min(max(c, 0.0), 1.0) for c in rgb)
    x, y, z = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), TEXT_PAIRS)
def test_text_is_readable_on_its_ground(theme: str, front: str, ground: str) -> None:
    known = tokens(theme)
    assert contrast(known[front], known[ground]) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), MARK_PAIRS)
def test_marks_and_borders_stand_out_from_their_ground(theme: str, front: str, ground: str) -> None:
    known = tokens(theme)
    assert contrast(known[front], known[ground]) >= MARK


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN_WITH)
def test_status_marks_differ_for_every_kind_of_eyes(theme: str, eyes: str) -> None:
    known, matrix = tokens(theme), SEEN_WITH[eyes]
    seen = {}
    for status in STATUSES:
        colour = linear(known[f"{status}-mark"])
        seen[status] = lab([sum(row[i] * colour[i] for i in range(3)) for row in matrix])
    closest = min(math.dist(seen[a], seen[b]) for a, b in itertools.combinations(STATUSES, 2))
    assert closest >= 12


def test_the_dark_tokens_are_the_same_by_system_and_by_choice() -> None:
    _light, system, chosen = re.findall(r":root[^{]*\{([^}]*)\}", (CSS / "tokens.css").read_text(encoding="utf-8"))
    assert re.findall(r"--[\w-]+:[^;]+;", system) == re.findall(r"--[\w-]+:[^;]+;", chosen)


def rules(name: str) -> set[tuple[str, str]]:
    """What a style sheet says outside @media, one selector at a time, without white space."""
    css = re.sub(r"/\*.*?\*/|@media[^{]*\{(?:[^{}]*\{[^}]*\})*\s*\}", "", (CSS / name).read_text(encoding="utf-8"), flags=re.S)
    return {
        (selector.strip(), re.sub(r"\s+", "", body))
        for selectors, body in re.findall(r"([^{}]+)\{([^}]*)\}", css)
        for selector in selectors.split(",")
    }


def test_a_rule_that_phone_and_pages_need_stands_once_in_the_base() -> None:
    base, pages, phone = (rules(name) for name in ("tokens.css", "portal.css", "checkin.css"))
    assert (".muted", "color:var(--ink-2);") in base
    assert (base & pages) | (base & phone) | (pages & phone) == set()


def test_the_phone_names_no_class_that_only_the_pages_know() -> None:
    """The phone loads no portal.css: a class that only stands there would be plain text on it."""

    def classes(names: tuple[str, ...]) -> set[str]:
        return {found for name in names for selector, _ in rules(name) for found in re.findall(r"\.([a-z][\w-]*)", selector)}

    templates = [path for path in TEMPLATES.rglob("*.html") if "checkin_base.html" in path.read_text(encoding="utf-8")]
    named = {
        word
        for path in (TEMPLATES / "checkin_base.html", *templates)
        for value in re.findall(r'class="([^"]*)"', path.read_text(encoding="utf-8"))
        for word in re.findall(r"[a-z][\w-]*", re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", value))
    }
    assert len(templates) >= 3 and "note" in named
    assert not named & (classes(("portal.css",)) - classes(("tokens.css", "checkin.css")))


def test_style_sheets_use_only_tokens_that_exist() -> None:
    known = set(re.findall(r"(--[\w-]+):", (CSS / "tokens.css").read_text(encoding="utf-8")))
    for name in ("tokens.css", "portal.css", "checkin.css"):
        css = (CSS / name).read_text(encoding="utf-8")
        own = set(re.findall(r"(--[\w-]+):", css))
        used = set(re.findall(r"var\((--[\w-]+)\)", css))
        assert used <= known | own, name
