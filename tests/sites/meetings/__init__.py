"""A FastAPI service of meetings."""
