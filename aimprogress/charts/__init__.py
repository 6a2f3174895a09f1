"""Pictures of figures: pure functions that return safe SVG, for pages and for the printed report.

Every chart takes a `title` (what it shows, already translated) and a palette, PAGE or PRINT, and has a sibling that returns the
same figures as a `Table`. Import from the modules: `plots`, `heatmap`, `regionmap`, `marks`, `svg`.
"""
