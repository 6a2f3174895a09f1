"""Pictures of figures: pure functions that return safe SVG, for pages and for the printed report."""
