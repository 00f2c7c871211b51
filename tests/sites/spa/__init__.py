"""A single-page site of notes."""
