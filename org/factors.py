"""The second factor: codes of a telephone (TOTP, RFC 6238), and codes on paper for the day it is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from org.models import Person, RecoveryCode, SecondFactor

STEP_SECONDS = 30
DIGITS = 6
# A code before and after the present one counts: clocks of telephones differ.
DRIFT = (-1, 0, 1)
PAPER_CODES = 10
# Without letters that look like others.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def has_factor(person: Person) -> bool:
    """Whether a code is asked of this person. One query."""
    return SecondFactor.objects.filter(person=person, confirmed_at__isnull=False).exists()


def code_name(person: Person) -> str:
    """Under which name the tries of this person's codes are counted; no user name has a blank."""
    return f"code of {person.pk}"


def begin(person: Person) -> str:
    """Make a new secret, which counts once a code confirms it; returns it in base32 for the telephone."""
    secret = secrets.token_bytes(20)
    SecondFactor.objects.update_or_create(
        person=person,
        defaults={"sealed": _box().encrypt(secret).decode(), "confirmed_at": None, "last_step": 0},
    )
    return base64.b32encode(secret).decode()


def pending(person: Person) -> str | None:
    """The secret that waits for its first code, in base32."""
    row = SecondFactor.objects.filter(person=person, confirmed_at__isnull=True).first()
    secret = _opened(row) if row else None
    return base64.b32encode(secret).decode() if secret else None


def address(person: Person, secret: str, issuer: str) -> str:
    """What the QR code says to the telephone."""
    label = quote(f"{issuer}:{person.get_username()}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"


def confirm(person: Person, code: str, *, now: datetime) -> list[str] | None:
    """Let the waiting secret count if the code is right; returns new codes for the paper, or None."""
    with transaction.atomic():
        row = SecondFactor.objects.filter(person=person, confirmed_at__isnull=True).first()
        if row is None or not _takes(row, code, now):
            return None
        SecondFactor.objects.filter(pk=row.pk).update(confirmed_at=now)
        return paper_codes(person)


def accepts(person: Person, code: str, *, now: datetime) -> bool:
    """Whether the code opens: one of the telephone that was not used before, or one of the paper, once."""
    said = "".join(code.split()).replace("-", "").lower()
    row = SecondFactor.objects.filter(person=person, confirmed_at__isnull=False).first()
    if row is None:
        return False
    if said.isascii() and said.isdigit() and len(said) == DIGITS:
        return _takes(row, said, now)
    unused = RecoveryCode.objects.filter(person=person, digest=_digest(person, said), used_at__isnull=True)
    return unused.update(used_at=now) == 1


def paper_codes(person: Person) -> list[str]:
    """New codes for the paper; the old ones open nothing any more."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(12)) for _ in range(PAPER_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(person=person).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(person=person, digest=_digest(person, code)) for code in codes
        )
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def codes_left(person: Person) -> int:
    """How many codes of the paper are unused."""
    return RecoveryCode.objects.filter(person=person, used_at__isnull=True).count()


def remove(person: Person) -> bool:
    """Take the second factor away, with its paper; whether there was one."""
    with transaction.atomic():
        RecoveryCode.objects.filter(person=person).delete()
        return SecondFactor.objects.filter(person=person).delete()[0] > 0


def code_at(secret: bytes, step: int) -> str:
    """The code of a half minute, counted from 1970."""
    mac = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = mac[-1] & 0xF
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(now: datetime) -> int:
    """The half minute of a moment."""
    return int(now.timestamp()) // STEP_SECONDS


def _takes(row: SecondFactor, code: str, now: datetime) -> bool:
    """Whether the code is right, and of a half minute later than every one taken: a code opens once."""
    secret = _opened(row)
    said = "".join(code.split())
    if secret is None:
        return False
    for drift in DRIFT:
        step = step_of(now) + drift
        if secrets.compare_digest(code_at(secret, step).encode(), said.encode()):
            fresh = SecondFactor.objects.filter(pk=row.pk, last_step__lt=step)
            return fresh.update(last_step=step) == 1
    return False


def _box() -> Fernet:
    key = hashlib.sha256(b"org.factors" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _opened(row: SecondFactor) -> bytes | None:
    """The secret; None when it was sealed with another key of the house, then only the paper opens."""
    try:
        return _box().decrypt(row.sealed.encode())
    except InvalidToken:
        return None


def _digest(person: Person, code: str) -> str:
    said = code.replace("-", "")
    return salted_hmac("org.factors.paper", f"{person.pk}:{said}", algorithm="sha256").hexdigest()
