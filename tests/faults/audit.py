"""Compares the database with what the clients were told and with what the clock says must have happened."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage

from deadlines import sweep
from deadlines.models import Deadline, Escalation
from flow import clock
from flow.models import Attachment, Document, Event, IdempotencyKey
from integration.models import Notice, Outbox, Subscription
from integration.outbox import stable_id
from orders.models import Order
from org.models import Person
from org.roles import Role

RULE = "instruction_4h"
# The demo factory has two sales clerks; the other posts are held by one, named as the role.
CLERKS = frozenset({"sales_clerk", "sales_clerk_2"})
# TM-01 for a product order, by the handbook: hours after the effect, and who is told.
LADDER: tuple[tuple[int, str, frozenset[str]], ...] = (
    (3, "warn", CLERKS),
    (4, "due", CLERKS),
    (5, "escalate", frozenset({Role.SALES_LEADER, Role.ORDER_MGR})),
    (6, "escalate", frozenset({Role.GM})),
)
# Sweeps of one storm share its summary; in real time they lie no further apart.
SAME_STORM = timedelta(minutes=1)
Wish = dict[str, Any]
Check = Callable[["Books"], Iterator[str]]
_checks: list[Check] = []


def check(function: Check) -> Check:
    """Have the decorated check run by `run`."""
    _checks.append(function)
    return function


class Books:
    """What is compared: the clients' journal and the database, read once."""

    def __init__(self, journal: list[Wish], prepared: list[int], at: datetime) -> None:
        # All that was due at `at` must be done; the clock ran on while the house ended, to `now`.
        self.at, self.now = at, clock.now()
        self.prepared = set(prepared)
        self.journal = journal
        self.told = [wish for wish in journal if wish["status"] is not None]
        self.orders = {order.pk: order for order in Order.objects.all()}
        self.usernames = dict(Person.objects.values_list("pk", "username"))
        # The clients' requests are the only events with a key: find what each key did.
        self.keys = {row.key: row for row in IdempotencyKey.objects.all()}

    @property
    def made(self) -> list[Order]:
        """The orders that the clients made."""
        return [order for order in self.orders.values() if order.pk not in self.prepared]

    def clocks(self) -> list[Deadline]:
        """The runs of TM-01."""
        return list(Deadline.objects.filter(rule=RULE).prefetch_related("escalations"))


def run(journal: list[Wish], prepared: list[int], at: datetime) -> dict[str, Any]:
    """Every check; the sentences of those that found something, and figures. `at`: see Books."""
    books = Books(journal, prepared, at)
    wrong = [sentence for one in _checks for sentence in one(books)]
    return {"wrong": wrong, "figures": figures(books)}


def figures(books: Books) -> dict[str, Any]:
    """How much was compared."""
    taken = Escalation.objects.all()
    return {
        "orders": len(books.made),
        "requests": len(books.journal),
        "acknowledged": len(books.told),
        "done but not acknowledged": len(books.keys) - len(books.told),
        "replayed": sum(wish["replayed"] for wish in books.told),
        "events": Event.objects.count(),
        "deadlines": Deadline.objects.count(),
        "escalations": taken.count(),
        "of them late": taken.filter(late=True).count(),
        "notices": Notice.objects.count(),
        "summaries": Notice.objects.filter(key__startswith="deadlines:").count(),
    }


# -- what the clients were told ------------------------------------------------------------------


@check
def acknowledged_is_stored(books: Books) -> Iterator[str]:
    """What was answered with yes has its key, its document and its event."""
    for wish in books.told:
        row = books.keys.get(wish["key"])
        if row is None:
            yield f"lost: {wish['verb']} {wish['key']} was acknowledged"
            continue
        document = Document.registry[row.subject_type]._default_manager.filter(pk=row.subject_id).first()
        if document is None or str(document.public_id) != wish["subject"]:
            yield f"lost: {wish['verb']} {wish['key']} answered with {wish['subject']}, stored is {document}"
        elif document.version < wish["version"]:
            yield f"gone back: {wish['subject']} v{document.version}, acknowledged was v{wish['version']}"


@check
def stored_was_intended(books: Books) -> Iterator[str]:
    """Every key is one that a client made, and none hangs without its effect."""
    intended = {wish["key"] for wish in books.journal}
    for key, row in books.keys.items():
        if key not in intended:
            yield f"key {key} was never sent"
        if row.subject_id is None:
            yield f"key {key} is stuck without an effect"


@check
def one_order_a_key(books: Books) -> Iterator[str]:
    """Each order carries the key of the request that made it: once, and intended."""
    keys = Counter(order.remark for order in books.made)
    intended = {wish["key"] for wish in books.journal if wish["verb"] == "orders.order.receive"}
    for key, n in keys.items():
        if n != 1:
            yield f"doubled: {n} orders of one request {key}"
        if key not in intended:
            yield f"an order that nobody asked for: {key!r}"
    for wish in books.told:
        if wish["verb"] == "orders.order.receive" and wish["key"] not in keys:
            yield f"lost: the order of {wish['key']}"


@check
def one_event_a_request(books: Books) -> Iterator[str]:
    """Each key stands for exactly one event of its verb, on its document, by its sender."""
    wanted: Counter[tuple[str, str, int, str]] = Counter()
    verbs = {wish["key"]: (wish["verb"], wish["role"]) for wish in books.journal}
    for key, row in books.keys.items():
        if key in verbs and row.subject_id is not None:
            verb, role = verbs[key]
            wanted[verb, row.subject_type, row.subject_id, role] += 1
    found: Counter[tuple[str, str, int, str]] = Counter()
    rows = Event.objects.filter(verb__in={verb for verb, _ in verbs.values()}, version__isnull=False)
    rows = rows.exclude(case__in=[books.orders[pk].case_id for pk in books.prepared])
    for verb, kind, pk, actor in rows.values_list("verb", "subject_type", "subject_id", "actor__username"):
        found[verb, kind, pk, actor] += 1
    for spot in wanted.keys() | found.keys():
        if wanted[spot] != found[spot]:
            yield f"{spot}: {wanted[spot]} requests took effect, {found[spot]} events"


@check
def the_house_did_its_part_once(books: Books) -> Iterator[str]:
    """An order that took effect has one clock and one draft instruction, one in review has one round."""
    parts = (("orders.order.take_effect", "instructions"), ("orders.order.submit_review", "rounds"))
    for verb, name in parts:
        done = Event.objects.filter(verb=verb).values_list("subject_id", flat=True)
        for pk in done:
            if (n := getattr(books.orders[pk], name).count()) != 1:
                yield f"order {pk}: {n} {name} after one {verb}"


@check
def files_are_there(books: Books) -> Iterator[str]:
    """The file of each attachment lies where it should, byte for byte."""
    for row in Attachment.objects.all():
        if not default_storage.exists(row.stored):
            yield f"lost: the file of attachment {row.pk}"
            continue
        with default_storage.open(row.stored) as file:
            if hashlib.sha256(file.read()).hexdigest() != row.sha256:
                yield f"the file of attachment {row.pk} is not the one that was sent"


# -- what the clocks owe -------------------------------------------------------------------------


@check
def one_clock_an_effect(books: Books) -> Iterator[str]:
    """TM-01 runs once for each order that took effect, from the moment it did."""
    started = {event.subject_id: event.at for event in Event.objects.filter(verb="orders.order.take_effect")}
    runs = Counter(row.subject_id for row in books.clocks())
    if runs != Counter(list(started)):
        yield f"clocks {dict(runs)} for effects {sorted(started)}"
    for row in books.clocks():
        if row.opened_at != started.get(row.subject_id):
            yield f"clock of order {row.subject_id} began {row.opened_at}"


@check
def instruction_ladder(books: Books) -> Iterator[str]:
    """Each level of TM-01 that fell due was taken once, for the very moment, to the very people; no other."""
    for row in books.clocks():
        end = row.done_at or books.now
        owed = [(row.opened_at + timedelta(hours=h), kind, who) for h, kind, who in LADDER]
        taken = sorted(row.escalations.all(), key=lambda one: one.step)
        said = [(one.at, one.kind, frozenset(books.usernames[pk] for pk in one.told)) for one in taken]
        if said != owed[: len(said)]:
            yield f"clock {row.pk}: took {said}, owed {owed}"
        # Stopped in the same moment, the stop may win; while it runs, everything that is due is taken.
        must = sum(at <= books.at for at, _, _ in owed) if row.done_at is None else 0
        may = sum(at <= end for at, _, _ in owed)
        if not must <= len(said) <= may:
            yield f"clock {row.pk} ({row.state}): {len(said)} steps taken, {must} to {may} were due by {end}"


@check
def every_ladder(books: Books) -> Iterator[str]:
    """The same for the clocks of every rule: no step that is due is missing, none is double or early."""
    for row in Deadline.objects.prefetch_related("escalations"):
        taken = Counter(one.step for one in row.escalations.all())
        moments = [datetime.fromisoformat(step["at"]) for step in row.ladder]
        must = sum(at <= books.at for at in moments) if row.state == Deadline.State.OPEN else 0
        may = sum(at <= books.now for at in moments)
        if sorted(taken) != list(range(len(taken))) or not must <= len(taken) <= may:
            yield f"deadline {row.pk} {row.rule}: steps {sorted(taken)} taken, {must} to {may} were due"
        if double := [step for step, n in taken.items() if n > 1]:
            yield f"deadline {row.pk} {row.rule}: steps {double} were taken twice"
        if any(not one.told for one in row.escalations.all()):
            yield f"deadline {row.pk} {row.rule}: a step was told to nobody"
    if n := sweep.due(books.at).count():
        yield f"{n} deadlines still wait for the sweep"


@check
def notices_once(books: Books) -> Iterator[str]:
    """Each person of each step has one notice of it, or the one summary of a storm of the same moment."""
    owed = {
        (pk, f"deadline:{one.deadline_id}:{one.step}"): one.recorded_at
        for one in Escalation.objects.all()
        for pk in one.told
    }
    found: Counter[tuple[int, str]] = Counter()
    summed: dict[int, list[datetime]] = defaultdict(list)
    rows = Notice.objects.filter(key__startswith="deadline")
    for person, key, recorded_at in rows.values_list("person_id", "key", "recorded_at"):
        if key.startswith("deadlines:"):
            summed[person].append(recorded_at)
        else:
            found[person, key] += 1
    for spot, n in found.items():
        if n > 1 or spot not in owed:
            yield f"notice {spot}: {n}, owed {int(spot in owed)}"
    for (person, key), at in owed.items():
        if (person, key) not in found and not any(abs(at - said) < SAME_STORM for said in summed[person]):
            yield f"lost: notice {key} to {books.usernames[person]}"


# -- what leaves the house -----------------------------------------------------------------------


@check
def outbox_is_empty(books: Books) -> Iterator[str]:
    """Everything that had to leave was put there with its event and has left; nothing was given up."""
    for wanted in Subscription.objects.all():
        events = Event.objects.filter(recorded_at__gte=wanted.made_at)
        told = set(Outbox.objects.filter(recipient=wanted.pk).values_list("event_id", flat=True))
        for pk, verb in events.values_list("pk", "verb"):
            if wanted.wants(verb) and pk not in told:
                yield f"lost: event {pk} {verb} is not in the outbox"
    for row in Outbox.objects.exclude(state=Outbox.State.DONE):
        yield f"outbox {row.pk} {row.key} to {row.recipient}: {row.state}, {row.fault}"


# -- for the story of the outage -------------------------------------------------------------------


def heard() -> dict[str, list[str]]:
    """Who was told of TM-01, by order id: "person moment", in the order of the moments."""
    found: dict[str, list[str]] = defaultdict(list)
    subjects = dict(Deadline.objects.filter(rule=RULE).values_list("pk", "subject_id"))
    for notice in Notice.objects.filter(key__startswith="deadline:").order_by("at", "person__username"):
        deadline = int(notice.key.split(":")[1])
        if deadline in subjects:
            found[str(subjects[deadline])].append(f"{notice.person.username} {notice.at.isoformat()}")
    return found


def steps(order: int) -> list[list[Any]]:
    """The steps taken for TM-01 of an order: kind, moment, late."""
    rows = Escalation.objects.filter(deadline__rule=RULE, deadline__subject_id=order).order_by("step")
    return [[row.kind, row.at.isoformat(), row.late] for row in rows]


def webhooks() -> dict[int, str]:
    """Every event that a subscriber is owed, with the key under which it is sent."""
    rows = Outbox.objects.filter(kind=Outbox.Kind.WEBHOOK)
    return {row.event_id: stable_id(row) for row in rows if row.event_id is not None}
