"""Who may do and see what: deny by default, one table made of the actions' own declarations (C2, P12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Protocol

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow.models import Document, Event
from flow.refusals import Denied
from org import queries as org
from org.models import Person
from org.queries import Post
from org.roles import Role


class Verb(Protocol):
    """What the policy must know of an action."""

    registry: ClassVar[Any]
    label: Any
    may: frozenset[str]
    not_by: tuple[str, ...]
    only: Callable[[Any, Person], bool] | None
    entitled: Callable[[Any, Viewer], bool] | None

    def roles_for(self, document: Any) -> frozenset[str]:
        """The roles that may do it to this document."""
        ...


@dataclass(frozen=True)
class Viewer:
    """A person with the posts read for this request, and the moment it was made; made once at the face."""

    person: Person
    posts: tuple[Post, ...]
    at: datetime

    @classmethod
    def of(cls, person: Person, at: datetime) -> Viewer:
        """Read the posts `person` holds on the local day of `at`. One query."""
        return cls(person, org.posts(person, on=localtime(at).date()), at)

    @property
    def roles(self) -> frozenset[str]:
        """The codes of all roles held anywhere."""
        return frozenset(post.role for post in self.posts)

    def companies(self, roles: frozenset[str] | None = None) -> set[int] | None:
        """Ids of the companies where one of `roles` (None: any) is held; None means all companies."""
        held = [p for p in self.posts if roles is None or p.role in roles]
        return None if any(p.company_id is None for p in held) else {p.company_id for p in held}  # type: ignore[misc]

    def within(self, *company_ids: int) -> Viewer:
        """The same person with the posts alone that count in these companies: what a post opens, it opens in
        its own company."""
        posts = tuple(p for p in self.posts if p.company_id is None or p.company_id in company_ids)
        return self if posts == self.posts else replace(self, posts=posts)

    def on(self, document: Document) -> Viewer:
        """The same person with the posts alone that count for this document: of its company or its case's."""
        return self.within(document.company_id, document.case.company_id)

    def holds(self, roles: frozenset[str], company_ids: set[int]) -> bool:
        """Whether one of `roles` is held in one of the companies."""
        return any(
            p.role in roles and (p.company_id is None or p.company_id in company_ids) for p in self.posts
        )


STAFF: frozenset[str] = frozenset(Role.values)


def readers(model: type[Document]) -> frozenset[str]:
    """The roles that may see documents of this type."""
    return STAFF if model.seen_by is None else frozenset(model.seen_by)


def visible_to(model: type[Document], viewer: Viewer) -> QuerySet[Any]:
    """The documents of `model` this person may see: of their companies, or in a case of their companies."""
    companies = viewer.companies(readers(model))
    rows = model._default_manager.all()
    if companies is None:
        return rows
    if not companies:
        return rows.none()
    return rows.filter(Q(company_id__in=companies) | Q(case__company_id__in=companies))


def may_read(model: type[Any], name: str, viewer: Viewer) -> bool:
    """Whether a confidential field of a document or line type, or a kind of its files, is open to one."""
    roles = getattr(model, "confidential", {}).get(name)
    return roles is None or bool(viewer.roles & {str(getattr(role, "value", role)) for role in roles})


def open_in(model: type[Any], name: str, viewer: Viewer) -> set[int] | None:
    """Ids of the companies in which a field is open to the person; None: in all."""
    roles = getattr(model, "confidential", {}).get(name)
    return None if roles is None else viewer.companies(frozenset(str(getattr(r, "value", r)) for r in roles))


def check(action: Verb, document: Document, viewer: Viewer) -> None:
    """Raise Denied unless the person may do it: role, company, named person, second person."""
    roles = action.roles_for(document)
    held = action.entitled or (lambda document, viewer: viewer.holds(roles, {document.company_id}))
    if not held(document, viewer):
        raise Denied(sentence(action, roles), roles)
    if action.only and not action.only(document, viewer.person):
        raise Denied(_("Only the person named on the document may do this."), roles)
    if action.not_by and (first := first_by(action, document, viewer.person)):
        raise Denied(_("You did “{verb}” yourself; a second person must do this.").format(verb=first), roles)


def first_by(action: Verb, document: Document, person: Person) -> Any:
    """The label of the verb of `action.not_by` whose latest doing on `document` was by the same person."""
    for name in action.not_by:
        verb = f"{document.label()}.{name}"
        rows = Event.objects.filter(subject_type=document.label(), subject_id=document.pk, verb=verb)
        latest = rows.order_by("-pk").values_list("actor_id", flat=True).first()
        if latest == person.pk:
            return action.registry[verb].label
    return None


def check_create(action: Verb, company_id: int, viewer: Viewer, parent: Any = None) -> None:
    """Raise Denied unless the person may create such a document in the company (of the parent document)."""
    roles = action.roles_for(parent)
    if not viewer.holds(roles, {company_id}):
        raise Denied(sentence(action, roles), roles)


def sentence(action: Verb, roles: frozenset[str] | None = None) -> str:
    """Who may do the action (default: its roles anywhere), as a sentence for the one who may not."""
    named = action.may if roles is None else roles
    names = "、".join(str(Role(role).label) for role in sorted(named)) or str(_("the system alone"))
    return _("Your posts do not allow “{label}”. It is done by: {roles}.").format(
        label=action.label, roles=names
    )
