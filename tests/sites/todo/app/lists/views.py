"""The pages."""

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from lists import store
from lists.forms import DUPLICATE_ITEM, ItemForm


def show_home(request):
    own = store.find_own_lists(request.session)
    return render(request, "lists/home.html", {"form": ItemForm(), "own": own})


@require_POST
def start_list(request):
    form = ItemForm(request.POST)
    if not form.is_valid():
        return render(request, "lists/home.html", {"form": form, "own": []})
    number = store.start_list(request.session, form.cleaned_data["text"])
    return redirect("show_list", list_id=number)


def show_list(request, list_id: int):
    form = ItemForm()
    if request.method == "POST":
        form = ItemForm(request.POST)
        if form.is_valid():
            if store.add_item(request.session, list_id, form.cleaned_data["text"]):
                return redirect("show_list", list_id=list_id)
            form.add_error("text", DUPLICATE_ITEM)
    items = store.find_items(request.session, list_id)
    if items is None:
        raise Http404("no such list")
    return render(request, "lists/list.html", {"form": form, "items": items})


def tell_version(request):
    return JsonResponse({"name": "todo", "revision": settings.REVISION})


def tell_health(request):
    return HttpResponse("ok", content_type="text/plain")
