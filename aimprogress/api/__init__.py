"""The API under /api/v1/: thin adapters over services and scoped rows."""
