"""The clock of the review."""

from django.utils.translation import gettext_lazy as _

from deadlines.rules import LEADER, hours, rule, within
from org.roles import Role

rule(
    "review_opinion",
    "TM-38",
    _("Each seat of a review gives its opinion within one working day after it is opened."),
    start=("review.round.open", "review.round.give_opinion"),
    lines=lambda round_, event: round_.seats.filter(pk__in=event.data.get("opened", [])),
    stop="review.round.give_opinion",
    which=lambda round_, event: [event.data["seat_id"]],
    cancel=("review.round.decide", "review.round.return_for_rework"),
    due=within(workdays=1),
    warn=hours(2),
    owner=lambda round_, seat: seat.person,
    escalation=[LEADER, Role.ORDER_MGR, Role.GM],
)
