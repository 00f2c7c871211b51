"""A Flask API with JSON Web Tokens."""
