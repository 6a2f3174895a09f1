"""The region map of a report: marks per area and status on the portal's own drawing."""

from django.utils.safestring import SafeString

from risks.reports.chapters.slice import Slice


def region(part: Slice, title: str) -> SafeString | None:
    """The map as SVG, or None where no area of the snapshot can be placed."""
    return None
