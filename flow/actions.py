"""An action is the only function that moves a document; screen, REST, admin, import and clock all call it.

Calling it is always the same: open the transaction, claim the idempotency key, lock the cases, read
the document again, compare the version, check the permission, ask all guards, run, number, save,
record the event, then the consequences for other documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_fsm import TransitionNotAllowed

from flow import cases, events, guards, idempotency, numbering, policy, writing
from flow.events import By
from flow.forms import ActionForm
from flow.models import Document, Event
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused, Stale
from flow.retry import retried
from flow.writing import draft, snapshot, store
from org.models import Company, Person

__all__ = [
    "Action",
    "Creation",
    "Discard",
    "Offer",
    "action",
    "actions_of",
    "consequence",
    "creation",
    "creation_of",
    "discard",
    "draft",
    "offers",
    "snapshot",
    "store",
]

Run = Callable[..., Any]
Consequence = Callable[[Any, By, Event], None]
Cases = Callable[[Any, dict[str, Any]], Iterable[int]]
_lazy = _


@dataclass(eq=False)
class Action:
    """A verb of a document type; `action`, `creation`, `consequence` and `discard` make one."""

    registry: ClassVar[dict[str, Action]] = {}

    model: type[Document]
    run: Run
    label: Any
    form: type[ActionForm] = ActionForm
    lines: type[ActionForm] | None = None
    may: frozenset[str] = frozenset()
    may_on: Callable[[Any], frozenset[str]] | None = None
    states: frozenset[str] = frozenset()
    only: Callable[[Any, Person], bool] | None = None
    entitled: Callable[[Any, Viewer], bool] | None = None
    not_by: tuple[str, ...] = ()
    cases: Cases | None = None
    numbers: bool = False
    name: str = ""
    rules: str = ""
    awaited: Q | bool | None = None
    consequences: list[Consequence] = field(default_factory=list)

    creates: ClassVar[bool] = False
    # A template that shows an action must not do it.
    do_not_call_in_templates: ClassVar[bool] = True

    def __post_init__(self) -> None:
        update_wrapper(self, self.run)
        self.name = self.name or self.run.__name__
        if self.verb in Action.registry:
            raise RuntimeError(f"{self.verb} is declared twice.")
        Action.registry[self.verb] = self

    @property
    def verb(self) -> str:
        """The public name: `orders.order.sign`."""
        return f"{self.model.label()}.{self.name}"

    @property
    def has_face(self) -> bool:
        """Whether people may call it; a consequence has no face and needs no permission of its own."""
        return bool(self.may)

    def roles_for(self, document: Any) -> frozenset[str]:
        """The roles that may do it to this document (for a creation: to its parent)."""
        return self.may_on(document) if self.may_on and document is not None else self.may

    def __call__(
        self,
        document: Any,
        *,
        by: By,
        version: int | None = None,
        key: idempotency.Key | None = None,
        **data: Any,
    ) -> Any:
        """Do it as `by.actor` at `by.at`; the document as it stands after.

        `version`: the version the sender saw. Raises Refused, Stale, Denied, Invalid, Misused, retry.Busy.
        """

        def once() -> Any:
            with cases.transact():
                claimed = idempotency.claim(by.actor, key) if key else None
                cases.lock({document.case_id, *(self.cases(document, data) if self.cases else ())})
                fresh = self._read_again(document)
                if version is not None and version != fresh.version:
                    raise Stale(fresh)
                policy.check(self, fresh, Viewer.of(by.actor, by.at))
                done = self._perform(fresh, by, dict(data))
                if not cases.is_latest(done):
                    done = self._read_again(done)
                if claimed:
                    idempotency.fulfil(claimed, done)
                return done

        return _once_only(once, by, key)

    def follow(self, document: Any, *, by: By, cause: Event | None = None, **data: Any) -> Any:
        """Do it as a consequence of `cause`, inside its transaction: the cause is the authority.

        Raises RuntimeError when the document's case is not locked by the running action.
        """
        cases.require(document.case_id)
        return self._perform(self._read_again(document), by, dict(data), cause)

    def then(self, consequence: Consequence) -> Consequence:
        """What the action does to other documents, once its own event is stated."""
        self.consequences.append(consequence)
        return consequence

    def reasons(self, document: Any) -> list[Any]:
        """Every sentence that speaks against doing it to the document as it stands; empty: go ahead."""
        if self.states and document.state not in self.states:
            return [self._wrong_state(document)]
        found = guards.transition_reasons(document, self.run.__name__)
        if found is None:
            return [self._wrong_state(document)]
        return [*found, *guards.reasons_against(document, self.verb)]

    def fits(self, document: Any) -> bool:
        """Whether the state of the document allows it, whatever its guards say."""
        if self.states:
            return document.state in self.states
        return guards.transition_reasons(document, self.run.__name__) is not None

    def _read_again(self, document: Any) -> Any:
        return writing.read_again(self.model, document.pk)

    def _perform(self, document: Any, by: By, data: dict[str, Any], cause: Event | None = None) -> Any:
        if reasons := self.reasons(document):
            raise Refused(*reasons)
        by = _back_dated(by, data)
        before = snapshot(document)
        try:
            said = self.run(document, by, **data)
        except TransitionNotAllowed as refusal:
            raise Refused(self._wrong_state(document)) from refusal
        if self.numbers:
            numbering.give(document, by.at)
        self._store(document, before)
        return self._tell(document, by, said, cause, before["state"])

    def _store(self, document: Any, before: dict[str, Any]) -> None:
        store(document, before)

    def _tell(self, document: Any, by: By, said: Any, cause: Event | None, state_from: str) -> Any:
        data = {**(said or {}), **({"cause": cause.verb, "cause_id": cause.pk} if cause else {})}
        # Others read what follows (a notice, the line of a clock): in the house's language, not the actor's.
        with translation.override(settings.LANGUAGE_CODE):
            event = events.record(self.verb, document, by, data=data, state_from=state_from, versioned=True)
            for consequence in self.consequences:
                consequence(document, by, event)
        return document

    def _wrong_state(self, document: Any) -> str:
        return _("“{label}” is not possible while the document is “{state}”.").format(
            label=self.label, state=document.get_state_display()
        )


class Creation(Action):
    """The verb by which a document comes to be. `run(by, **data)` calls `draft` and returns the document."""

    creates: ClassVar[bool] = True
    parent: str = ""

    def __call__(  # type: ignore[override]
        self, *, by: By, key: idempotency.Key | None = None, **data: Any
    ) -> Any:
        """Create the document as `by.actor`. Raises as an action does."""

        def once() -> Any:
            with cases.transact():
                claimed = idempotency.claim(by.actor, key) if key else None
                given = dict(data)
                self._lock(given)
                viewer = Viewer.of(by.actor, by.at)
                company = self._company(given, viewer)
                policy.check_create(self, company.pk, viewer, given.get(self.parent))
                done = self._make(by, given)
                if claimed:
                    idempotency.fulfil(claimed, done)
                return done

        return _once_only(once, by, key)

    def follow(self, *, by: By, cause: Event | None = None, **data: Any) -> Any:  # type: ignore[override]
        """Create it as a consequence, inside the running transaction."""
        if self.parent:
            cases.require(data[self.parent].case_id)
        return self._make(by, dict(data), cause)

    def reasons(self, document: Any) -> list[Any]:
        """What the parent document says against a new one."""
        return guards.reasons_against(document, self.verb)

    def fits(self, document: Any) -> bool:
        """A creation is never offered on the created document itself."""
        return False

    def _lock(self, data: dict[str, Any]) -> None:
        parent = data.get(self.parent) if self.parent else None
        named = set(self.cases(None, data)) if self.cases else set()
        cases.lock(named | ({parent.case_id} if parent else set()))
        if parent:
            data[self.parent] = writing.read_again(type(parent), parent.pk)

    def _company(self, data: dict[str, Any], viewer: Viewer) -> Company:
        if self.parent:
            return data[self.parent].company
        if not data.get("company"):
            data["company"] = _home(self, viewer)
        return data["company"]

    def _make(self, by: By, data: dict[str, Any], cause: Event | None = None) -> Any:
        if self.parent and (reasons := self.reasons(data[self.parent])):
            raise Refused(*reasons)
        by = _back_dated(by, data)
        document = self.run(by, **data)
        if self.numbers and not document.number:
            numbering.give(document, by.at)
            self.model._default_manager.filter(pk=document.pk).update(number=document.number)
        return self._tell(document, by, getattr(document, "said", None), cause, "")


class Discard(Action):
    """Throw a draft away with its lines; its events stay."""

    def _store(self, document: Any, before: dict[str, Any]) -> None:
        document.version += 1
        pk = document.pk
        document.delete()
        document.pk = pk


def _once_only(once: Callable[[], Any], by: By, key: idempotency.Key | None) -> Any:
    try:
        return retried(once)
    except idempotency.Repeated:
        assert key is not None
        document = idempotency.earlier(by.actor, key)
        document.replayed = True  # type: ignore[attr-defined]
        return document


def _back_dated(by: By, data: dict[str, Any]) -> By:
    """Take `happened_at` out of the data: the act is recorded at that moment, never ahead of now."""
    at = data.pop("happened_at", None)
    if at is None:
        return by
    if at > by.at:
        raise Invalid({"happened_at": _lazy("This moment is still to come.")})
    return by.moved_to(at)


def _home(action: Action, viewer: Viewer) -> Company:
    """The one company where the person may create this; asked for by name when there are several."""
    ids = viewer.companies(action.may)
    rows = Company.objects.filter(parent__isnull=False) if ids is None else Company.objects.filter(pk__in=ids)
    found = list(rows[:2])
    if not found:
        raise Denied(policy.sentence(action, action.may), action.may)
    if len(found) > 1:
        raise Invalid({"company": _lazy("Say for which company.")})
    return found[0]


def _made(
    kind: type[Action], model: type[Document], label: Any, options: dict[str, Any]
) -> Callable[[Run], Any]:
    parent = options.pop("parent", "")
    for name in ("may", "states"):
        if name in options:
            options[name] = frozenset(str(getattr(value, "value", value)) for value in options[name])

    def register(run: Run) -> Any:
        made = kind(model, run, label, **options)
        if parent:
            made.parent = parent  # type: ignore[attr-defined]
        return made

    return register


def action(model: type[Document], label: Any, form: type[ActionForm] = ActionForm, **options: Any) -> Any:
    """Register `run(document, by, **data) -> event data or None` as a verb of `model`.

    `may`: the roles; `may_on(document)`: those for this very document, a part of `may`.
    `states`: where it is open, only if no FSM transition of the same name says it.
    `only(document, person)`: a named person. `entitled(document, viewer)`: instead of holding a role of
    `may` in the document's company, where the posts of several companies count.
    `not_by`: verbs that another person must have done.
    `cases(document, data)`: ids of further cases it touches. `lines`: a form for each line.
    `numbers=True`: it gives the document its number. `rules`: the rulebook ids behind it.
    `awaited`: whether a document waits for it, where that is not just its state: `False` for a way out (take
    back, cancel), else the condition as a `Q`.
    `name`: the public name where Python reserves it (`pass`).
    """
    return _made(Action, model, label, {"form": form, **options})


def creation(model: type[Document], label: Any, form: type[ActionForm] = ActionForm, **options: Any) -> Any:
    """Register `run(by, **data) -> document` as the verb that makes one. `parent`: the data key of the
    document whose case (locked and read again) it joins; without it the form may ask for `company`.
    `awaited`: the `Q` of the parents that wait for it."""
    return _made(Creation, model, label, {"form": form, **options})


def consequence(model: type[Document], label: Any, **options: Any) -> Any:
    """Register a verb without a face: other actions `follow` it, people cannot call it."""
    return _made(Action, model, label, options)


def discard(model: type[Document], label: Any, **options: Any) -> Any:
    """Register the verb that throws a draft away."""
    return _made(Discard, model, label, options)


def actions_of(model: type[Document]) -> list[Action]:
    """All verbs of a document type, in the order of their declaration."""
    return [a for a in Action.registry.values() if a.model is model]


def creation_of(model: type[Document]) -> Creation | None:
    """The creation of a document type that people may call, if there is one."""
    return next((a for a in actions_of(model) if isinstance(a, Creation) and a.has_face), None)


@dataclass(frozen=True)
class Offer:
    """An action shown on a document: open when `reasons` is empty, else with what stands against it."""

    action: Action
    reasons: list[Any]


def offers(document: Any, viewer: Viewer) -> list[Offer]:
    """The actions this person may do to the document as it stands, each with what stands against it."""
    found = []
    for candidate in actions_of(type(document)):
        if not candidate.has_face or not candidate.fits(document):
            continue
        try:
            policy.check(candidate, document, viewer)
        except Denied:
            continue
        found.append(Offer(candidate, candidate.reasons(document)))
    return found
