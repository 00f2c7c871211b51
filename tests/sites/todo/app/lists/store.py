"""Reading and writing lists: all that the views know of the database."""

from django.db import transaction

from lists.models import Item, List


def start_list(session, text: str) -> int:
    """Makes a list with its first item, and tells its number."""
    with transaction.atomic():
        new = List.objects.create()
        Item.objects.create(list=new, text=text)
    session["lists"] = [*session.get("lists", []), new.pk]
    return new.pk


def add_item(session, list_id: int, text: str) -> bool:
    """Adds an item; false where the list has it already."""
    _, is_new = Item.objects.get_or_create(list_id=list_id, text=text)
    return is_new


def find_items(session, list_id: int) -> list[str] | None:
    """The texts of a list; none where there is no such list."""
    if not List.objects.filter(pk=list_id).exists():
        return None
    return [item.text for item in Item.objects.filter(list_id=list_id)]


def find_own_lists(session) -> list[tuple[int, str]]:
    """Numbers and first items of the lists that this visitor has started."""
    numbers = session.get("lists", [])
    if not numbers:
        return []
    firsts = {}
    for item in Item.objects.filter(list_id__in=numbers):
        firsts.setdefault(item.list_id, item.text)
    return list(firsts.items())
