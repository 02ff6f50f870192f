"""What the tests of jobs share: times as the test tells them, sheets made in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from integration.outbox import Times
from org.models import Person
from tests.goods import Factory
from tests.integration.conftest import Clock
from tests.people import NINE

__all__ = ["Clock"]


@pytest.fixture
def clock() -> Clock:
    """A little ahead, so that what is put on the list now may be taken."""
    return Clock(timezone.now() + timedelta(seconds=1))


@pytest.fixture
def times(clock: Clock) -> Times:
    """The times of a worker; the house's own begins at nine o'clock of its first Monday."""
    return Times(NINE, clock)


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Any) -> None:
    """Files of a test lie in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def at_desk(factory: Factory) -> Callable[..., Client]:
    """`at_desk("sales_clerk")`: the browser of the holder of that role; a person is taken as is."""

    def seated(who: str | Person) -> Client:
        client = Client()
        client.force_login(factory.person(who) if isinstance(who, str) else who)
        return client

    return seated


@pytest.fixture
def administrator(factory: Factory) -> Person:
    """Who administers the house."""
    person = factory.person("admin")
    person.is_staff = True
    person.save()
    return person


def workbook(*rows: Sequence[Any], sheet: str = "data") -> bytes:
    """An .xlsx file with these rows; None is a cell with nothing in it, an empty row a blank one."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False})
    page = book.add_worksheet(sheet)
    for number, cells in enumerate(rows):
        for place, found in enumerate(cells):
            if found is not None:
                page.write(number, place, found)
    book.close()
    return file.getvalue()


def sent(content: bytes, name: str = "sheet.xlsx") -> SimpleUploadedFile:
    """The file as a browser uploads it."""
    return SimpleUploadedFile(name, content)
