"""What beat triggers: one short tick, harmless when it runs late, twice or not at all."""

from celery import shared_task

from config import heartbeat
from flow import clock, tick


@shared_task(name="config.tasks.tick")
def tick_once() -> None:
    """Runs one tick at the house's time; the rows say what is due, so a lost tick loses nothing."""
    tick.run(at=clock.now())
    tick.beat(heartbeat.WORKER)
