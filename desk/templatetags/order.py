"""What the page of a document writes in its own way: moments in short, rows of two columns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag(takes_context=True)
def moment(context: dict[str, Any], at: datetime | date | None) -> SafeString | str:
    """A moment or a day as near as it is: 14:20 of today, 03-17 09:05 of this year, else in full."""
    if at is None:
        return "—"
    now = localtime(context["request"].at)
    if not isinstance(at, datetime):
        return _time(at, f"{at:%m-%d}" if at.year == now.year else f"{at:%Y-%m-%d}")
    local = localtime(at)
    if local.date() == now.date():
        return _time(at, _("today {time}").format(time=f"{local:%H:%M}"))
    return _time(at, f"{local:%m-%d %H:%M}" if local.year == now.year else f"{local:%Y-%m-%d %H:%M}")


def _time(at: datetime | date, said: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), said)


@register.filter
def is_moment(value: Any) -> bool:
    """Whether it is a day or a moment."""
    return isinstance(value, date)
