"""The one form of the site."""

from django import forms

EMPTY_ITEM = "You can't have an empty list item"
DUPLICATE_ITEM = "You've already got this in your list"


class ItemForm(forms.Form):
    """A new item, validated by the server: the browser is asked not to."""

    text = forms.CharField(
        max_length=200,
        error_messages={"required": EMPTY_ITEM},
        widget=forms.TextInput(attrs={"placeholder": "Enter a to-do item", "id": "id_new_item"}),
    )
    use_required_attribute = False
