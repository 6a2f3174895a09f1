"""Settings of the browser tests: in the full grid the next page of a person may come an hour after the last."""

from aimprogress.settings import *  # noqa: F403 - all of them

IDLE_MINUTES = IDLE_MINUTES_STRICT = 12 * 60
