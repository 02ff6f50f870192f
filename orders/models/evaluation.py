"""What the departments think of a finished order."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from flow.guards import guard
from flow.models import Document
from orders.models.order import Order


@guard(_("No department has answered yet: ask one that took part to answer first."))
def some_answered(evaluation: Evaluation) -> bool:
    return evaluation.answers.exists()


class Evaluation(Document):
    """订单评估: one for each completed order; the archive waits for it (ORD-58, ORD-59)."""

    slug = "evaluation"
    prefix = "PG"

    class State(models.TextChoices):
        OPENED = "opened", _("Opened")
        ANSWERED = "answered", _("Answered")
        DONE = "done", _("Done")

    state = FSMField(_("state"), choices=State, default=State.OPENED, protected=True, db_index=True)
    order = models.OneToOneField(Order, models.PROTECT, related_name="evaluation", verbose_name=_("order"))
    on_time = models.BooleanField(_("accepted in time"), default=False)
    summary = models.TextField(_("summary"), blank=True)

    class Meta:
        verbose_name = _("order evaluation")
        verbose_name_plural = _("order evaluations")

    @transition(state, source=[State.OPENED, State.ANSWERED], target=State.ANSWERED)
    def answer(self) -> None: ...

    @transition(state, source=State.ANSWERED, target=State.DONE, conditions=[some_answered])
    def finish(self) -> None: ...


class EvaluationAnswer(models.Model):
    """评估意见: the score, the problems and the proposals of one department."""

    evaluation = models.ForeignKey(
        Evaluation, models.CASCADE, related_name="answers", verbose_name=_("order evaluation")
    )
    department = models.CharField(_("department"), max_length=60)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("answered by")
    )
    score = models.PositiveSmallIntegerField(_("score"))
    problems = models.TextField(_("problems"), blank=True)
    proposal = models.TextField(_("proposal for improvement"), blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("evaluation answer")
        verbose_name_plural = _("evaluation answers")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["evaluation", "department"], name="orders_evaluation_department_once"
            ),
            models.CheckConstraint(
                name="orders_evaluation_score", condition=Q(score__gte=1) & Q(score__lte=5)
            ),
        )

    def __str__(self) -> str:
        return f"{self.department}: {self.score}"
