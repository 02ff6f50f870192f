"""Makes, finds and revokes service tokens; the secret itself is shown once and kept nowhere."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db.models import CharField, Q

from integration.models import ServiceToken
from org.composed import Composed, Place
from org.models import Person

_by_digest = Composed(
    lambda: ServiceToken.objects.select_related("person").filter(
        digest=Place("digest", CharField()), revoked_at__isnull=True
    )
)
COARSE = timedelta(minutes=10)
MARK = "oc_"


def issue(person: Person, *, purpose: str = "") -> tuple[ServiceToken, str]:
    """A new token of `person`, and its secret, which nobody can read again."""
    secret = MARK + secrets.token_urlsafe(32)
    token = ServiceToken.objects.create(
        person=person, purpose=purpose, prefix=secret[:8], digest=digest(secret)
    )
    return token, secret


def find(secret: str) -> ServiceToken | None:
    """The token with this secret if it is not revoked; whether its person may come in is not asked here."""
    wanted = digest(secret)
    token = _by_digest.one(digest=wanted)
    return token if token and hmac.compare_digest(token.digest, wanted) else None


def note_use(token: ServiceToken, *, now: datetime) -> None:
    """Keep roughly when the token was last used (real time); writes at most once in ten minutes."""
    if token.last_used_at is None or token.last_used_at < now - COARSE:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - COARSE)
        ServiceToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def revoke(token: ServiceToken, *, now: datetime) -> None:
    """From now on the token opens nothing (real time)."""
    ServiceToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)


def digest(secret: str) -> str:
    """The SHA-256 by which a token is kept; a random secret of 256 bits needs no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
