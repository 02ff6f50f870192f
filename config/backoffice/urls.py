"""Addresses of the administrators' pages that belong to no single table."""

from django.urls import path

from config.backoffice import changes, organisation, year

app_name = "backoffice"
urlpatterns = [
    path("organisation/", organisation.tree, name="organisation"),
    path("year/", year.year, name="year"),
    path("changes/", changes.latest, name="changes"),
]
