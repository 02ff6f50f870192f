"""Addresses of the generic pages; the names of a document type and its verbs are those of the registries."""

from django.urls import path

from desk import acting, asked, cards, find, home, lists, pages, team, training

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("counts/", home.counts, name="counts"),
    path("team/", team.overview, name="team"),
    path("team/<int:pk>/", team.member, name="member"),
    path("find/", find.find, name="find"),
    path("palette/", find.suggest, name="palette"),
    path("items/<int:pk>/", cards.item, name="item"),
    path("clock/", training.move_clock, name="clock"),
    path("files/<uuid:public_id>/", pages.download, name="download"),
    path("pick/<str:verb>/<str:part>/<str:name>/", find.pick, name="pick"),
    path("<slug:app>/<slug:slug>/", lists.documents, name="list"),
    path("<slug:app>/<slug:slug>/new/", acting.create, name="create"),
    path("<slug:app>/<slug:slug>/<str:identity>/", pages.document, name="document"),
    path("<slug:app>/<slug:slug>/<str:identity>/comment/", pages.comment, name="comment"),
    path("<slug:app>/<slug:slug>/<str:identity>/remind/", asked.remind, name="remind"),
    path("<slug:app>/<slug:slug>/<str:identity>/<slug:verb>/", acting.act, name="act"),
]
