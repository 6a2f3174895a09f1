"""Pictures of figures: pure functions that return safe SVG, for pages and for the printed report.

Every chart takes a `title` (what it shows, already translated) and a palette, PAGE or PRINT: one drawing, two sets of colours.
The template that shows one prints the same figures as a table beside it. Import from the modules: `plots`, `bars`, `timelines`,
`heatmap`, `regionmap`, `areamap`, `marks`, `svg`.
"""
