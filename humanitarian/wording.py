"""Titles of the actions that the portal opens by itself: stored in English, read in the language of each reader.

What they are about says which words they have (`origin`, `origin_key`); a title that somebody worded stays as it is.
"""

import re

from django.utils.translation import gettext, ngettext, override

STORED_IN = "en"
FIRST_NUMBER = re.compile(r"\d+")


def title_of(origin: str, key: str, n: int = 0) -> str:
    """The title in the language of the moment, "" for what the portal does not word. `n`: how many are short."""
    if origin == "STOCK":
        return gettext("Bring ammonia and chlorine into a safe state")
    if origin != "PLAN":
        return ""
    if key == "seats":
        return ngettext("Find %(n)s more seat for the evacuation", "Find %(n)s more seats for the evacuation", n) % {"n": n}
    if key == "shelter":
        return ngettext("Find %(n)s more shelter place", "Find %(n)s more shelter places", n) % {"n": n}
    if key == "beds":
        return ngettext("Find %(n)s more bed at the destination", "Find %(n)s more beds at the destination", n) % {"n": n}
    kind, _space, item = key.partition(" ")
    return gettext("Close the gap of plan item %(item)s") % {"item": item} if kind == "item" else ""


def in_the_readers_language(title: str, origin: str, key: str) -> str:
    """A stored title as its reader reads it."""
    number = FIRST_NUMBER.search(title)
    n = int(number.group()) if number else 0
    with override(STORED_IN):
        as_stored = title_of(origin, key, n)
    return title_of(origin, key, n) if title and title == as_stored else title
