"""The house examines itself as a job: whether its state contradicts itself, whether its past was touched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from flow import audit, invariants, maintenance
from flow.events import By
from flow.models import MaintenanceRecord
from integration import jobs
from integration.models import Job
from integration.run import Run

STATE, PAST = "desk.check_invariants", "desk.audit_events"
TITLES = {
    STATE: gettext_lazy("Check of the stored state"),
    PAST: gettext_lazy("Audit of the events"),
}
# So many sentences are kept; all of them are printed by the command on the machine.
KEPT = 50


@jobs.kind(STATE, TITLES[STATE])
def check_state(run: Run) -> str:
    """Run every invariant and keep the outcome (P22)."""
    return _kept(run, MaintenanceRecord.Kind.INVARIANTS, _contradictions)


@jobs.kind(PAST, TITLES[PAST])
def audit_past(run: Run) -> str:
    """Walk all seals and keep the outcome (P11)."""
    return _kept(run, MaintenanceRecord.Kind.AUDIT, lambda: audit.verify().findings)


def begin(name: str, *, by: By) -> tuple[Job, bool]:
    """Start it, unless it waits or runs already: the job, and whether it is a new one."""
    with transaction.atomic():
        running = Job.objects.filter(kind=name, state__in=jobs.OPEN).first()
        if running is not None:
            return running, False
        return jobs.start(name, by=by, title=TITLES[name], params={}), True


def _contradictions() -> list[str]:
    found = invariants.violations().items()
    return [f"{name}: {sentence}" for name, sentences in found for sentence in sentences]


def _kept(run: Run, kind: str, look: Callable[[], Iterable[str]]) -> str:
    """Look, write down what was found by whom in which time, and say it."""
    began = time.perf_counter()
    found = list(look())
    said = (
        ngettext("{n} finding.", "{n} findings.", len(found)).format(n=len(found))
        if found
        else _("Nothing was found.")
    )
    maintenance.note(
        kind,
        by=str(run.job.person)[:100],
        succeeded=not found,
        seconds=time.perf_counter() - began,
        summary="\n".join([said, *found[:KEPT]]),
    )
    return said
