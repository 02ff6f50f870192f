"""Remarks on a document: kept with an event, told to those whom they call by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from flow import events, html, papers, policy
from flow.events import By
from flow.faces import Asking, document_for, face, screen_for
from flow.json_input import unspeakable
from flow.models import Comment, Document
from integration import notices
from org.models import Membership, Person

VERB = "desk.comment"
events.labels[VERB] = gettext_lazy("Commented")
LONGEST = 2000
OFFERED = 8
# Nobody calls more people by name in one remark; a list of all is a meeting, not a mention.
MOST = 20


class CommentForm(forms.Form):
    """A remark of a colleague."""

    text = forms.CharField(max_length=LONGEST)


def write(document: Any, *, text: str, by: By, mentions: Iterable[int] = ()) -> Comment:
    """Keep a remark, its event and the notices to those it mentions, all in one transaction.

    `mentions`: ids of people picked from the list; they count while the text still says “@name” of them. So
    does everybody whose name after an @ leaves no doubt. Who may not see the document is never told.
    """
    called = mentioned(document, text, mentions, at=by.at)
    with transaction.atomic():
        kept = papers.comment(document, text=text, by=by, mentions=[person.pk for person in called])
        data = {"comment": kept.pk, "mentions": kept.mentions}
        event = events.record(VERB, document, by, data=data)
        others = [person for person in called if person.pk != by.actor.pk]
        # Others read it: in the house's language, not the actor's.
        with translation.override(settings.LANGUAGE_CODE):
            sentence = _("{person} mentions you: {{document}}").format(person=_braced(by.actor))
        notices.tell_people(others, sentence, document=document, by=by, event=event, text=text)
    return kept


def rows_of(document: Any) -> QuerySet[Comment]:
    """The remarks on one document."""
    return Comment.objects.filter(subject_type=document.label(), subject_id=document.pk)


def _braced(said: Any) -> str:
    """Text that goes through a second `format` unharmed."""
    return str(said).replace("{", "{{").replace("}", "}}")


def readers_of(document: Any, at: datetime) -> QuerySet[Person]:
    """The people who may see the document at that moment, by name."""
    here = {document.company_id, document.case.company_id}
    rows = Membership.objects.filter(
        Membership.in_force(localtime(at).date()), role__in=policy.readers(type(document))
    ).filter(Q(company__in=here) | Q(company__parent__isnull=True))
    people = Person.objects.filter(pk__in=rows.values("person_id"), is_active=True)
    return people.order_by("name", "username")


def holders_of(roles: Iterable[str], document: Any, at: datetime) -> dict[str, list[int]]:
    """The ids of the active holders of each role in the company of a document, those of the group last. One
    query."""
    rows = Membership.objects.filter(
        Membership.in_force(localtime(at).date()), role__in=set(roles), person__is_active=True
    ).filter(Q(company=document.company_id) | Q(company__parent__isnull=True))
    held = rows.order_by("pk").values_list("role", "person_id", "company__parent")
    found: dict[str, list[int]] = {}
    for role, pk, _parent in sorted(held, key=lambda one: one[2] is None):
        found.setdefault(role, []).append(pk)
    return found


def mentioned(document: Any, text: str, picked: Iterable[int], *, at: datetime) -> list[Person]:
    """Whom a text calls by name, among those who may see the document. One query, none without an @."""
    if "@" not in text:
        return []
    ids = set(picked)
    by_name: dict[str, list[Person]] = {}
    for person in readers_of(document, at):
        for name in {str(person), person.username}:
            by_name.setdefault(name, []).append(person)
    found: dict[int, Person] = {}
    for name in _names_in(text, by_name):
        same = by_name[name]
        chosen = [person for person in same if person.pk in ids] or (same if len(same) == 1 else [])
        found |= {person.pk: person for person in chosen}
    return list(found.values())[:MOST]


def _names_in(text: str, known: Iterable[str]) -> list[str]:
    """The known names that follow an @, each place read as the longest of them."""
    names = sorted(known, key=len, reverse=True)
    return re.findall("@(" + "|".join(map(re.escape, names)) + ")", text) if names else []


def marked(comment: Comment, people: Mapping[int, Person]) -> SafeString:
    """The text of a remark with the names of those it mentions set apart."""
    named = {str(name) for pk in comment.mentions if (p := people.get(pk)) for name in (p, p.username)}
    if not named:
        return format_html("{}", comment.text)
    cut = "(@(?:" + "|".join(map(re.escape, sorted(named, key=len, reverse=True))) + "))"
    pieces = enumerate(re.split(cut, comment.text))
    return format_html_join(
        "", "{}", ((format_html('<b class="mention">{}</b>', s) if n % 2 else s,) for n, s in pieces)
    )


def people_of(comments: Iterable[Comment]) -> dict[int, Person]:
    """Everybody whom these remarks mention. One query, none where they mention nobody."""
    ids = {pk for comment in comments for pk in comment.mentions}
    return Person.objects.in_bulk(ids) if ids else {}


def plain(comment: Comment, people: Mapping[int, Person]) -> dict[str, Any]:
    """A remark in the API."""
    named = [people[pk] for pk in comment.mentions if pk in people]
    return {
        "id": str(comment.public_id),
        "text": comment.text,
        "by": str(comment.by),
        "at": comment.at.isoformat(),
        "mentions": [{"id": person.pk, "name": str(person)} for person in named],
    }


def drafted(document: Document, asked: Mapping[str, str], at: datetime) -> str:
    """The beginning of a remark that asks the people named in the address (`ask=3,7`) for something."""
    ids = [int(word) for word in asked.get("ask", "").split(",") if word.isdecimal() and len(word) < 10]
    if not ids:
        return ""
    people = readers_of(document, at).filter(pk__in=ids[:MOST])
    return "".join(f"@{person} " for person in people) + asked.get("about", "")[:200]


@require_POST
@face
def comment(request: Asking, app: str, slug: str, identity: str) -> HttpResponse:
    """Keep a remark on a document that one may see."""
    found = document_for(request, screen_for(app, slug), identity)
    form = CommentForm(request.POST)
    if form.is_valid():
        ids = [int(pk) for pk in request.POST.getlist("mention") if pk.isdecimal() and len(pk) < 10]
        kept = write(
            found,
            text=form.cleaned_data["text"],
            by=By(request.user, request.at),  # type: ignore[arg-type]
            mentions=ids,
        )
        if told := [str(person) for person in people_of([kept]).values() if person != request.user]:
            messages.success(request, _("Told: {names}.").format(names="、".join(told)))
    else:
        messages.error(request, _("The remark was not kept: write between 1 and 2000 characters."))
    return redirect(f"{html.href(found)}#comments")


@require_safe
@face
def people(request: Asking, app: str, slug: str, identity: str) -> JsonResponse:
    """Up to eight people who may see the document, by a piece of their name: `{"people": [{"id", "name",
    "hint"}]}`."""
    found = document_for(request, screen_for(app, slug), identity)
    rows = readers_of(found, request.at).exclude(pk=request.viewer.person.pk)
    word = request.GET.get("q", "").strip()[:60]
    if word and not unspeakable([word]):
        rows = rows.filter(Q(name__icontains=word) | Q(username__icontains=word))
    offered = [
        {"id": person.pk, "name": str(person), "hint": str(person.department or "")}
        for person in rows.select_related("department")[:OFFERED]
    ]
    answer = JsonResponse({"people": offered})
    answer["Cache-Control"] = "private, no-store"
    return answer
