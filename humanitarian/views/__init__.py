"""Pages of the humanitarian app, a module for each noun."""
