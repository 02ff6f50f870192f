"""How a department declares a timed rule: one `rule(...)` for one timer of rulebook table A.

Examples, one for each form (all verbs may be given as text or as the action itself, one or several)::

    from deadlines.rules import LEADER, at_date, at_opening, before, duty, hours, minutes, rule, upon, within

    # TM-01: so long after an event. The stop event is of another document type: `about` finds the subject.
    rule("order_instruction", "TM-01", _("The production instruction is issued within 4 hours."),
         start="orders.order.take_effect", stop="production.instruction.issue",
         about=lambda instruction: instruction.order,
         due=within(hours=4), warn=hours(1),
         owner=Role.SALES_CLERK, escalation=[(Role.SALES_LEADER, Role.ORDER_MGR), Role.GM])

    # TM-05/06: two rules, each `when` its kind of product. TM-07: working days, on the task itself.
    rule("task_answer", "TM-07", _("..."), start="production.task.create",
         stop=("production.task.accept", "production.task.object"),
         due=within(workdays=1), warn=hours(2), owner=lambda task: task.receiver_leader, escalation=[Role.GM])

    # TM-08: a window before a date: opens 3 days before, due at the end of the day 2 days before. `restart`:
    # a verb that moves the date; the open row is superseded and a new one opened in the same transaction.
    rule("order_follow_up", "TM-08", _("..."), start="orders.order.take_effect",
         restart="orders.order.replan_date", stop="orders.follow_up.record", about=lambda f: f.order,
         due=before("delivery_on", days=2, opens=3), warn=at_opening(), owner=Role.ORDER_DESK, ...)

    # TM-21: one row a line; the stop names the lines it is about (ids), else it stops them all.
    rule("supplier_contact", "TM-21", _("..."), start="procurement.purchase_order.record_confirmation",
         stop="procurement.purchase_order.log_supplier_contact",
         lines=lambda order: order.lines.all(), which=lambda order, event: event.data["line_ids"],
         due=before("planned_on", workdays=5), warn=workdays(1), owner=Role.BUYER, ...)

    # TM-38: one row a seat (a child row too); the owner is a person; only some decisions stop it.
    rule("review_opinion", "TM-38", _("..."), start=("review.round.open", "review.round.give_opinion"),
         lines=lambda round, event: round.seats.filter(opened_by=event), stop="review.round.give_opinion",
         which=lambda round, event: [event.data["seat_id"]], owner=lambda round, seat: seat.person,
         due=within(workdays=1), warn=hours(2), escalation=[LEADER, Role.ORDER_MGR, Role.GM])

    # TM-33: the same day. TM-29: `before("starts_at", half_day=True)`. TM-46: `at_date("deadline_on")`.
    # A stop that counts only sometimes: stop=upon("a.b.decide", lambda doc, event: event.data["ok"]).

    # TM-10: a periodic duty opens a `deadlines.Duty` of its own for each period and each company.
    duty("patrol", "TM-10", _("..."), every=daily(), owner=Role.PROD_LEADER, escalation=[Role.GM])

Functions are called with as many arguments as they take: `about`, `when`, `lines`, `slots`, `which` with
(document, event), `owner` and a dated field with (document, line), `company` with (document).
`owner` and the levels of `escalation` are roles; `LEADER` is the owner's next one up.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypedDict, Unpack

from django.utils.timezone import localtime

from deadlines.due import Form, at_date, before, same_day, within
from deadlines.models import Duty
from deadlines.periods import Every, daily, monthly, weekly
from deadlines.queries import open_duties
from deadlines.terms import (
    LEADER,
    Lead,
    Terms,
    at_noon,
    at_opening,
    before_shift_end,
    chain_of,
    days,
    hours,
    minutes,
    share,
    workdays,
)
from flow.actions import Action
from flow.models import Event
from org.queries import posts

__all__ = [
    "LEADER",
    "Rule",
    "at_date",
    "at_noon",
    "at_opening",
    "before",
    "before_shift_end",
    "daily",
    "days",
    "duty",
    "hours",
    "minutes",
    "monthly",
    "rule",
    "same_day",
    "share",
    "upon",
    "weekly",
    "within",
    "workdays",
]

DUTY = "deadlines.duty"
Asked = Callable[..., Any]


@dataclass(frozen=True)
class Trigger:
    """An event that means something to a rule, under a condition of (document, event) if there is one."""

    verb: str
    condition: Asked | None = None

    def holds(self, document: Any, event: Event) -> bool:
        """Whether this very event counts."""
        return self.condition is None or bool(ask(self.condition, document, event))


Verbs = str | Action | Trigger | Sequence[str | Action | Trigger]


@dataclass(frozen=True, eq=False)
class Rule:
    """One timer of table A. See the module's text for how it is declared, `rule` for the arguments."""

    registry: ClassVar[dict[str, Rule]] = {}
    by_verb: ClassVar[dict[str, list[Rule]]] = defaultdict(list)

    slug: str
    code: str
    sentence: Any
    subject: str
    start: tuple[Trigger, ...]
    stop: tuple[Trigger, ...]
    restart: tuple[Trigger, ...]
    cancel: tuple[Trigger, ...]
    pause: tuple[Trigger, ...]
    resume: tuple[Trigger, ...]
    due: Form
    terms: Terms
    owner: Any
    about: Asked | None = None
    when: Asked | None = None
    lines: Asked | None = None
    slots: Asked | None = None
    which: Asked | None = None
    company: Asked | None = None
    counts: bool = True
    every: Every | None = None
    roles: tuple[str, ...] = field(default=())

    @property
    def verbs(self) -> set[str]:
        """All verbs the rule listens to."""
        parts = (self.start, self.stop, self.restart, self.cancel, self.pause, self.resume)
        return {trigger.verb for part in parts for trigger in part}

    def register(self) -> Rule:
        """Make the rule known. Raises RuntimeError when its name is taken."""
        if self.slug in Rule.registry:
            raise RuntimeError(f"The rule {self.slug} is declared twice.")
        Rule.registry[self.slug] = self
        for verb in self.verbs:
            Rule.by_verb[verb].append(self)
        return self

    def forget(self) -> None:
        """Take the rule out again; tests do this with rules of their own."""
        del Rule.registry[self.slug]
        for verb in self.verbs:
            Rule.by_verb[verb].remove(self)

    def subjects(self, document: Any, event: Event) -> list[Any]:
        """The documents of this rule's type that an event of `document` is about."""
        if document.label() == self.subject:
            return [document]
        if self.about is None:
            return []
        found = ask(self.about, document, event)
        if found is None:
            return []
        return list(found) if isinstance(found, Iterable) else [found]


class Options(TypedDict, total=False):
    """What a rule may say beside its start, stop, limit and owner.

    `escalation` the levels above the owner; `warn` the warning lead; `subject` the label of the document
    the row is about (default: that of the first start verb); `about` from another document to the subject
    (one, several or None); `when` whether a start counts; `lines` the child rows and `slots` the names that
    get a row each (`slot` for a single one); `which` the line ids or slots that a stop is about (None:
    all); `restart` verbs that move a date of a row that runs; `cancel` verbs beside the subject's own
    `cancel` and `discard`; `pause`, `resume` only where a rule says so (E-49); `company` the company whose
    posts are told (default: the subject's); `counts=False` for the reminders of table A2: no KPI (SYS-07).
    """

    escalation: Sequence[Any]
    warn: Lead | None
    subject: str
    about: Asked
    when: Asked
    lines: Asked
    slot: Any
    slots: Asked
    which: Asked
    restart: Verbs
    cancel: Verbs
    pause: Verbs
    resume: Verbs
    company: Asked
    counts: bool
    every: Every


def rule(
    slug: str,
    code: str,
    sentence: Any,
    *,
    start: Verbs,
    stop: Verbs,
    due: Form,
    owner: Any,
    **options: Unpack[Options],
) -> Rule:
    """Declare a timed rule and return it.

    `code` the rulebook id (TM-01), `sentence` what it says; `start`, `stop` verbs; `due` a form; `owner` a
    role, several, or a function giving roles or a person; `options` as in `Options`. Raises RuntimeError on
    a name taken before, TypeError on an option that does not exist.
    """
    if unknown := options.keys() - Options.__annotations__.keys():
        raise TypeError(f"The rule {slug} knows no {', '.join(sorted(unknown))}.")
    given: dict[str, Any] = dict(options)
    starts, slot = triggers(start), given.get("slot")
    label = given.get("subject") or starts[0].verb.rpartition(".")[0]
    return Rule(
        slug=slug,
        code=code,
        sentence=sentence,
        subject=label,
        start=starts,
        stop=triggers(stop),
        due=due,
        terms=due.terms(given.get("warn"), chain_of(given.get("escalation", ()))),
        owner=owner,
        slots=given.get("slots") if slot is None else _single(slot),
        counts=given.get("counts", True),
        roles=() if callable(owner) else _roles(owner),
        **_parts(label, given),
    ).register()


def _parts(label: str, given: dict[str, Any]) -> dict[str, Any]:
    """The options that are stored as they are, or as triggers."""
    own_end = (Trigger(f"{label}.cancel"), Trigger(f"{label}.discard"))
    return {
        "cancel": (*own_end, *triggers(given.get("cancel", ()))),
        **{name: triggers(given.get(name, ())) for name in ("restart", "pause", "resume")},
        **{name: given.get(name) for name in ("about", "when", "lines", "which", "company", "every")},
    }


def duty(
    slug: str,
    code: str,
    sentence: Any,
    *,
    every: Every,
    owner: Any,
    escalation: Sequence[Any] = (),
    warn: Lead | None = None,
    stop: Verbs = (),
    counts: bool = True,
) -> Rule:
    """Declare a periodic duty: for each period and each company with a holder of `owner` a `Duty` is opened.

    Several owners (TM-16) each have a row of their own. `stop`: verbs of other documents that fulfil the
    duty of the day they happen on, in their company (of several owners: the one's who did it); a person
    may always fulfil the duty itself.
    """
    owners = _roles(owner)
    made = rule(
        slug,
        code,
        sentence,
        start=upon(f"{DUTY}.open", lambda document: document.rule == slug),
        stop=(f"{DUTY}.fulfil", *triggers(stop)),
        cancel=f"{DUTY}.withdraw",
        due=at_date("ends_at"),
        warn=warn or every.warn,
        owner=lambda document: document.role,
        escalation=escalation,
        about=lambda document, event: _open_duties(slug, owners, document, event),
        counts=counts,
        every=every,
    )
    object.__setattr__(made, "roles", owners)
    return made


def upon(verb: str | Action, condition: Asked) -> Trigger:
    """The event `verb`, but only where condition(document, event) holds."""
    return Trigger(_verb(verb), condition)


def triggers(verbs: Verbs) -> tuple[Trigger, ...]:
    """One or several verbs as triggers."""
    several = [verbs] if isinstance(verbs, str | Action | Trigger) else verbs
    return tuple(v if isinstance(v, Trigger) else Trigger(_verb(v)) for v in several)


def ask(function: Asked, *arguments: Any) -> Any:
    """Call `function` with as many of the arguments as it takes."""
    taken = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_POSITIONAL for p in taken):
        return function(*arguments)
    return function(*arguments[: sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in taken)])


def rule_of(slug: str) -> Rule | None:
    """The rule of a row; None when it is no longer declared."""
    return Rule.registry.get(slug)


def _roles(owner: Any) -> tuple[str, ...]:
    """One role or several, as codes."""
    return chain_of([owner])[0]


def _verb(verb: str | Action) -> str:
    return verb.verb if isinstance(verb, Action) else verb


def _single(slot: Any) -> Asked:
    return (lambda *given: [ask(slot, *given)]) if callable(slot) else (lambda: [str(slot)])


def _open_duties(slug: str, owners: tuple[str, ...], document: Any, event: Event) -> list[Duty]:
    """The open duties that something done to another document fulfils: its company's, of its day."""
    found = open_duties(slug, company_id=document.company_id, at=event.at)
    if len(owners) == 1:
        return found
    # Several posts each owe a record of their own: this one is its author's.
    held = {post.role for post in posts(event.actor, on=localtime(event.at).date())}
    return [duty for duty in found if duty.role in held]
