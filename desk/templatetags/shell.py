"""The shell around every page: navigation, counts, the time of the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django import template
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from deadlines import boards
from deadlines.boards import Clock
from deadlines.screens import TONES, length_in_words, span_in_words
from desk import training as ahead
from desk.tasks import SHADES
from flow import faces, html, panels, policy, render
from flow.actions import Action
from flow.models import TrainingClock
from flow.policy import Viewer
from org.roles import Role

register = template.Library()


@dataclass
class Group:
    """A department in the navigation with its pages (label, path, key); `mine`: the person acts there."""

    title: Any
    key: str = ""
    mine: bool = False
    entries: list[tuple[Any, str, str]] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """The keys of its pages: the group of the page shown stands open."""
        return [key for _label, _path, key in self.entries]


@dataclass(frozen=True)
class Shell:
    """What the head and the side of a page show."""

    groups: list[Group]
    badges: list[panels.Badge]
    post: str
    at: datetime
    training: bool
    moves_clock: bool


@register.simple_tag(takes_context=True)
def shell(context: dict[str, Any]) -> Shell | None:
    """The shell for the person of the request; None for somebody who is not logged in."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    faces.know(request)
    viewer: Viewer = request.viewer  # type: ignore[union-attr]
    at: datetime = request.at  # type: ignore[union-attr]
    post = "、".join(dict.fromkeys(str(Role(p.role).label) for p in viewer.posts[:2]))
    moves = settings.TRAINING_CLOCK and Role.ADMIN in viewer.roles
    return Shell(_groups(viewer), panels.badges_of(viewer, at), post, at, training(), moves)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of our own icons; always beside a word or inside something with a label."""
    return format_html(
        '<svg class="ico" aria-hidden="true"><use href="{}#i-{}"></use></svg>', static("desk/icons.svg"), name
    )


@register.simple_tag
def vendor(name: str) -> SafeString:
    """The element that loads a borrowed script or style sheet; nothing where it was not fetched."""
    if not _fetched(name):
        return SafeString("")
    address = static(f"vendor/{name}")
    if name.endswith(".css"):
        return format_html('<link rel="stylesheet" href="{}">', address)
    return format_html('<script src="{}" defer></script>', address)


@cache
def _fetched(name: str) -> bool:
    return finders.find(f"vendor/{name}") is not None


@register.filter
def day(at: datetime) -> str:
    """A moment as the head of the page writes it: 3月18日 周三 14:36."""
    local = localtime(at)
    if (get_language() or "").startswith("zh"):
        return f"{local.month}月{local.day}日 周{'一二三四五六日'[local.weekday()]} {local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"


@register.simple_tag
def languages() -> list[tuple[str, str, bool]]:
    """The languages of the screens: (code, its name in short, whether it is the present one)."""
    short = {"zh-hans": "中文", "en": "English"}
    return [(code, short.get(code, code), code == get_language()) for code, _name in settings.LANGUAGES]


@register.simple_tag
def clock_steps() -> list[tuple[str, Any]]:
    """By how much the training clock is moved ahead: (value of the button, its words)."""
    return ahead.offered()


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The entry of a mapping under a key that is a variable."""
    return mapping[key]


@register.filter
def href(document: Any) -> str:
    """The address of a document's page."""
    return html.href(document)


@register.filter
def kind(model: Any) -> Any:
    """What documents of this type are called, many of them."""
    return model._meta.verbose_name_plural


@register.filter
def state_badge(document: Any) -> SafeString:
    """The state of a document as its badge."""
    badge = html.badge(document)
    return format_html('<span class="state state-{}">{}</span>', badge.tone, badge.text)


@register.filter
def is_link(cell: Any) -> bool:
    """Whether the cell of a panel is a pair (text, address)."""
    return isinstance(cell, tuple)


@register.filter
def words(value: Any) -> str:
    """A value of any kind as the house writes it."""
    return render.words(value)


@register.filter
def tone(clock: Clock) -> str:
    """The look of a clock's badge."""
    return TONES[clock.state]


@register.filter
def shade_word(clock: Clock) -> Any:
    """How a clock stands, in one word beside its colour."""
    named = {"late": _("Overdue"), "near": _("At risk"), "ok": _("On track"), "hold": _("Paused")}
    return named.get(TONES[clock.state], boards.STATES[clock.state])


@register.filter
def left_words(clock: Clock) -> str:
    """What is left of the time, or how late it is."""
    late = clock.left < timedelta()
    return "" if clock.state == "paused" else (length_in_words if late else span_in_words)(clock.left)


@register.filter
def told(clock: Clock) -> list[str]:
    """Who was told when that the clock runs out."""
    return [boards.told_line(step, names) for step, names in clock.told]


@register.filter
def span(length: timedelta | None) -> str:
    """A length of time in words."""
    return length_in_words(length) if length is not None else ""


@register.filter
def shade_name(shade: str) -> Any:
    """The word of a shade: overdue, at risk, on track, paused."""
    return {key: label for key, label, _icon in SHADES}[shade]


@register.filter
def clock_icon(tone: str) -> str:
    """The icon of a clock's badge: never colour alone."""
    named = {"late": "alert", "near": "near", "missed": "alert", "met": "check", "hold": "hold", "off": "off"}
    return named.get(tone, "clock")


def training() -> bool:
    """Whether the clock of the house runs ahead of real time, to teach."""
    return settings.TRAINING_CLOCK and TrainingClock.objects.exclude(offset=timedelta()).exists()


def _groups(viewer: Viewer) -> list[Group]:
    """The departments in the order of the flow, with the documents whose lists this person may read.

    Those in which the person may act stand first.
    """
    found: dict[str, Group] = {}
    hands = _hands(viewer)
    for screen in html.screens():
        model = screen.model
        if viewer.companies(policy.readers(model)) == set():
            continue
        app = model._meta.app_label
        title = apps.get_app_config(app).verbose_name
        group = found.setdefault(str(title), Group(title, app, app in hands))
        group.entries.append((model._meta.verbose_name, html.list_href(model), model.label()))
    for entry in panels.menu_of(viewer):
        group = found.setdefault(str(entry.group), Group(entry.group, "board", True))
        group.entries.append((entry.label, entry.path, entry.path))
    return sorted(found.values(), key=lambda group: not group.mine)


def _hands(viewer: Viewer) -> set[str]:
    """The apps in which one of the person's posts may do something."""
    return {
        verb.split(".")[0]
        for verb, action in Action.registry.items()
        if action.has_face and viewer.roles & action.may
    }
