"""Django to-do lists."""
