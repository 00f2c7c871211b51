"""What the administration shows."""

from django.contrib import admin

from lists.models import Item, List

admin.site.register([List, Item])
