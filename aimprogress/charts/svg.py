"""What every chart is made of: two palettes, escaped text, one way to close a drawing.

Charts use presentation attributes only: no style, no script, nothing fetched. On pages the attributes name the page's own colour
variables, so light and dark follow the reader; in print they are fixed colours. `<title>` is the first child of every drawing.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Words = str | Promise

LIGHT = {
    "ink": "#16282d", "ink-2": "#46565a", "ink-3": "#5d6a6c", "line": "#dcd7ca", "line-strong": "#7f8279",
    "surface": "#ffffff", "sunken": "#edeae1", "meter": "#0d4a50", "mark-ink": "#ffffff",
    "ok-mark": "#178a70", "reduced-mark": "#bb7d0c", "paused-mark": "#3f6fb5", "evac-mark": "#a9340d", "lost-mark": "#6f2b7c",
    "closed-mark": "#50565a",
    "h0": "#f3efe4", "h1": "#efdfc0", "h2": "#e8c690", "h3": "#d99a5b", "h4": "#ad5a29", "h5": "#7c2f12",
    "h3-ink": "#1d0d02", "h4-ink": "#ffffff", "h5-ink": "#ffffff",
    "map-sea": "#dfe8e8", "map-land": "#ece8dd", "map-focus": "#fffdf6", "map-edge": "#bdb9ab",
}  # fmt: skip
"""The colours of a light page; its variables of the same names are in static/css/tokens.css."""

PAPER = LIGHT | {"line": "#b9b4a6", "h0": "#fbf9f4"}
"""The printed colours: hairlines a little darker and the palest square lighter, so that grey printing keeps them apart."""

HATCH = "hatch"
"""The role that fills with slanting lines instead of a colour: for what is missing, and readable without colour."""

FONTS = {"sans": "DejaVu Sans", "serif": "DejaVu Serif"}


class Palette(Enum):
    """Where a chart will be seen."""

    PAGE = "page"
    PRINT = "print"

    def colour(self, role: str) -> str:
        """The value of a fill or stroke for a role such as "ok-mark" or "ink-2"; "none" and fixed colours (#...) stay."""
        if role == "none" or role.startswith("#"):
            return role
        if role == HATCH:
            return f"url(#{HATCH})"
        return PAPER[role] if self is Palette.PRINT else f"var(--{role})"

    def font(self, role: str) -> str:
        """The value of font-family: "sans" or "serif"."""
        return FONTS[role] if self is Palette.PRINT else f"var(--{role})"


PAGE, PRINT = Palette.PAGE, Palette.PRINT


def number(value: float | int) -> str:
    """A figure as the reader's language writes it: whole with separators, else one decimal."""
    if isinstance(value, float) and not value.is_integer():
        return str(number_format(value, decimal_pos=1, force_grouping=True))
    return str(number_format(int(value), force_grouping=True))


def px(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def attributes(**pairs: object) -> str:
    """` name="value"` for each pair that is not None; underscores become hyphens, `kind` becomes class; values are escaped."""
    found = []
    for name, value in pairs.items():
        if value is not None:
            shown = px(value) if isinstance(value, (int, float)) else escape(value)
            found.append(f' {"class" if name == "kind" else name.replace("_", "-")}="{shown}"')
    return "".join(found)


def text(
    x: float, y: float, said: object, palette: Palette, *, size: float = 12, fill: str = "ink", anchor: str = "start",
    bold: bool = False, font: str = "sans", kind: str | None = None, **more: object,
) -> str:  # fmt: skip
    """One line of escaped text at its baseline."""
    look = attributes(
        x=x,
        y=y,
        kind=kind,
        fill=palette.colour(fill),
        font_family=palette.font(font),
        font_size=size,
        text_anchor=None if anchor == "start" else anchor,
        font_weight="bold" if bold else None,
        **more,
    )
    return f"<text{look}>{escape(said)}</text>"


def shape(name: str, palette: Palette, *, fill: str = "none", stroke: str | None = None, **more: object) -> str:
    """An empty element such as rect, circle or path, painted by role."""
    look = attributes(fill=palette.colour(fill), stroke=palette.colour(stroke) if stroke else None, **more)
    return f"<{name}{look}/>"


def drawing(
    view: tuple[float, float, float, float], title: Words, parts: Iterable[str], *, kind: str | None = None, group: bool = False,
    stretched: bool = False, hatched: Palette | None = None,
) -> SafeString:  # fmt: skip
    """The finished SVG. `parts` are made by `text` and `shape`, which escape. `group`: links inside stay reachable.

    `hatched` is the palette of the slanting lines, where a part is filled with HATCH.
    """
    look = attributes(
        xmlns="http://www.w3.org/2000/svg",
        kind=kind,
        viewBox=" ".join(px(value) for value in view),
        role="group" if group else "img",
        aria_label=str(title) if group else None,
        preserveAspectRatio="none" if stretched else None,
    )
    lines = _hatch(hatched) if hatched else ""
    return mark_safe(f"<svg{look}><title>{escape(title)}</title>{lines}{''.join(parts)}</svg>")


def _hatch(palette: Palette) -> str:
    ground = shape("rect", palette, fill="surface", width=3.6, height=3.6)
    line = shape("path", palette, stroke="ink-2", d="M0 0V3.6", stroke_width=1.1)
    look = attributes(id=HATCH, width=3.6, height=3.6, patternUnits="userSpaceOnUse", patternTransform="rotate(45)")
    return f"<defs><pattern{look}>{ground}{line}</pattern></defs>"


def local_href(href: str) -> str:
    """An address of this portal; anything else (another scheme, another host) becomes "#"."""
    return href if href[:1] in ("/", "?", "#") and href[:2] not in ("//", "/\\") else "#"


def width_of(said: str, size: float) -> float:
    """About how wide a line of sans text is; DejaVu is the widest face we use."""
    return len(said) * size * 0.62


def fitting(said: str, size: float, room: float) -> str:
    """A text, cut with an ellipsis where it would be wider than `room`."""
    if width_of(said, size) <= room:
        return said
    return said[: max(1, int(room / (size * 0.62)) - 1)].rstrip() + "…"
