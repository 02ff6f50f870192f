"""What somebody asked of others: documents he moved last that now wait for somebody else; reminding them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from deadlines import boards
from deadlines.boards import Clock
from deadlines.models import Deadline
from desk import todo
from flow import cases, events, html, policy
from flow.actions import Action, actions_of
from flow.events import By
from flow.faces import Asking, document_for, face, role_names, screen_for
from flow.models import Document, Event
from flow.policy import Viewer
from flow.screens import screen_of
from integration import notices
from org import queries as org
from org.models import Person

VERB = "desk.remind"
events.labels[VERB] = gettext_lazy("Reminded")
LATELY = timedelta(days=60)
LOOKED_AT = 200
SHOWN = 10
# Nobody is reminded of the same thing twice within this time.
PATIENCE = timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """A document that waits for others: the step, who may take it, since when, its nearest clock."""

    document: Any
    step: Any
    who: str
    since: datetime
    clock: Clock | None

    @property
    def href(self) -> str:
        """The page of the document."""
        return html.href(self.document)


def of(viewer: Viewer, at: datetime) -> list[Asked]:
    """The latest such documents, at most ten. Two queries and one for each kind of document among them."""
    lately = Event.objects.filter(actor=viewer.person, at__gte=at - LATELY, version__isnull=False)
    done = list(lately.order_by("-pk").values_list("subject_type", "subject_id", "version", "at")[:LOOKED_AT])
    last: dict[tuple[str, int], tuple[int, datetime]] = {}
    for label, pk, version, moment in done:
        last.setdefault((label, pk), (version or 0, moment))
    found = _awaiting(last, viewer)[:SHOWN]
    clocks = _clocks([document for document, _step, _since in found], at)
    return [
        Asked(
            document,
            step.label,
            role_names(step, document),
            since,
            clocks.get((document.label(), document.pk)),
        )
        for document, step, since in found
    ]


def _awaiting(
    last: dict[tuple[str, int], tuple[int, datetime]], viewer: Viewer
) -> list[tuple[Any, Action, datetime]]:
    """Of the documents that nobody moved since, those that wait for a step of others."""
    ids: dict[str, list[int]] = defaultdict(list)
    for label, pk in last:
        ids[label].append(pk)
    found = []
    for label, pks in ids.items():
        model = Document.registry[label]
        rows = policy.visible_to(model, viewer).filter(pk__in=pks).distinct()
        for document in rows.select_related("company", "case", *screen_of(model).related):
            version, since = last[label, document.pk]
            step = _step(document, viewer) if document.version == version else None
            if step is not None:
                found.append((document, step, since))
    return sorted(found, key=lambda one: one[2], reverse=True)


def _step(document: Any, viewer: Viewer) -> Action | None:
    """The first step that this state waits for, unless one of them is the person's own."""
    steps = [
        action
        for action in actions_of(type(document))
        if action.has_face and not action.creates and todo.is_called_for(action, document.state)
    ]
    if not steps or any(_is_for(step, document, viewer) for step in steps):
        return None
    return steps[0]


def _is_for(step: Action, document: Any, viewer: Viewer) -> bool:
    """Whether the step is this person's, by post and, where it is meant for somebody, by name."""
    may = viewer.holds(step.roles_for(document), {document.company_id})
    return may and (step.only is None or step.only(document, viewer.person))


def _clocks(documents: list[Any], at: datetime) -> dict[tuple[str, int], Clock]:
    """The nearest running clock of each document."""
    rows = Deadline.objects.filter(
        subject_type__in={document.label() for document in documents},
        subject_id__in=[document.pk for document in documents],
        state=Deadline.State.OPEN,
    )
    found: dict[tuple[str, int], Clock] = {}
    for clock in boards.clocks(rows.select_related("owner").order_by("due_at"), at=at):
        found.setdefault((clock.row.subject_type, clock.row.subject_id), clock)
    return found


@require_POST
@face
def remind(request: Asking, app: str, slug: str, identity: str) -> HttpResponse:
    """Tell those whose turn it is that somebody waits for them; it stands in the history of the document."""
    document = document_for(request, screen_for(app, slug), identity)
    by = By(request.user, request.at)  # type: ignore[arg-type]
    with cases.transact():
        cases.lock([document.case_id])
        step, people = _whose_turn(document, request.viewer, request.at)
        if not people or step is None:
            messages.error(request, _("Nobody else's turn just now: there is nobody to remind."))
        elif _reminded(document, by):
            messages.warning(request, _("You reminded them within the last hour. Look at the history."))
        else:
            data = {"to": [str(person) for person in people]}
            event = events.record(VERB, document, by, data=data)
            sentence = _("{person} waits for “{step}”: {{document}}").format(person=by.actor, step=step.label)
            notices.tell_people(people, sentence, document=document, by=by, event=event)
            names = "、".join(str(person) for person in people)
            messages.success(request, _("Reminded: {names}.").format(names=names))
    if request.POST.get("next") == "/":
        return redirect("desk:home")
    return HttpResponseRedirect(html.href(document))


def _whose_turn(document: Any, viewer: Viewer, at: datetime) -> tuple[Action | None, list[Person]]:
    """The step that is awaited from others, and the people who may take it."""
    step = _step(document, viewer)
    if step is None:
        return None, []
    on = localtime(at).date()
    roles = sorted(step.roles_for(document))
    people = [one for role in roles for one in org.holders(role, company=document.company, on=on)]
    meant = [one for one in dict.fromkeys(people) if step.only is None or step.only(document, one)]
    return step, [one for one in meant if one != viewer.person]


def _reminded(document: Any, by: By) -> bool:
    rows = Event.objects.filter(
        subject_type=document.label(), subject_id=document.pk, verb=VERB, actor=by.actor
    )
    return rows.filter(at__gt=by.at - PATIENCE).exists()
