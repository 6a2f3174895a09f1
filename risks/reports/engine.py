"""The template engine of the reports: its own folder, always escaping, no context processor, no tag but translation."""

from functools import cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import SafeString

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates" / "reports"


@cache
def _engine() -> Engine:
    return Engine(
        dirs=[TEMPLATES],
        builtins=["django.templatetags.i18n"],
        autoescape=True,
        debug=False,
        loaders=[("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
    )


def page(template: str, context: dict[str, Any]) -> SafeString:
    """A template of templates/reports/ as HTML. Values are escaped unless they are marks of this package."""
    return _engine().get_template(template).render(Context(context))
