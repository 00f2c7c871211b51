"""A Flask blog."""
