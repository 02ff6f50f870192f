"""Addresses of the REST face, made from the registries of documents, screens and actions."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, path, re_path
from django.utils.module_loading import autodiscover_modules
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from flow.actions import actions_of, creation_of
from flow.api import Choices, Collection, Events, Files, Listing, Nothing, Routes, Single, Step
from flow.api_prints import Forms, Print
from flow.models import Document
from flow.screens import Screen

autodiscover_modules("api")


def of_document(model: type[Document]) -> Iterator[URLPattern]:
    """The list, the document and one address for each verb that people may call."""
    label = model.label()
    base = label.replace(".", "/")
    creation = creation_of(model)
    rows = Collection.as_view(model=model, step=creation) if creation else Listing.as_view(model=model)
    yield path(f"{base}/", rows, name=f"api-{label}")
    yield path(f"{base}/<str:id>/", Single.as_view(model=model), name=f"api-{label}-one")
    for action in actions_of(model):
        if action.has_face and not action.creates:
            view = Step.as_view(model=model, step=action)
            yield path(f"{base}/<str:id>/{action.name}/", view, name=f"api-{label}-{action.name}")


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("choices/", Choices.as_view(), name="api-choices"),
    path("events/", Events.as_view(), name="api-events"),
    path("attachments/<uuid:id>/", Files.as_view(), name="api-attachment"),
    path("<slug:app>/<slug:slug>/<str:id>/print/", Forms.as_view(), name="api-prints"),
    path("<slug:app>/<slug:slug>/<str:id>/print/<slug:form>.pdf", Print.as_view(), name="api-print"),
    *(path(where, view.as_view(), name=name) for where, view, name in Routes.added),
    *(pattern for screen in Screen.registry.values() for pattern in of_document(screen.model)),
    re_path(r"", Nothing.as_view(), name="api-nothing"),
]
