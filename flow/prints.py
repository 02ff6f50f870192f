"""Paper forms: what prints as which form and in which copies, who printed it and when (SYS-14).

A department declares its forms in `prints.py`; a document without one prints as the plain form made of its
screen. Paper is always in Chinese, and shows no more than its reader may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from flow import events, plain_form, render, typesetting
from flow.events import By
from flow.models import Document, Event
from flow.policy import Viewer
from flow.refusals import Denied
from flow.retry import retried
from flow.sheet import Paper, Plain
from org.roles import Role

LANGUAGE = "zh-hans"
PLAIN = "plain"
# States in which a form is not yet, or no longer, what it says; a form may name its own.
DRAFT = frozenset({"draft"})
VOID = frozenset({
    "cancelled", "superseded", "terminated", "declined", "lost", "refused", "reversed", "expired", "credited",
})  # fmt: skip
ORDINALS = (
    gettext_lazy("Copy 1"), gettext_lazy("Copy 2"), gettext_lazy("Copy 3"),
    gettext_lazy("Copy 4"), gettext_lazy("Copy 5"), gettext_lazy("Copy 6"),
)  # fmt: skip


@dataclass(frozen=True)
class Copy:
    """A copy of a form: for whom it is, and what becomes of it."""

    slug: str
    recipient: Any
    use: Any = ""


Data = Callable[[Any, Viewer], Paper]


@dataclass(frozen=True)
class Form:
    """How documents of a type print; `only` says for which of them it is made, `may` who prints it."""

    model: type[Document]
    slug: str
    title: Any
    data: Data
    code: str = ""
    copies: tuple[Copy, ...] = ()
    may: frozenset[str] | None = None
    draft: frozenset[str] = DRAFT
    void: frozenset[str] = VOID
    only: Callable[[Any], bool] | None = None

    def chosen(self, slugs: Iterable[str] | None = None) -> list[int]:
        """The places of the copies named by their slugs (none named: all of them). ValueError for others.

        A form without copies has one sheet, whose place is -1.
        """
        known = [copy.slug for copy in self.copies]
        named = list(slugs or known)
        if set(named) - set(known):
            raise ValueError(named)
        return [place for place, slug in enumerate(known) if slug in named] or [-1]

    def mark(self, document: Any) -> str:
        """What stands across each page of a document that does not count: yet, or any more."""
        if document.state in self.draft:
            return _("Draft")
        return _("Void") if document.state in self.void else ""


@dataclass(frozen=True)
class Wanted:
    """A form of a document with the places of the copies that are wanted."""

    document: Any
    form: Form
    copies: Sequence[int]


@dataclass(frozen=True)
class Done:
    """Who did something, and when, in words; empty while nobody did."""

    by: str = ""
    at: str = ""

    def under(self, title: Any) -> tuple[Any, str, str]:
        """The box of a signature: whoever did it has signed there."""
        return title, self.by, self.at or _("Date")


_forms: dict[str, dict[str, Form]] = defaultdict(dict)


def form(
    model: type[Document],
    slug: str,
    *,
    title: Any,
    code: str = "",
    copies: Sequence[tuple[str, Any, Any]] = (),
    may: Iterable[str] | None = None,
    draft: Iterable[str] = DRAFT,
    void: Iterable[str] = VOID,
    only: Callable[[Any], bool] | None = None,
) -> Callable[[Data], Data]:
    """Print documents of the type as the decorated `data(document, viewer)` lays them out.

    `copies` are (slug, recipient, use), in their order; `code` is the number of the form.
    """

    def register(data: Data) -> Data:
        _forms[model.label()][slug] = Form(
            model, slug, title, data, code, tuple(Copy(*copy) for copy in copies),
            None if may is None else frozenset(str(getattr(role, "value", role)) for role in may),
            frozenset(draft), frozenset(void), only,
        )  # fmt: skip
        return data

    return register


def announce() -> None:
    """Give the event of printing its name and its words, for every document type."""
    for label in Document.registry:
        events.labels[verb_of(label)] = gettext_lazy("Printed")
        events.tellers[verb_of(label)] = _told


def _told(event: Event) -> list[tuple[Any, str]]:
    """Which form was printed, and which of its copies."""
    found = _forms[event.subject_type].get(event.data.get("form", ""))
    if found is None:
        return []
    named = zip(ORDINALS, found.copies, strict=False)
    copies = [f"{nth} {copy.recipient}" for nth, copy in named if copy.slug in event.data.get("copies", ())]
    return [(found.title, "、".join(copies))] if copies else [(_("Printed form"), str(found.title))]


def verb_of(label: str) -> str:
    """How the event is called that somebody printed such a document."""
    return f"{label}.print"


def forms_of(document: Document) -> list[Form]:
    """The forms of a document, in the order of their declaration; the plain one where it has none."""
    found = [one for one in _forms[document.label()].values() if one.only is None or one.only(document)]
    return found or [plain(type(document))]


def plain(model: type[Document]) -> Form:
    """The form made of the screen of a document type."""
    return Form(model, PLAIN, model._meta.verbose_name, plain_form.data)


def form_of(document: Document, slug: str) -> Form | None:
    """The form of a document by its name; None where it has no such form."""
    return next((one for one in forms_of(document) if one.slug == slug), None)


def allowed(wanted: Form, document: Document, viewer: Viewer) -> bool:
    """Whether the person, who may see the document, may print it as this form."""
    return wanted.may is None or bool(viewer.on(document).roles & wanted.may)


def check(wanted: Form, document: Document, viewer: Viewer) -> None:
    """Raise Denied unless the person may print the document as this form."""
    if wanted.may is None or allowed(wanted, document, viewer):
        return
    names = "、".join(str(Role(role).label) for role in sorted(wanted.may))
    raise Denied(
        _("Your posts do not print this form. It is printed by: {roles}.").format(roles=names), wanted.may
    )


# ---- printing ----


def issue(wanted: Sequence[Wanted], *, by: By, viewer: Viewer, root: str) -> bytes:
    """One PDF of all these forms with their copies, in their order; that it was printed is recorded.

    `root` is the address of the house, for the QR code. Raises Denied, and Busy where it cannot be recorded.
    """
    made = typesetting.together(list(typeset(wanted, by=by, viewer=viewer, root=root)))
    retried(lambda: record(wanted, by))
    return made


def typeset(wanted: Sequence[Wanted], *, by: By, viewer: Viewer, root: str) -> Iterator[bytes]:
    """The PDF of one form after the other. Nothing is recorded; see `record`."""
    before = _times([one.document for one in wanted])
    for one in wanted:
        check(one.form, one.document, viewer)
        stamp = _stamp(by, before[_key(one.document)])
        sheet = compose(one, viewer=viewer, root=root, stamp=stamp)
        yield typesetting.pdf([sheet], title=f"{one.document}", author=str(by.actor), at=by.at)


def preview(wanted: Wanted, *, by: By, viewer: Viewer, root: str) -> list[bytes]:
    """The pages as pictures; nothing is recorded, and the foot says that it is a preview."""
    check(wanted.form, wanted.document, viewer)
    with translation.override(LANGUAGE):
        stamp = _("Preview: {person}, {moment}").format(person=by.actor, moment=moment(by.at))
    return typesetting.pictures([compose(wanted, viewer=viewer, root=root, stamp=stamp)], at=by.at)


def record(wanted: Sequence[Wanted], by: By) -> None:
    """Record who printed what; it changes no document and has no version."""
    with transaction.atomic():
        for one in wanted:
            names = [one.form.copies[place].slug for place in one.copies if place >= 0]
            data = {"form": one.form.slug, "copies": names}
            events.record(verb_of(one.document.label()), one.document, by, data=data)


def compose(wanted: Wanted, *, viewer: Viewer, root: str, stamp: str) -> Plain:
    """The sheet of a form as the print frame reads it."""
    document, form_ = wanted.document, wanted.form
    with translation.override(LANGUAGE):
        paper = form_.data(document, viewer.on(document))
        return {
            "org": letterhead(document.company),
            "title": str(paper.title or form_.title),
            "number": document.number or str(_("no number yet")),
            "code": form_.code,
            "says": {
                "number": str(_("No.")),
                "code": str(_("Form")),
                "page": str(_("Page {page} of {pages}")),
                "scan": str(_("Scan to open")),
            },
            "copies": [
                {"nth": str(nth), "to": str(copy.recipient), "name": f"{nth} {copy.recipient}"}
                for nth, copy in zip(ORDINALS, form_.copies, strict=False)
            ],
            "chosen": list(wanted.copies),
            "qr": typesetting.qr(f"{root.rstrip('/')}/{document.path}/"),
            "mark": form_.mark(document),
            "wide": paper.wide,
            "parts": [part.plain() for part in paper.parts],
            "foot": str(paper.foot),
            "stamp": stamp,
        }


def letterhead(company: Any) -> Plain:
    """The name of a company and the line beneath it."""
    return {"name": company.name, "line": " · ".join(filter(None, (company.address, company.phone)))}


# ---- what forms say of the past ----


def done(document: Any, *names: str) -> dict[str, Done]:
    """Who last did each of these verbs to the document, and when; empty where nobody did. One query."""
    verbs = {f"{document.label()}.{name}": name for name in names}
    rows = Event.objects.filter(subject_type=document.label(), subject_id=document.pk, verb__in=verbs)
    found = {name: Done() for name in names}
    for event in rows.select_related("actor").order_by("pk"):
        found[verbs[event.verb]] = Done(str(event.actor), moment(event.at))
    return found


def said(value: Any, name: str = "") -> str:
    """A value in words, as the pages have it, but nothing where there is nothing; `name`: its field."""
    return "" if value is None or value == "" else render.words(value, name)


def moment(at: datetime) -> str:
    """A moment as paper has it."""
    return f"{localtime(at):%Y-%m-%d %H:%M}"


def _key(document: Any) -> tuple[str, int]:
    return document.label(), document.pk


def _times(documents: Sequence[Any]) -> dict[tuple[str, int], int]:
    """How often each was printed before. One query for each type."""
    found: dict[tuple[str, int], int] = defaultdict(int)
    for label in {document.label() for document in documents}:
        keys = [document.pk for document in documents if document.label() == label]
        rows = Event.objects.filter(subject_type=label, subject_id__in=keys, verb=verb_of(label))
        for pk, times in rows.values_list("subject_id").annotate(times=Count("pk")).order_by():
            found[label, pk] = times
    return found


def _stamp(by: By, before: int) -> str:
    with translation.override(LANGUAGE):
        said = _("Printed: {person}, {moment}").format(person=by.actor, moment=moment(by.at))
        return f"{said} · {_('print {number}').format(number=before + 1)}" if before else said
