"""What a password must be, which were had before, and when one must be changed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from org.models import PasswordSet, Person

# What stands beside the known leaked passwords: words of a switchgear house that everybody thinks of first.
HABITS = frozenset(
    [
        *("admin", "administrator", "caigou", "caiwu", "chejian", "dianqi", "dingdan", "erp", "gongsi"),
        *("guanliyuan", "huanying", "iloveyou", "jingli", "kaiguan", "kaiguangui", "mima", "nihao"),
        "ordercycle",
        *("password", "root", "shengchan", "switch", "switchgear", "test", "user", "welcome", "wodemima"),
        *("woaini", "woaizhongguo", "xiaoshou", "xitong", "zhongguo", "zhijian"),
    ]
)
WALKS = (
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz"),
    *(
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
        "qazwsxedcrfvtgbyhnujm",
        "qweasdzxc",
        "147258369",
        "5201314",
        "1314520",
    ),
)
LEET = str.maketrans("@0134$5!7", "aoieassit")
# Days and mobile numbers, as people write them.
FIGURES = re.compile(r"(?:19|20)\d{2}[-./]?[01]\d[-./]?[0-3]\d|1[3-9]\d{9}")
WALKED = 4
LETTERS = 4
# What must be left without days, mobile numbers and rows of keys.
LEFT = 6
DIFFERENT = 6
# Hashing a text of megabytes would be work for free.
LONGEST = 200


class Predictable:
    """Refuses a leaked password dressed up with figures, walks over the keyboard, the words of the house."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with the reason."""
        if len(password) > LONGEST:
            raise ValidationError(
                _("A password has at most %(n)d characters.") % {"n": LONGEST}, code="password_too_long"
            )
        if len(set(password.lower())) < DIFFERENT:
            raise ValidationError(_("The password repeats too few characters."), code="password_repeats")
        if _is_known(password):
            raise ValidationError(
                _("The password is a well-known word, a date or a row of keys with a few figures around it."),
                code="password_predictable",
            )

    def get_help_text(self) -> str:
        """For the form."""
        return _("No well-known word, date or row of keys with a few figures around it.")


class Classes:
    """Asks for several classes of characters where the security profile does."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError when there are too few."""
        found = sum(bool(re.search(one, password)) for one in ("[a-z]", "[A-Z]", r"\d", r"[^A-Za-z\d]"))
        if found < settings.SECURITY.classes:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        """For the form; advice where nothing is asked."""
        if not settings.SECURITY.classes:
            return _("A long sentence is better than a short riddle.")
        return _(
            "At least %(n)d of these: small letters, capital letters, figures, other signs."
        ) % {"n": settings.SECURITY.classes}  # fmt: skip


class Remembered:
    """Keeps the hashes of passwords that were set, and refuses the last ones where the profile does."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError for one of the last passwords."""
        count = settings.SECURITY.remembered
        if not count or not isinstance(user, Person) or user.pk is None:
            return
        before = user.passwords.order_by("-pk").values_list("password", flat=True)[:count]
        if any(check_password(password, one) for one in before):
            raise ValidationError(self.get_help_text(), code="password_remembered")

    def password_changed(self, password: str, user: Any = None) -> None:
        """Note the new one; called by the person's `save`."""
        if isinstance(user, Person) and user.pk is not None:
            PasswordSet.objects.create(person=user, password=user.password)

    def get_help_text(self) -> str:
        """For the form; advice where nothing is asked."""
        count = settings.SECURITY.remembered
        if not count:
            return _("Not one that you use elsewhere.")
        return _("None of the last %(n)d passwords.") % {"n": count}


def chosen_by_self(person: Person) -> None:
    """The person chose the present password themselves."""
    latest = person.passwords.order_by("-pk").first()
    if latest is not None:
        PasswordSet.objects.filter(pk=latest.pk).update(own=True)


def must_change(person: Person, *, now: datetime) -> bool:
    """Whether the profile asks for another password: somebody else set it, or it is too old. One query."""
    profile = settings.SECURITY
    if not (profile.first_password_changed or profile.password_days) or not person.has_usable_password():
        return False
    latest = person.passwords.order_by("-pk").first()
    if profile.first_password_changed and (latest is None or not latest.own):
        return True
    since = latest.at if latest else person.date_joined
    return bool(profile.password_days) and since + timedelta(days=profile.password_days) <= now


def _is_known(password: str) -> bool:
    """Whether little is left of it without figures around, walks over the keyboard and well-known words."""
    typed = password.lower()
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", typed)
    plain = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", typed.translate(LEET))
    if {typed, bare, bare.translate(LEET), plain} & _leaked():
        return True
    rest = _without_walks(typed)
    few_letters = len(re.sub(r"[\W\d_]", "", bare)) < LETTERS
    return len(rest) < LEFT or (few_letters and len(rest) < LEFT + 2)


def _without_walks(typed: str) -> str:
    """What is left when days, mobile numbers and rows of neighbouring keys are taken out."""
    kept, place, typed = "", 0, FIGURES.sub("", typed)
    while place < len(typed):
        length = next(
            (n for n in range(len(typed) - place, WALKED - 1, -1) if _walks(typed[place : place + n])), 0
        )
        if not length:
            kept += typed[place]
        place += length or 1
    return kept


def _walks(piece: str) -> bool:
    return any(piece in walk or piece in walk[::-1] for walk in WALKS)


@cache
def _leaked() -> frozenset[str]:
    """Twenty thousand passwords known from leaks, which come with Django, and our own."""
    return frozenset(CommonPasswordValidator().passwords) | HABITS
