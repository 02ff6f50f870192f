"""Moving the training clock, and saying what fell due on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import get_script_prefix
from django.utils.html import format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from deadlines.models import Deadline, Escalation
from deadlines.notices import sentence_of
from flow import clock
from flow.faces import Asking, face
from flow.models import Document
from flow.refusals import Denied
from org.calendars import worktime
from org.roles import Role

NAMED = 4
JUST_PAST = timedelta(seconds=1)
Aim = Callable[[datetime], datetime | None]


def next_morning(at: datetime) -> datetime:
    """When the next shift of the group's calendar begins."""
    calendar = worktime(None)
    today = calendar.next_workday(calendar.day_of(at))
    begins = calendar.shift_start(today)
    return begins if begins > at else calendar.shift_start(calendar.workdays_after(today, 1))


def next_due(at: datetime) -> datetime | None:
    """The second after the next running clock falls due; None while none runs."""
    rows = Deadline.objects.filter(state=Deadline.State.OPEN, due_at__gte=at)
    due = rows.order_by("due_at").values_list("due_at", flat=True).first()
    return None if due is None else due + JUST_PAST


def _later(**span: float) -> Aim:
    return lambda at: at + timedelta(**span)


# What the buttons of the banner offer: by the value they send, their words and where they lead.
STEPS: dict[str, tuple[Any, Aim]] = {
    "30m": (gettext_lazy("+30 min"), _later(minutes=30)),
    "1h": (gettext_lazy("+1 h"), _later(hours=1)),
    "4h": (gettext_lazy("+4 h"), _later(hours=4)),
    "morning": (gettext_lazy("Next working morning"), next_morning),
    "1d": (gettext_lazy("+1 day"), _later(days=1)),
    "due": (gettext_lazy("Next clock that falls due"), next_due),
}


def offered() -> list[tuple[str, Any]]:
    """The buttons: (value, words)."""
    return [(value, words) for value, (words, _aim) in STEPS.items()]


@require_POST
@face
def move_clock(request: Asking) -> HttpResponse:
    """Move the training clock ahead; only where it is switched on, and by an administrator.

    The workers do at their next tick what fell due meanwhile; the answer says what that is.
    """
    if not settings.TRAINING_CLOCK:
        raise Http404
    if Role.ADMIN not in request.viewer.roles:
        raise Denied(_("The training clock is moved by an administrator."), [Role.ADMIN])
    step = STEPS.get(request.POST.get("ahead", ""))
    if step is None:
        return HttpResponseBadRequest(_("The clock moves by one of the steps offered."))
    _move(request, step[1])
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if ours else "/")


def _move(request: Asking, aim: Aim) -> None:
    target = aim(request.at)
    if target is None:
        messages.info(request, _("No clock is running: there is nothing to wait for."))
        return
    rung = list(steps_between(request.at, target))
    moment = clock.advance(target - request.at)
    said = _("The clock of the house stands at {moment}.").format(
        moment=f"{localtime(moment):%Y-%m-%d %H:%M}"
    )
    messages.success(request, format_html("{} {}", said, effect(rung)))


def steps_between(begin: datetime, end: datetime) -> Iterator[tuple[str, Deadline]]:
    """The steps of all clocks that fall due after `begin` up to `end`, with their kind, in order."""
    rows = Deadline.objects.filter(state=Deadline.State.OPEN, next_at__lte=end).order_by("next_at", "pk")
    found = []
    for row in rows:
        for step in row.ladder[row.step :]:
            moment = datetime.fromisoformat(step["at"])
            if begin < moment <= end:
                found.append((moment, row.pk, step["kind"], row))
    yield from ((kind, row) for _moment, _pk, kind, row in sorted(found, key=lambda one: one[:2]))


def effect(rung: list[tuple[str, Deadline]]) -> SafeString:
    """What rang, in figures and with the first few of the clocks that matter most."""
    if not rung:
        return format_html("{}", _("No clock rang on the way."))
    many = Counter(kind for kind, _row in rung)
    figures = [_figure(kind, many[kind]) for kind in Escalation.Kind.values if many[kind]]
    order = {kind: place for place, kind in enumerate(("due", "escalate", "warn"))}
    shown = dict.fromkeys(row for _kind, row in sorted(rung, key=lambda one: order[one[0]]))
    links = [_link(row) for row in list(shown)[:NAMED]]
    listed = format_html_join("", '<li><a href="{}">{}</a> {} {}</li>', links)
    return format_html("{}<ul>{}</ul>", " ".join(figures), listed)


def _link(row: Deadline) -> tuple[str, str, str, str]:
    """The document of a clock with its address, and what its rule says."""
    model = Document.registry[row.subject_type]
    document = model._default_manager.get(pk=row.subject_id)
    return f"{get_script_prefix()}{row.path}/", str(document), row.code, sentence_of(row.rule)


def _figure(kind: str, n: int) -> str:
    if kind == Escalation.Kind.DUE:
        return ngettext("{n} clock fell due.", "{n} clocks fell due.", n).format(n=n)
    if kind == Escalation.Kind.WARN:
        return ngettext("{n} clock is near now.", "{n} clocks are near now.", n).format(n=n)
    return ngettext("{n} clock was told one level up.", "{n} clocks were told one level up.", n).format(n=n)
