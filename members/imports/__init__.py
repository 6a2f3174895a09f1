"""The lists that members bring: sites, and head counts of their sites."""

from members.imports import head_counts, sites  # noqa: F401 - each module offers its target
