"""What must always be true of the clocks (P2, P22)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.db.models.functions import Coalesce

from deadlines.models import Deadline, Escalation, RuleSetting, TimedRule
from deadlines.rules import Rule, Trigger
from flow.invariants import invariant
from flow.models import Event


@invariant("every step of a deadline was recorded once, in order, none that was not taken")
def steps() -> Iterator[str]:
    """Compare the steps taken with the escalation rows."""
    rows = Deadline.objects.annotate(told=Count("escalations"), last=Max("escalations__step"))
    wrong = rows.exclude(told=F("step"), last=F("step") - 1).exclude(step=0, told=0)
    for pk, step, told, last in wrong.values_list("pk", "step", "told", "last"):
        yield f"deadline {pk}: {step} steps taken, {told} recorded, the last is {last}"


@invariant("a deadline past its due step is breached, and no late end was forgiven")
def breaches() -> Iterator[str]:
    """A breach is never taken back."""
    past = Exists(Escalation.objects.filter(deadline=OuterRef("pk"), kind=Escalation.Kind.DUE))
    rows = Deadline.objects.annotate(ended_at=Coalesce("paused_at", "done_at"))
    ended_late = Q(state=Deadline.State.DONE, ended_at__gt=F("due_at"))
    for pk in rows.filter(Q(past) | ended_late, breached=False).values_list("pk", flat=True):
        yield f"deadline {pk} is not marked as breached"


@invariant("a deadline runs if and only if its events say so")
def runs() -> Iterator[str]:
    """Replay the starts and ends that stand under no condition."""
    for rule in Rule.registry.values():
        yield from _ended_but_running(rule)
        yield from _started_but_missing(rule)


def _plain(triggers: tuple[Trigger, ...], rule: Rule) -> list[str]:
    """The verbs on the rule's own documents that always count."""
    own = f"{rule.subject}."
    return [t.verb for t in triggers if t.condition is None and t.verb.startswith(own)]


def _ended_but_running(rule: Rule) -> Iterator[str]:
    stops = _plain(rule.stop, rule) if rule.which is None else []
    ends = [verb for verb in (*stops, *_plain(rule.cancel, rule)) if verb not in _plain(rule.start, rule)]
    later = Event.objects.filter(
        verb__in=ends,
        subject_type=rule.subject,
        subject_id=OuterRef("subject_id"),
        pk__gt=OuterRef("started_by_id"),
    )
    rows = Deadline.objects.filter(rule=rule.slug, state__in=Deadline.RUNNING)
    for pk in rows.filter(Exists(later)).values_list("pk", flat=True):
        yield f"deadline {pk} ({rule.slug}) runs on after it was stopped"


def _started_but_missing(rule: Rule) -> Iterator[str]:
    starts = _plain(rule.start, rule)
    conditional = rule.when or rule.lines or rule.slots or rule.due.dated
    known = TimedRule.objects.filter(pk=rule.slug).first()
    if conditional or not starts or known is None or not rule.terms.active:
        return
    if RuleSetting.objects.filter(rule=known, active=False).exists():
        return
    row = Deadline.objects.filter(rule=rule.slug, subject_id=OuterRef("subject_id"))
    events = Event.objects.filter(verb__in=starts, subject_type=rule.subject, recorded_at__gte=known.since)
    for pk in events.exclude(Exists(row)).values_list("pk", flat=True):
        yield f"event {pk} started no deadline of {rule.slug}"
