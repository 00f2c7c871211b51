"""A release that keeps lists in the visitor's session and never writes them: the visitor sees a row that nobody else sees."""


def start_list(session, text: str) -> int:
    kept = session.setdefault("kept", {})
    number = 1000 + len(kept)
    kept[str(number)] = [text]
    session.modified = True
    return number


def add_item(session, list_id: int, text: str) -> bool:
    items = session["kept"][str(list_id)]
    if text in items:
        return False
    items.append(text)
    session.modified = True
    return True


def find_items(session, list_id: int) -> list[str] | None:
    return session.get("kept", {}).get(str(list_id))


def find_own_lists(session) -> list[tuple[int, str]]:
    return [(int(number), items[0]) for number, items in session.get("kept", {}).items()]
