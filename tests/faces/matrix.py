"""Before each verb of a walk is done for the first time, everybody tries it through every face.

The walk itself brings the document into the right state and knows an input that fits; nothing is invented
beside it. What should not have happened, or did not happen, is gathered as sentences in `faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from flow import html as pages
from flow.actions import Action, Creation, Discard
from flow.events import By
from flow.models import Event
from org.models import Membership, Person
from org.roles import Role
from tests.faces import attempts
from tests.faces.attempts import DONE, Face, Try, outcome, undone
from tests.goods import Factory
from tests.people import SINCE

FACES: dict[str, Face] = {"python": attempts.python, "html": attempts.html, "rest": attempts.rest}
# Anybody in the house may ask for something to be bought (PUR-01, C2).
FOR_EVERYBODY = {"procurement.requisition.create"}
# A person is named for each seat: who has answered has no seat any more, whatever the state.
BY_NAME = {"review.round.give_opinion", "orders.change.acknowledge"}
# These stand on no other document, so no state of one can speak against them.
UNCONDITIONAL = {"orders.order.receive", "aftersales.ticket.create", "procurement.requisition.create"}


@dataclass
class Matrix:
    """Tries every verb of the walks; `seen` are the verbs tried, each with its first try."""

    factory: Factory
    faults: list[str] = field(default_factory=list)
    seen: dict[str, tuple[Try, Person]] = field(default_factory=dict)
    later: dict[str, tuple[Try, Person]] = field(default_factory=dict)
    at: datetime | None = None
    _busy: bool = False

    @contextmanager
    def watching(self, patch: pytest.MonkeyPatch) -> Iterator[None]:
        """While inside, each verb that somebody does is tried by everybody first."""
        for kind in (Action, Creation):
            patch.setattr(kind, "__call__", self._watched(kind.__call__))
        yield
        patch.undo()

    def _watched(self, do: Any) -> Any:
        def call(action: Action, *args: Any, by: By, **data: Any) -> Any:
            self.at = by.at
            if self._busy or action.verb in self.seen:
                return do(action, *args, by=by, **data)
            one = Try(action, args[0] if args else None, data, by.at)
            self.seen[action.verb] = (one, by.actor)
            self._busy = True
            try:
                self.before(one, by.actor)
                done = do(action, *args, by=by, **attempts.fresh(data))
                self.after(one, by.actor)
            finally:
                self._busy = False
            return done

        return call

    # -- in the right state -------------------------------------------------------------------------

    def before(self, one: Try, actor: Person) -> None:
        """The one who may, succeeds at every face; everybody else fails at every face."""
        for name in self._faces(one):
            self.expect(name, one, actor, {DONE})
        for person, role in self._wrong(one):
            hidden = one.action.model.seen_by is not None and role not in one.action.model.seen_by
            unseen = 404 if hidden and one.document is not None else 403
            self.expect("python", one, person, {403})
            self.expect("html", one, person, {unseen})
            self.expect("rest", one, person, {unseen})
        self._stranger(one)
        self._second_person(one)
        if "admin" in self._faces(one):
            for person in (self.factory.person("admin"), self.factory.stranger):
                self.expect("admin", one, person, {200, 302})

    def _faces(self, one: Try) -> dict[str, Face]:
        """The faces the verb has: the admin's only where it asks for nothing."""
        asks = one.document is None or pages.asks(one.action)
        return FACES if asks else {**FACES, "admin": attempts.admin}

    def _wrong(self, one: Try) -> list[tuple[Person, str]]:
        """People of the same company without the right: the guard at the gate, and the administrator."""
        roles = [Role.ADMIN] if one.action.verb in FOR_EVERYBODY else [Role.ADMIN, Role.GUARD]
        return [(self.factory.person(role), role) for role in roles]

    def _stranger(self, one: Try) -> None:
        """Who holds every post of another company learns nothing of the document, not even its absence."""
        stranger = self.factory.stranger
        if one.document is not None:
            self.expect("python", one, stranger, {403})
            self.expect("html", one, stranger, {404})
            self.expect("rest", one, stranger, {404})
            return
        # What a new document is to stand on is not there for a stranger; where it stands on nothing, 403.
        for name in FACES:
            self.expect(name, one, stranger, {403, 404, 422})

    def _second_person(self, one: Try) -> None:
        """Who did the first of two steps does not do the second, whatever posts he holds."""
        for first in one.action.not_by:
            verb = f"{one.action.model.label()}.{first}"
            rows = Event.objects.filter(subject_type=one.action.model.label(), subject_id=one.document.pk)
            event = rows.filter(verb=verb).select_related("actor").last()
            if event is None:
                continue
            with undone():
                for role in one.action.roles_for(one.document):
                    Membership.objects.create(
                        person=event.actor, role=role, company=one.document.company, starts_on=SINCE
                    )
                for name in FACES:
                    self.expect(name, one, event.actor, {403}, note=f"after {first}")

    # -- in the wrong state -------------------------------------------------------------------------

    def after(self, one: Try, actor: Person) -> None:
        """Done once it cannot be done again; where it can, it is tried again when the walks are over."""
        if one.document is None:
            if one.action.verb not in UNCONDITIONAL:
                self.later[one.action.verb] = one, actor
        elif isinstance(one.action, Discard):
            for name in FACES:
                self.expect(name, one, actor, {404}, note="discarded")
        else:
            again = one.action._read_again(one.document)
            if one.action.fits(again):
                self.later[one.action.verb] = Try(one.action, again, one.data, one.at), actor
            else:
                self._refused(Try(one.action, again, one.data, one.at), actor)

    def finish(self) -> None:
        """Now that every document has come to its end, what could still be repeated then is refused too."""
        assert self.at is not None
        for one, actor in self.later.values():
            document = one.document and one.action._read_again(one.document)
            last = Try(one.action, document, one.data, max(self.at, one.at))
            if document is None:
                for name in FACES:
                    self.expect(name, last, actor, {409, 422}, note="at the end")
            else:
                self._refused(last, actor)

    def _refused(self, one: Try, actor: Person) -> None:
        wanted: set[int | str] = {403, 409} if one.action.verb in BY_NAME else {409}
        for name in FACES:
            self.expect(name, one, actor, wanted, note=f"while {one.document.state}")

    # -- what came of it ----------------------------------------------------------------------------

    def expect(self, face: str, one: Try, person: Person, wanted: set[int | str], note: str = "") -> None:
        """Try it; a fault unless the answer is one of `wanted` and only a success changed anything."""
        Try.said = ""  # type: ignore[attr-defined]
        answer, changed = outcome({**FACES, "admin": attempts.admin}[face], one, person)
        if answer not in wanted or changed != (answer == DONE):
            seen = f"{answer}{', something changed' if changed else ''}"
            more = Try.said  # type: ignore[attr-defined]
            hoped = ", ".join(sorted(str(w) for w in wanted))
            self.faults.append(
                f"{one.action.verb} {note} by {person.username}, {face}: {seen}, not {hoped} {more}"
            )
