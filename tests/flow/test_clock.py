"""The training clock: a stored offset that keeps running and never goes back."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from flow import clock


@pytest.fixture
def training(db: None, settings: object) -> None:
    settings.TRAINING_CLOCK = True  # type: ignore[attr-defined]


def test_it_runs_ahead_by_what_was_asked(training: None) -> None:
    clock.advance(timedelta(hours=4))
    clock.advance(timedelta(days=1))
    assert (
        timedelta(hours=28)
        <= clock.now() - timezone.now() + timedelta(seconds=5)
        < timedelta(hours=28, minutes=1)
    )


def test_it_never_goes_back(training: None) -> None:
    with pytest.raises(clock.ClockError):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(clock.ClockError):
        clock.set_to(timezone.now() - timedelta(hours=1))


def test_outside_training_it_is_the_real_time(db: None, settings: object) -> None:
    settings.TRAINING_CLOCK = False  # type: ignore[attr-defined]
    with pytest.raises(clock.ClockError):
        clock.advance(timedelta(hours=1))
    assert abs(clock.now() - timezone.now()) < timedelta(seconds=5)


@pytest.mark.parametrize(("words", "hours"), [(["advance", "4h"], 4), (["advance", "1d2h30m"], 26.5)])
def test_the_command_moves_it(training: None, words: list[str], hours: float) -> None:
    out = StringIO()
    call_command("clock", *words, stdout=out)
    ahead = clock.now() - timezone.now()
    assert abs(ahead - timedelta(hours=hours)) < timedelta(seconds=5)
    assert out.getvalue().strip()


@pytest.mark.parametrize(
    "words", [["advance", "soon"], ["advance", ""], ["set", "yesterday"], ["set", "1999-01-01T00:00"]]
)
def test_the_command_refuses_what_it_does_not_understand(training: None, words: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("clock", *words)
