"""Lists and their items."""

from django.db import models


class List(models.Model):
    """A to-do list: an address with items."""

    def __str__(self) -> str:
        return f"List {self.pk}"


class Item(models.Model):
    """A line of a list."""

    text = models.CharField(max_length=200)
    list = models.ForeignKey(List, on_delete=models.CASCADE)

    class Meta:
        ordering = ["id"]
        unique_together = ["list", "text"]

    def __str__(self) -> str:
        return self.text
