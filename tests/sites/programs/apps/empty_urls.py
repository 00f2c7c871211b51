"""No addresses at all: Django shows its first page."""

urlpatterns = []
