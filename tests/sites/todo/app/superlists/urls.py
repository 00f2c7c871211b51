"""Addresses of the site."""

from django.contrib import admin
from django.urls import path

from lists import views

urlpatterns = [
    path("", views.show_home, name="home"),
    path("lists/new", views.start_list, name="start_list"),
    path("lists/<int:list_id>/", views.show_list, name="show_list"),
    path("version", views.tell_version),
    path("healthz", views.tell_health),
    path("admin/", admin.site.urls),
]
