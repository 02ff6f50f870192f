"""Documents with their paper, and what stands on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest

from flow import prints
from flow.policy import Viewer
from flow.prints import Wanted
from quality.models import Inspection
from tests.story import Story

ROOT = "https://erp.example.com/"


def pages(pdf: bytes) -> list[str]:
    """The words of each page of a PDF."""
    opened = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in opened]
    finally:
        opened.close()


@pytest.fixture
def printed(story: Story) -> Callable[..., list[str]]:
    """`printed(document, "order", who="buyer")`: the words of each page of the form, printed by that role."""

    def do(document: Any, slug: str, *, who: str = "gm", copies: list[str] | None = None) -> list[str]:
        form = prints.form_of(document, slug)
        assert form is not None
        by = story.by(who)
        wanted = [Wanted(document, form, form.chosen(copies))]
        return pages(prints.issue(wanted, by=by, viewer=Viewer.of(by.actor, by.at), root=ROOT))

    return do


@pytest.fixture
def to_inspect(story: Story) -> Inspection:
    """Breakers that came and wait for quality."""
    order = story.ordered()[0]
    return story.handed_to_quality(story.delivered(order))
