"""Every document in the admin: to be looked at, and moved only by its own actions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from flow import clock, faces, html, policy, render, timeline
from flow.actions import Action, actions_of, offers
from flow.events import By
from flow.models import Document, Event, Heartbeat, Series
from flow.policy import Viewer
from flow.refusals import Invalid, Refused
from flow.retry import Busy
from flow.screens import Screen


class ReadOnlyAdmin(ModelAdmin):
    """Rows that nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes one here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes one here."""
        return False


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
        links = format_html_join(" · ", '<a class="text-primary-600 underline" href="{}">{}</a>', opened)
        return format_html("{}{}", links, format_html_join("", "<br>{}: {}", barred))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The document's own actions that ask for nothing, for everybody whose post allows them somewhere."""
        viewer = viewer_of(request)
        return {
            action.name: (_runner(action), action.name, str(action.label))
            for action in actions_of(self.model)
            if not action.creates and viewer.roles & action.may and not html.asks(action)
        }


def viewer_of(request: HttpRequest) -> Viewer:
    """The person of the request with posts, read once for each request."""
    faces.know(request)
    return request.viewer  # type: ignore[attr-defined]


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


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What happened; never changed or deleted."""

    list_display = ("step", "kind", "happened", "recorded", "person", "house", "before", "after")
    list_filter = ("company", "subject_type")
    list_select_related = ("actor", "company")
    search_fields = ("verb",)
    show_full_result_count = False
    exclude = ("data",)

    @admin.display(description=_("Step"), ordering="verb")
    def step(self, event: Event) -> str:
        """The verb in words."""
        return timeline.label_of(event)

    @admin.display(description=_("Kind"), ordering="subject_type")
    def kind(self, event: Event) -> str:
        """What kind of document it happened to."""
        model = Document.registry.get(event.subject_type)
        return str(model._meta.verbose_name) if model else event.subject_type

    @admin.display(description=_("Happened at"), ordering="at")
    def happened(self, event: Event) -> str:
        """When it happened."""
        return render.words(event.at)

    @admin.display(description=_("Recorded at"), ordering="recorded_at")
    def recorded(self, event: Event) -> str:
        """When the house heard of it."""
        return render.words(event.recorded_at)

    @admin.display(description=_("By"), ordering="actor")
    def person(self, event: Event) -> str:
        """Who did it."""
        return str(event.actor)

    @admin.display(description=_("Company"), ordering="company")
    def house(self, event: Event) -> str:
        """For which company."""
        return str(event.company)

    @admin.display(description=_("State before"))
    def before(self, event: Event) -> str:
        """The state it led out of."""
        return timeline.state_label(event.subject_type, event.state_from)

    @admin.display(description=_("State after"))
    def after(self, event: Event) -> str:
        """The state it led to."""
        return timeline.state_label(event.subject_type, event.state_to)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """The events on documents this person may see."""
        viewer = viewer_of(request)
        seen = [label for label, model in Document.registry.items() if viewer.roles & policy.readers(model)]
        rows = Event.objects.filter(subject_type__in=seen).order_by("-pk")
        companies = viewer.companies()
        return rows if companies is None else rows.filter(company_id__in=companies)


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    """The last number given for each document type, company and year."""

    list_display = ("company", "kind", "period", "last")
    list_filter = ("company", "period")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When the background work last showed that it lives."""

    list_display = ("name", "beat_at")


# The admin's own packages bring these in English alone; our catalogue speaks for them.
FOREIGN = (
    _("Type to search"),
    _("Select value"),
    _("No results found"),
    _("Reset filters"),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("After you've created a user, you’ll be able to edit more user options."),
)

register_documents()
admin.site.site_header = admin.site.site_title = _("Order cycle: administration")
admin.site.index_title = _("Master data and documents")
