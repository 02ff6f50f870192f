"""The operation log: every step anybody took, as administrators look through it; read from the events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from flow import events, faces, feed, html, policy, render, timeline
from flow.actions import Action
from flow.models import Document, Event
from flow.policy import Viewer
from org.adminbase import ReadOnlyAdmin
from org.models import LogIn, Person
from org.models.people import SYSTEM

NOTHING = "—"
# So many log-ins are looked at to tell from where the people of one page came.
LOOKED_AT = 2_000


class KindFilter(admin.SimpleListFilter):
    """By kind of document."""

    title = _("kind of document")
    parameter_name = "subject_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The kinds with a screen, in the order of the flow."""
        return [(s.model.label(), s.model._meta.verbose_name) for s in html.screens()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Only those of the kind."""
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


class StepFilter(admin.SimpleListFilter):
    """By what was done; offered once a kind of document is chosen."""

    title = _("step")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The verbs of the chosen kind, and the one that is chosen."""
        kind, chosen = request.GET.get("subject_type", ""), request.GET.get(self.parameter_name)
        verbs = [verb for verb in labels() if kind and verb.startswith(f"{kind}.")] or (
            [chosen] if chosen in labels() else []
        )
        return [(verb, labels()[verb]) for verb in verbs]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Only those of the verb."""
        return queryset.filter(verb=self.value()) if self.value() else queryset


class ActorFilter(admin.SimpleListFilter):
    """By people or by the house itself."""

    title = _("who did it")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """People, or the clock and the consequences."""
        return [("people", _("People")), ("house", _("The house itself"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Only those of people, or of the house."""
        if self.value() == "house":
            return queryset.filter(actor__username=SYSTEM)
        return queryset.exclude(actor__username=SYSTEM) if self.value() else queryset


class EventAdmin(ReadOnlyAdmin):
    """What happened, the latest first; never changed or deleted."""

    list_display = ("happened", "person", "step", "kind", "document", "before", "after", "house", "origin")
    exported = ("happened", "recorded", "person", "step", "kind", "document", "before", "after", "house",
                "origin")  # fmt: skip
    fields = exported
    list_filter = (("at", admin.DateFieldListFilter), ActorFilter, KindFilter, StepFilter, "company")
    list_select_related = ("actor", "company")
    search_fields = ("pk",)
    search_help_text = _("A person, a step or the number of a document.")
    ordering = ("-pk",)
    sortable_by = ()
    list_fullwidth = True
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """The events on documents this person may see."""
        return feed.visible(viewer_of(request))

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """One document's events and one person's events have an address of their own."""
        return lookup in ("subject_id", "actor__id__exact") or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """The events whose person, step or document is meant by the words."""
        for word in search_term.split():
            queryset = queryset.filter(meant(word, viewer_of(request)))
        return queryset, False

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """One event with what its page needs."""
        found = super().get_object(request, *args, **kwargs)
        if found is not None:
            self.dress(request, [found])
        return found

    def dress(self, request: HttpRequest, rows: list[Any]) -> None:
        """The documents and the origins of the events of a page."""
        documents, origins = documents_of(rows, viewer_of(request)), origins_of(rows)
        for event in rows:
            event.shown_document = documents.get((event.subject_type, event.subject_id))
            event.shown_origin = origins.get(event.pk, "")

    @admin.display(description=_("Happened at"))
    def happened(self, event: Event) -> str:
        """When it happened."""
        return render.words(event.at)

    @admin.display(description=_("Recorded at"))
    def recorded(self, event: Event) -> str:
        """When the house heard of it."""
        return render.words(event.recorded_at)

    @admin.display(description=_("By"))
    def person(self, event: Event) -> str:
        """Who did it."""
        return str(event.actor)

    @admin.display(description=_("Step"))
    def step(self, event: Event) -> str:
        """The verb in words."""
        return timeline.label_of(event)

    @admin.display(description=_("Kind"))
    def kind(self, event: Event) -> str:
        """What kind of document it happened to."""
        model = Document.registry.get(event.subject_type)
        return str(model._meta.verbose_name) if model else event.subject_type

    @admin.display(description=_("Document"))
    def document(self, event: Any) -> str:
        """The document, with a way to its page."""
        found = event.shown_document
        return format_html('<a href="{}">{}</a>', html.href(found), found) if found else NOTHING

    @admin.display(description=_("State before"))
    def before(self, event: Event) -> str:
        """The state it led out of."""
        return timeline.state_label(event.subject_type, event.state_from) or NOTHING

    @admin.display(description=_("State after"))
    def after(self, event: Event) -> str:
        """The state it led to."""
        return timeline.state_label(event.subject_type, event.state_to) or NOTHING

    @admin.display(description=_("Company"))
    def house(self, event: Event) -> str:
        """For which company."""
        return str(event.company)

    @admin.display(description=_("Logged in from"))
    def origin(self, event: Any) -> str:
        """The address of the person's last log-in before it; a program with a token has none."""
        return event.shown_origin or NOTHING


def viewer_of(request: HttpRequest) -> Viewer:
    """The person of the request with posts, read once for each request."""
    faces.know(request)
    return request.viewer  # type: ignore[attr-defined]


def labels() -> dict[str, str]:
    """Every verb in words."""
    found = {verb: str(action.label) for verb, action in Action.registry.items()}
    return {**{verb: str(label) for verb, label in events.labels.items()}, **found}


def meant(word: str, viewer: Viewer) -> Q:
    """The condition on events that a word may mean: a person, a step, or the number of a document."""
    people = Person.objects.filter(Q(name__icontains=word) | Q(username=word)).values("pk")
    found = Q(actor__in=people) | Q(verb__in=[verb for verb, said in labels().items() if word in said])
    if any(letter.isdigit() for letter in word):
        for label, model in Document.registry.items():
            rows = policy.visible_to(model, viewer).filter(number=word.upper()).order_by().values_list("pk")
            found |= Q(subject_type=label, subject_id__in=[pk for (pk,) in rows])
    return found


def documents_of(rows: Iterable[Event], viewer: Viewer) -> dict[tuple[str, int], Any]:
    """The documents of some events that this person may see. One query for each kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in rows:
        wanted[event.subject_type].add(event.subject_id)
    return {
        (label, row.pk): row
        for label, ids in wanted.items()
        if label in Document.registry
        for row in policy.visible_to(Document.registry[label], viewer).filter(pk__in=ids).distinct()
    }


def origins_of(rows: list[Event]) -> dict[int, str]:
    """From which address the person of each event had logged in last, within one session's length."""
    if not rows:
        return {}
    length = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    first, last = min(e.recorded_at for e in rows) - length, max(e.recorded_at for e in rows)
    came = LogIn.objects.filter(kind=LogIn.Kind.IN, person__in={e.actor_id for e in rows})
    found: dict[int, list[LogIn]] = defaultdict(list)
    for login in came.filter(at__gte=first, at__lte=last).order_by("-pk")[:LOOKED_AT]:
        found[login.person_id].append(login)  # type: ignore[index]
    return {event.pk: _origin(event, found[event.actor_id], length) for event in rows}


def _origin(event: Event, logins: list[LogIn], length: timedelta) -> str:
    """The address of the last of these log-ins before the event."""
    near = (x for x in logins if event.recorded_at - length <= x.at <= event.recorded_at)
    return str(next((x.address for x in near if x.address), ""))
