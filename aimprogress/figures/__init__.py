"""Figures: how a number is computed, how old it is, and how exactly who may see it."""
