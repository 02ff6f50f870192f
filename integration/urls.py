"""Addresses of the pages of the notices."""

from django.urls import path

from integration import views

app_name = "integration"
urlpatterns = [
    path("", views.mine, name="notices"),
    path("<int:pk>/", views.open_notice, name="open"),
    path("read/", views.read_all, name="read_all"),
]
