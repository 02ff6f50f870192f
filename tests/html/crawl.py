"""Every page of the house, as somebody would come to it: what the tests walk through as every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from catalog.models import Item
from desk.imports import registry
from flow import clock, html, prints, rulebook
from flow.actions import actions_of, creation_of
from flow.models import Attachment
from flow.policy import Viewer
from integration.models import Job, Notice
from orders.models import Order
from org.models import Person

Found = Callable[[Person], Iterator[str]]
# By the name of an address: the pages a person finds there. A new address must be told here (test_language).
PAGES: dict[str, Found] = {}
# Of these there are many, and only who reads them differs: in the quick run the roles share them out.
MANY: set[str] = set()
# What answers no page to read: figures for programs, files, pieces of pages, what is only posted to.
SILENT = {
    "desk:board-move", "desk:bulk", "desk:choices", "desk:clock", "desk:columns", "desk:comment",
    "desk:counts", "desk:download", "desk:engine-examine", "desk:export", "desk:import-apply",
    "desk:import-template", "desk:import-undo", "desk:job-cancel", "desk:job-result", "desk:people",
    "desk:pick", "desk:picture", "desk:print-pdf", "desk:remind", "desk:view-counts", "desk:views",
    "healthz", "integration:read_all", "login-code", "logout", "metrics", "set_language",
}  # fmt: skip
# What somebody types: nothing, a part of a number, an item, a character of a customer's name.
WORDS = ("", "?q=KG", "?q=KYN", "?q=%E5%8D%8E")
# Their own tests walk through them: tests/backoffice, tests/html/test_admin.py and tests/api.
OTHERS = ("admin", "api", "backoffice")


def pages(name: str, *, many: bool = False) -> Callable[[Found], Found]:
    """Say which pages an address has; whether they are many."""

    def keep(found: Found) -> Found:
        PAGES[name] = found
        MANY.update({name} if many else ())
        return found

    return keep


def addresses() -> set[str]:
    """The names of all addresses that answer people."""
    return {name for name in _names(get_resolver()) if name.partition(":")[0].partition("-")[0] not in OTHERS}


def _names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for found in resolver.url_patterns:
        if isinstance(found, URLPattern):
            yield f"{space}{found.name}"
        else:
            yield from _names(found, f"{space}{found.namespace}:" if found.namespace else space)


def paths(person: Person, turn: int = 0, share: int = 1) -> list[str]:
    """Every page for this person, and one that is not there; of the many only those whose turn it is."""
    few = [path for name, found in PAGES.items() if name not in MANY for path in found(person)]
    many = [path for name in PAGES if name in MANY for path in PAGES[name](person)]
    return [*few, *(path for place, path in enumerate(many) if place % share == turn % share), "/nowhere/"]


@pages("login")
def _log_in(person: Person) -> Iterator[str]:
    yield reverse("login")


@pages("account:password")
def _password(person: Person) -> Iterator[str]:
    yield reverse("account:password")


@pages("account:factor")
def _factor(person: Person) -> Iterator[str]:
    yield reverse("account:factor")


@pages("desk:engine")
def _engine(person: Person) -> Iterator[str]:
    yield reverse("desk:engine")


@pages("desk:home")
def _home(person: Person) -> Iterator[str]:
    yield "/"
    yield from (f"/?show={shade}" for shade in ("late", "none"))


@pages("desk:team")
def _team(person: Person) -> Iterator[str]:
    yield reverse("desk:team")


@pages("desk:member")
def _member(person: Person) -> Iterator[str]:
    for led in Person.objects.filter(department__leader=person).exclude(pk=person.pk).order_by("pk")[:1]:
        yield reverse("desk:member", args=[led.pk])


@pages("desk:find")
def _find(person: Person) -> Iterator[str]:
    yield from (f"{reverse('desk:find')}{query}" for query in (*WORDS, "?q=zz99"))


@pages("desk:palette")
def _palette(person: Person) -> Iterator[str]:
    """Not a page, but read as one."""
    yield from (f"{reverse('desk:palette')}{query}" for query in WORDS)


@pages("desk:item", many=True)
def _item(person: Person) -> Iterator[str]:
    yield from (reverse("desk:item", args=[item.pk]) for item in Item.objects.order_by("pk")[:2])


@pages("integration:notices")
def _notices(person: Person) -> Iterator[str]:
    yield reverse("integration:notices")


@pages("integration:open")
def _notice(person: Person) -> Iterator[str]:
    mine = Notice.objects.filter(person=person).order_by("pk")[:1]
    yield from (reverse("integration:open", args=[notice.pk]) for notice in mine)


@pages("desk:list", many=True)
def _lists(person: Person) -> Iterator[str]:
    for screen in html.screens():
        yield html.list_href(screen.model)
        yield f"{html.list_href(screen.model)}?q=zz99"
        yield f"{html.list_href(screen.model)}?view=late"


@pages("desk:board", many=True)
def _boards(person: Person) -> Iterator[str]:
    yield from (f"{html.list_href(screen.model)}board/" for screen in html.screens())


@pages("desk:late")
def _late(person: Person) -> Iterator[str]:
    yield reverse("desk:late")


@pages("desk:late-clocks")
def _late_clocks(person: Person) -> Iterator[str]:
    yield from (f"{reverse('desk:late-clocks')}?shade={shade}" for shade in ("late", "ok", "missed"))


@pages("desk:create", many=True)
def _creations(person: Person) -> Iterator[str]:
    roles = set(person.memberships.values_list("role", flat=True))
    for screen in html.screens():
        creation = creation_of(screen.model)
        if creation and roles & set(creation.may):
            yield f"{html.list_href(screen.model)}new/"


@pages("desk:document", many=True)
def _documents(person: Person) -> Iterator[str]:
    yield from (f"{html.href(document)}" for document in _first_of_each())


@pages("desk:act", many=True)
def _steps(person: Person) -> Iterator[str]:
    """The steps of a role; those that are not possible now say why."""
    roles = set(person.memberships.values_list("role", flat=True))
    for document in _first_of_each():
        for action in actions_of(type(document)):
            if roles & set(action.may) and not action.creates:
                yield f"{html.href(document)}{action.name}/"


def _first_of_each() -> Iterator[Any]:
    for screen in html.screens():
        yield from screen.model._default_manager.order_by("pk")[:1]


@pages("desk:timeline", many=True)
def _time_lines(person: Person) -> Iterator[str]:
    yield from (f"{html.href(document)}timeline/" for document in _first_of_each())


@pages("desk:print-first", many=True)
def _first_prints(person: Person) -> Iterator[str]:
    """The page of the document's own form; that of every document is reached from it."""
    yield from (f"{html.href(document)}print/" for document in _first_of_each())


@pages("desk:print", many=True)
def _prints(person: Person) -> Iterator[str]:
    for document in _first_of_each():
        yield from (f"{html.href(document)}print/{form.slug}/" for form in prints.forms_of(document)[1:])


@pages("desk:print-many")
def _bundle(person: Person) -> Iterator[str]:
    for order in Order.objects.select_related("case").order_by("pk")[:1]:
        yield f"{reverse('desk:print-many')}?case={order.case.public_id}"


@pages("desk:preview", many=True)
def _previews(person: Person) -> Iterator[str]:
    files = Attachment.objects.order_by("pk")[:3]
    yield from (reverse("desk:preview", args=[file.public_id]) for file in files)


@pages("desk:rules")
def _rules(person: Person) -> Iterator[str]:
    yield from (f"{reverse('desk:rules')}{query}" for query in ("", "?q=TM-01", "?q=zz99"))


@pages("desk:rule", many=True)
def _rule(person: Person) -> Iterator[str]:
    yield from (reverse("desk:rule", args=[text.code]) for text in rulebook.texts()[::40])


@pages("desk:tour")
def _tour(person: Person) -> Iterator[str]:
    yield reverse("desk:tour")


@pages("desk:jobs")
def _jobs(person: Person) -> Iterator[str]:
    yield reverse("desk:jobs")


@pages("desk:job")
def _job(person: Person) -> Iterator[str]:
    yield from (reverse("desk:job", args=[job.public_id]) for job in Job.objects.filter(person=person)[:1])


@pages("desk:imports")
def _imports(person: Person) -> Iterator[str]:
    yield reverse("desk:imports")


@pages("desk:import", many=True)
def _import(person: Person) -> Iterator[str]:
    targets = registry.open_to(Viewer.of(person, clock.now()))
    yield from (reverse("desk:import", args=[target.name]) for target in targets)
