"""English of Europe: the day first, weeks from Monday."""
