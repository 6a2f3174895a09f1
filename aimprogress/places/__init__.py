"""Where things are: countries, areas, settlements, and what the official list says about an area on a date."""
