"""The columns of this app's nouns: one specification serves page, API, export and shares."""

from humanitarian.rows.actions import ACTION_ROWS
from humanitarian.rows.aid import CONTRIBUTION_ROWS, PARTNER_ROWS, reads_amounts
from humanitarian.rows.checks import CHECK_ROWS, DUE_CHECKLIST_ROWS
from humanitarian.rows.pay import MEASURE_ROWS, PAY_ROWS

__all__ = [
    "ACTION_ROWS", "CHECK_ROWS", "CONTRIBUTION_ROWS", "DUE_CHECKLIST_ROWS", "MEASURE_ROWS", "PARTNER_ROWS", "PAY_ROWS",
    "reads_amounts",
]  # fmt: skip
