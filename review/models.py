"""The review of an order: a round with its seats."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from flow.guards import guard
from flow.models import Document
from orders.models import Order, OrderChange
from org.roles import Role


@guard(_("Not every seat finds the order feasible."))
def all_feasible(round_: Round) -> bool:
    return not round_.seats.exclude(decision=Seat.Decision.FEASIBLE).exists()


class Round(Document):
    """订单评审 / 合同评审表: one round of reviewing an order; all rounds are kept (REV-01…REV-23, E-64)."""

    slug = "round"
    prefix = "PS"

    class State(models.TextChoices):
        COLLECTING = "collecting", _("Collecting opinions")
        PASSED = "passed", _("Passed")
        CONDITIONAL = "conditional", _("Passed with conditions")
        INFEASIBLE = "infeasible", _("Not feasible")
        RETURNED = "returned", _("Returned for rework")
        REJECTED = "rejected", _("Not accepted")
        CANCELLED = "cancelled", _("Cancelled")

    class Route(models.TextChoices):
        """By which seats an order goes: its company's policy, its class, and whether it is a project."""

        T5_REGULAR = "t5_regular", _("Regular, policy A")
        T7_REGULAR = "t7_regular", _("Regular, policy B")
        T5_NON_REGULAR = "t5_non_regular", _("Non-regular, policy A")
        T7_NON_REGULAR = "t7_non_regular", _("Non-regular, policy B")
        PROJECT = "project", _("Project")
        PROJECT_NON_REGULAR = "project_non_regular", _("Non-regular project")
        DATE = "date", _("Delivery date of a change")
        PROJECT_DATE = "project_date", _("Delivery date of a project's change")

    class Decision(models.TextChoices):
        PASSED = "passed", _("Accept")
        CONDITIONAL = "conditional", _("Accept with conditions")
        INFEASIBLE = "infeasible", _("Not feasible by this date")
        REJECTED = "rejected", _("Do not accept")

    state = FSMField(_("state"), choices=State, default=State.COLLECTING, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="rounds", verbose_name=_("order"))
    change = models.ForeignKey(
        OrderChange,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rounds",
        verbose_name=_("order change"),
    )
    round_no = models.PositiveIntegerField(_("round"))
    route = models.CharField(_("route"), max_length=20, choices=Route)
    delivery_on = models.DateField(_("delivery date asked for"))
    instruction = models.TextField(_("instruction of the general manager"), blank=True)
    conditions = models.TextField(_("conditions"), blank=True)
    opinion = models.TextField(_("reasons of the decision"), blank=True)

    class Meta:
        verbose_name = _("review round")
        verbose_name_plural = _("review rounds")
        constraints = (
            models.UniqueConstraint(fields=["order", "round_no"], name="review_round_once"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state="collecting", change__isnull=True),
                name="review_round_one_open",
            ),
            models.UniqueConstraint(
                fields=["change"], condition=Q(state="collecting"), name="review_round_one_open_of_change"
            ),
            models.CheckConstraint(
                name="review_round_conditions", condition=~Q(state="conditional") | ~Q(conditions="")
            ),
        )

    @property
    def manager_decides(self) -> bool:
        """Whether the general manager decides and the seats advise (REV-16, E-61)."""
        return self.route in (self.Route.T5_NON_REGULAR, self.Route.PROJECT_NON_REGULAR)

    @transition(state, source=State.COLLECTING, target=State.COLLECTING)
    def give_opinion(self) -> None: ...

    @transition(state, source=State.COLLECTING, target=State.PASSED, conditions=[all_feasible])
    def pass_(self) -> None: ...

    @transition(state, source=State.COLLECTING, target=RETURN_VALUE(*Decision.values))
    def decide(self, decision: str) -> str:
        """Each decision is the state it leads to."""
        return str(decision)

    @transition(state, source=[State.COLLECTING, State.INFEASIBLE], target=State.RETURNED)
    def return_for_rework(self) -> None: ...

    @transition(state, source=State.COLLECTING, target=State.CANCELLED)
    def cancel(self) -> None: ...


class Seat(models.Model):
    """评审席位: whose opinion is asked; the second wave opens when the first has answered (REV-02)."""

    class Decision(models.TextChoices):
        FEASIBLE = "feasible", _("Feasible")
        INFEASIBLE = "infeasible", _("Not feasible")

    round = models.ForeignKey(Round, models.CASCADE, related_name="seats", verbose_name=_("review round"))
    position = models.PositiveIntegerField(_("seat"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="seats", verbose_name=_("person")
    )
    is_chair = models.BooleanField(_("chair"), default=False)
    wave = models.PositiveSmallIntegerField(_("wave"), default=1)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    earliest_on = models.DateField(_("earliest date"), null=True, blank=True)
    opinion = models.TextField(_("opinion"), blank=True)

    class Meta:
        verbose_name = _("review seat")
        verbose_name_plural = _("review seats")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["round", "position"], name="review_seat_once"),
            models.UniqueConstraint(
                fields=["round"], condition=Q(is_chair=True), name="review_seat_one_chair"
            ),
            models.CheckConstraint(
                name="review_seat_answer",
                condition=Q(answered_at__isnull=True, decision="")
                | (Q(answered_at__isnull=False, opened_at__isnull=False) & ~Q(decision="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.person}"
