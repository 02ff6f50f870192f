"""The verbs of the review round."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import actions
from flow.events import By
from flow.models import Event
from flow.refusals import Denied, Invalid, Refused
from orders import actions as orders
from orders.models import Order, OrderChange
from org import queries as org
from org.models import Person
from org.roles import Role
from review.forms import DecisionForm, OpinionForm, ReworkForm
from review.models import Round, Seat
from review.queries import FIRST, ROUTES, SECOND, route_of, route_of_change

SEATED = frozenset(plan.role for plans in ROUTES.values() for plan in plans)
CHAIRS = frozenset(plan.role for plans in ROUTES.values() for plan in plans if plan.is_chair)
MANAGERS = frozenset({Role.GM, Role.DEPUTY_GM})


@actions.creation(
    Round, _("Open review"), parent="order", name="open", numbers=True, rules="REV-02 REV-04 ORG-04"
)
def open_round(by: By, *, order: Order, instruction: str = "", change: OrderChange | None = None) -> Round:
    """Open the next round of an order, or of a change of it, with the seats of its route.

    Raises Refused naming the seats that nobody can take (ORG-04).
    """
    route = route_of_change(change) if change else route_of(order)
    people = _people_for(route, order, by)
    last = order.rounds.aggregate(last=Max("round_no"))["last"] or 0
    made = actions.draft(
        Round,
        by=by,
        case=order.case,
        company=order.company,
        order=order,
        round_no=last + 1,
        route=route,
        delivery_on=(change.delivery_on if change else None) or order.delivery_on,
        instruction=instruction,
        change=change,
    )
    seats = Seat.objects.bulk_create(
        Seat(
            round=made,
            position=position,
            role=plan.role,
            person=people[plan.role],
            is_chair=plan.is_chair,
            wave=plan.wave,
            opened_at=by.at if plan.wave == FIRST else None,
        )
        for position, plan in enumerate(ROUTES[route], start=1)
    )
    made.said = {"opened": [seat.pk for seat in seats if seat.opened_at]}
    return made


def _sits(round_: Round, person: Person) -> bool:
    return round_.seats.filter(person=person, answered_at=None).exists()


@actions.action(
    Round,
    _("Give opinion"),
    OpinionForm,
    may=SEATED,
    only=_sits,
    rules="REV-02 REV-03 REV-06 REV-12 REV-13 REV-15 REV-20 REV-22 REV-23",
)
def give_opinion(
    round_: Round,
    by: By,
    *,
    decision: str,
    opinion: str = "",
    earliest_on: date | None = None,
    seat: str = "",
) -> dict[str, Any]:
    """Answer a seat of the actor, the first that is open unless `seat` names its role.

    Raises Refused while a seat of the second wave waits for the first, Invalid for a seat of somebody else.
    """
    if decision == Seat.Decision.INFEASIBLE and not opinion:
        raise Invalid({"opinion": _("Say why the order is not feasible.")})
    mine = _my_seat(round_, by, seat)
    mine.decision, mine.opinion, mine.earliest_on = decision, opinion, earliest_on
    mine.answered_at = by.at
    mine.save()
    round_.give_opinion()
    opened = _open_second_wave(round_, by)
    return {"seat_id": mine.pk, "role": mine.role, "decision": decision, "opened": opened}


@give_opinion.then
def last_opinion_decides(round_: Round, by: By, event: Event) -> None:
    """Where no manager decides, the last feasible opinion passes the round (REV-07, REV-18, REV-23)."""
    feasible = not round_.seats.exclude(decision=Seat.Decision.FEASIBLE).exists()
    if feasible and not round_.manager_decides:
        pass_.follow(round_, by=by, cause=event)


@actions.consequence(Round, _("Passed"), name="pass", rules="REV-07 REV-18 REV-23")
def pass_(round_: Round, by: By) -> None:
    """Every seat found the order feasible."""
    round_.pass_()


@pass_.then
def order_is_approved(round_: Round, by: By, event: Event) -> None:
    """The order may be quoted (O-05); a change of it goes on."""
    _carry(round_, by, event)


def _deciders(round_: Round) -> frozenset[str]:
    return MANAGERS if round_.manager_decides else _chair_roles(round_)


def _chair_roles(round_: Round) -> frozenset[str]:
    return frozenset(round_.seats.filter(is_chair=True).values_list("role", flat=True))


@actions.action(
    Round,
    _("Decide"),
    DecisionForm,
    may=CHAIRS | MANAGERS,
    may_on=_deciders,
    rules="REV-08 REV-16 E-61 E-64",
)
def decide(
    round_: Round, by: By, *, decision: str, opinion: str = "", conditions: str = ""
) -> dict[str, Any]:
    """Decide the round: the general manager where the seats advise, else the chair.

    Raises Refused while seats are open, Denied where only a manager decides so, Invalid without conditions
    or reasons.
    """
    if not round_.manager_decides:
        _check_chair(round_, decision)
    if decision == Round.Decision.CONDITIONAL and not conditions.strip():
        raise Invalid({"conditions": _("An acceptance with conditions names at least one.")})
    if decision in (Round.Decision.INFEASIBLE, Round.Decision.REJECTED) and not opinion.strip():
        raise Invalid({"opinion": _("Give the reasons.")})
    _check_answers(round_)
    round_.conditions = conditions if decision == Round.Decision.CONDITIONAL else ""
    round_.opinion = opinion
    round_.decide(decision)
    return {"decision": decision, "opinion": opinion, "conditions": round_.conditions}


@decide.then
def order_hears(round_: Round, by: By, event: Event) -> None:
    """Carry the decision to the order; an infeasible one leaves it in review until the date is moved."""
    _carry(round_, by, event)


def _carry(round_: Round, by: By, event: Event) -> None:
    order, state = round_.order, round_.state
    if round_.change:
        earliest = round_.seats.aggregate(last=Max("earliest_on"))["last"]
        said = {"decision": state, "conditions": round_.conditions, "earliest_on": earliest}
        orders.change.hear_review.follow(round_.change, by=by, cause=event, **said)
    elif state == Round.State.PASSED:
        orders.approve.follow(order, by=by, cause=event)
    elif state == Round.State.CONDITIONAL:
        orders.approve_conditionally.follow(order, by=by, cause=event, conditions=round_.conditions)
    elif state == Round.State.REJECTED:
        orders.reject_by_gm.follow(order, by=by, cause=event, opinion=round_.opinion)


@actions.action(
    Round, _("Return for rework"), ReworkForm, may=CHAIRS, may_on=_chair_roles, rules="REV-04", awaited=False
)
def return_for_rework(round_: Round, by: By, *, reasons: str) -> dict[str, Any]:
    """The chair sends the order back to the clerk; what is submitted again is the next round (O-04)."""
    if round_.change or round_.order.state != Order.State.IN_REVIEW:
        raise Refused(_("The order is not in review any more."))
    round_.opinion = reasons
    round_.return_for_rework()
    return {"reasons": reasons}


@return_for_rework.then
def order_goes_back(round_: Round, by: By, event: Event) -> None:
    """The clerk reworks the order."""
    orders.return_for_rework.follow(round_.order, by=by, cause=event, reasons=round_.opinion)


@actions.consequence(Round, _("Cancel review"))
def cancel(round_: Round, by: By) -> None:
    """The order was cancelled while it was reviewed, or the change of it withdrawn."""
    round_.cancel()


def _people_for(route: str, order: Order, by: By) -> dict[str, Person]:
    """Who takes each seat: whoever asked for the review or received the order if they hold the post."""
    found: dict[str, Person] = {}
    empty = []
    for plan in ROUTES[route]:
        people = org.holders(plan.role, company=order.company, on=localtime(by.at).date())
        near = [by.actor.pk, order.created_by_id]
        if people:
            found[plan.role] = min(people, key=lambda p: near.index(p.pk) if p.pk in near else len(near))
        else:
            empty.append(_("Nobody can take the review seat “{role}”.").format(role=plan.role.label))
    if empty:
        raise Refused(*empty)
    return found


def _my_seat(round_: Round, by: By, role: str) -> Seat:
    seats = round_.seats.filter(person=by.actor, answered_at=None)
    if role:
        seats = seats.filter(role=role)
    found = seats.exclude(opened_at=None).first() or seats.first()
    if found is None:
        raise Invalid({"seat": _("You have no open seat of this role.")})
    if found.opened_at is None:
        raise Refused(_("This seat answers after the others; they have not all answered yet."))
    return found


def _open_second_wave(round_: Round, by: By) -> list[int]:
    """Open the seats that waited once all others but the chair have answered; the ids of those opened."""
    if round_.seats.filter(wave=FIRST, is_chair=False, answered_at=None).exists():
        return []
    waiting = list(round_.seats.filter(wave=SECOND, opened_at=None))
    for seat in waiting:
        seat.opened_at = by.at
        seat.save(update_fields=["opened_at"])
    return [seat.pk for seat in waiting]


def _check_chair(round_: Round, decision: str) -> None:
    """A chair may only state what the seats say; conditions and refusal are the general manager's."""
    if decision in (Round.Decision.CONDITIONAL, Round.Decision.REJECTED):
        raise Denied(_("Only the general manager decides so, and only on a non-regular order."), MANAGERS)
    infeasible = round_.seats.filter(decision=Seat.Decision.INFEASIBLE).exists()
    if decision == Round.Decision.INFEASIBLE and not infeasible:
        raise Refused(_("No seat has found the order infeasible."))
    if decision == Round.Decision.PASSED and infeasible:
        raise Refused(_("A seat found the order infeasible: decide so, or return it for rework."))


def _check_answers(round_: Round) -> None:
    """A manager decides when all opinions are in; a chair need not wait once somebody said no (REV-16)."""
    missing = round_.seats.filter(answered_at=None)
    told_no = round_.seats.filter(decision=Seat.Decision.INFEASIBLE).exists()
    if not missing or (told_no and not round_.manager_decides):
        return
    names = "、".join(str(seat.get_role_display()) for seat in missing)
    raise Refused(_("These seats have not answered yet: {seats}.").format(seats=names))
