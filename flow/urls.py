"""Addresses of the generic pages; the names of a document type and its verbs are those of the registries."""

from django.urls import path

from flow import acting, views

app_name = "flow"
urlpatterns = [
    path("", views.home, name="home"),
    path("find/", views.find, name="find"),
    path("clock/", views.move_clock, name="clock"),
    path("files/<uuid:public_id>/", views.download, name="download"),
    path("pick/<str:verb>/<str:part>/<str:name>/", views.pick, name="pick"),
    path("<slug:app>/<slug:slug>/", views.documents, name="list"),
    path("<slug:app>/<slug:slug>/new/", acting.create, name="create"),
    path("<slug:app>/<slug:slug>/<str:identity>/", views.document, name="document"),
    path("<slug:app>/<slug:slug>/<str:identity>/comment/", views.comment, name="comment"),
    path("<slug:app>/<slug:slug>/<str:identity>/<slug:verb>/", acting.act, name="act"),
]
