"""What beat triggers: one short tick, harmless when it runs late, twice or not at all."""

from celery import shared_task
from django.utils import timezone

from config import heartbeat
from flow import clock, tick
from integration import working
from integration.outbox import Times


@shared_task(name="config.tasks.tick")
def tick_once() -> None:
    """Runs one tick at the house's time; the rows say what is due, so a lost tick loses nothing."""
    tick.run(at=clock.now())
    tick.beat(heartbeat.WORKER)


@shared_task(name="config.tasks.work_jobs")
def work_jobs() -> None:
    """Works off the jobs that nobody holds; their rows are the memory, so the call itself may be lost."""
    working.drain(Times(clock.now(), timezone.now))
