"""The columns of this app's nouns: one specification serves page, API, export and shares."""

from humanitarian.rows.actions import ACTION_ROWS
from humanitarian.rows.aid import CONTRIBUTION_ROWS, PARTNER_ROWS, reads_amounts
from humanitarian.rows.pay import MEASURE_ROWS, PAY_ROWS

__all__ = ["ACTION_ROWS", "CONTRIBUTION_ROWS", "MEASURE_ROWS", "PARTNER_ROWS", "PAY_ROWS", "reads_amounts"]
