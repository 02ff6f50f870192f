"""A reference names a row by what people call it before what the database calls it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Item
from flow.forms import DocumentField, ReferenceField
from orders.models import Order
from tests.goods import Factory
from tests.story import Story


def test_a_code_that_looks_like_a_key_is_a_code(factory: Factory) -> None:
    """The item called 7 is meant by 7, whichever other item the database keeps under that key."""
    Item.objects.filter(pk=factory.cabinet.pk).update(code="00")
    named = Item.objects.create(code=str(factory.cabinet.pk), name="铜鼻子", unit=factory.cabinet.unit)
    assert ReferenceField(Item).clean(str(factory.cabinet.pk)) == named
    assert ReferenceField(Item).clean(str(factory.frame.pk)) == factory.frame


def test_where_nothing_has_a_code_only_the_key_is_meant(factory: Factory) -> None:
    field = ReferenceField(Item, by=())
    assert field.clean(str(factory.frame.pk)) == factory.frame
    with pytest.raises(ValidationError):
        field.clean("KYN28A-12")


def test_a_document_is_never_meant_by_its_key(story: Story) -> None:
    story.received()
    assert DocumentField(Order).clean(story.order.number) == story.order
    with pytest.raises(ValidationError):
        DocumentField(Order).clean(str(story.order.pk))
