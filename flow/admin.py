"""Every document in the admin: to be looked at, and moved only by its own actions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from flow import clock, html, policy, render
from flow.actions import Action, actions_of, offers
from flow.events import By
from flow.models import Document, Event, Heartbeat, Series
from flow.oplog import EventAdmin, viewer_of
from flow.refusals import Invalid, Refused
from flow.retry import Busy
from flow.screens import Screen
from org.adminbase import ReadOnlyAdmin

PROCESSES = {"worker": _("Background worker"), "stand-in": _("Stand-in of the web process")}


class DocumentAdmin(ReadOnlyAdmin):
    """A document type as its screen declares it; its state moves only through actions."""

    screen: Screen
    list_filter: tuple[str, ...] = ("state", "company")
    list_select_related = ("company", "case", "created_by")
    list_per_page = 50
    HEAD = ("number", "state", "version", "company", "created_at", "created_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The documents this person may see; administering opens no doors."""
        rows = policy.visible_to(self.model, viewer_of(request))
        return render.with_related(rows, self.screen.fields, self.screen.related).order_by("-pk")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """The columns of the screen that this person may read."""
        return render.readable_names(self.model, self.screen.columns, viewer_of(request))

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """The search paths of the screen that this person may read."""
        return render.readable_names(self.model, self.screen.search, viewer_of(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The facts of the screen, and what can be done."""
        names = render.readable_names(self.model, self.screen.fields, viewer_of(request))
        own = [name for name in names if "__" not in name]
        return list(dict.fromkeys((*self.HEAD[:3], "steps", *self.HEAD[3:], *own)))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All of them."""
        return self.get_fields(request, obj)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The document, which carries who looks at it: an admin object serves many people at once."""
        found = super().get_object(request, *args, **kwargs)
        if found is not None:
            found.looked_at_by = viewer_of(request)
        return found

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What happened to a document stands in the operation log."""
        query = f"subject_type={self.model.label()}&subject_id={unquote(object_id)}"
        return redirect(f"{reverse('admin:flow_event_changelist')}?{query}")

    @admin.display(description=_("Steps"))
    def steps(self, document: Any) -> SafeString:
        """Links to the page and to the actions open to whoever looks, and what bars the others."""
        opened = [(html.href(document), _("Open the document"))]
        barred: list[tuple[Any, str]] = []
        for offer in offers(document, document.looked_at_by):
            if offer.reasons:
                barred.append((offer.action.label, " ".join(str(r) for r in offer.reasons)))
            else:
                opened.append((f"{html.href(document)}{offer.action.name}/", offer.action.label))
        links = format_html_join(" · ", '<a class="text-link underline" href="{}">{}</a>', opened)
        return format_html("{}{}", links, format_html_join("", "<br>{}: {}", barred))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The document's own actions that ask for nothing, for everybody whose post allows them somewhere."""
        viewer = viewer_of(request)
        return {
            action.name: (_runner(action), action.name, str(action.label))
            for action in actions_of(self.model)
            if not action.creates and viewer.roles & action.may and not html.asks(action)
        }


def _runner(action: Action) -> Any:
    """A bulk action of the admin that does `action` to each chosen document and tells each refusal."""

    def run(admin: DocumentAdmin, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        by = By(request.user, clock.now())  # type: ignore[arg-type]
        done = 0
        for document in chosen:
            try:
                action(document, by=by, version=document.version)
                done += 1
            except (Refused, Invalid, PermissionDenied, Busy) as trouble:
                admin.message_user(request, f"{document}: {_said(trouble)}", messages.WARNING)
        sentence = _("“{label}”: done for {count} documents.").format(label=action.label, count=done)
        admin.message_user(request, sentence, messages.SUCCESS if done else messages.WARNING)

    run.__name__ = action.name
    return run


def _said(trouble: Exception) -> str:
    if isinstance(trouble, Busy):
        return str(_("Somebody else is working on the same order; nothing was changed."))
    return str(trouble)


def register_documents() -> None:
    """Give every document type with a screen its admin, unless its app registered one of its own."""
    for label, screen in Screen.registry.items():
        if not admin.site.is_registered(screen.model):
            name = f"{capfirst(label.replace('.', '_'))}Admin"
            admin.site.register(screen.model, type(name, (DocumentAdmin,), {"screen": screen}))


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    """The last number given for each document type, company and year."""

    list_display = ("company", "document_type", "prefix", "period", "last")
    list_filter = ("company", "period")
    list_select_related = ("company",)
    fields = list_display

    @admin.display(description=_("document type"), ordering="kind")
    def document_type(self, series: Series) -> str:
        """The kind of document in words."""
        model = Document.registry.get(series.kind)
        return str(model._meta.verbose_name) if model else series.kind

    @admin.display(description=_("Numbers begin with"))
    def prefix(self, series: Series) -> str:
        """The letters in front of every number of the series."""
        model = Document.registry.get(series.kind)
        return f"{model.prefix}{series.company.code}" if model else ""


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When the background work last showed that it lives."""

    list_display = ("process", "beat_at")
    fields = list_display

    @admin.display(description=_("Process"), ordering="name")
    def process(self, beat: Heartbeat) -> str:
        """What kind of background work it is, in words."""
        return str(PROCESSES.get(beat.name, beat.name))


admin.site.register(Event, EventAdmin)
register_documents()
admin.site.site_header = admin.site.site_title = _("Order cycle: administration")
admin.site.index_title = _("Board")
