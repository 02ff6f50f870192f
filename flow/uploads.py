"""Which files may come in: by name, size and first bytes, never by what the browser says (P20)."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LIMIT = 20 * 1024 * 1024
# file ending → how a real file of that kind begins, and the type it is served as
KINDS: dict[str, tuple[tuple[bytes, ...], str]] = {
    "pdf": ((b"%PDF-",), "application/pdf"),
    "png": ((b"\x89PNG\r\n\x1a\n",), "image/png"),
    "jpg": ((b"\xff\xd8\xff",), "image/jpeg"),
    "jpeg": ((b"\xff\xd8\xff",), "image/jpeg"),
    "docx": ((b"PK\x03\x04",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ((b"PK\x03\x04",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "doc": ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), "application/msword"),
    "xls": ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), "application/vnd.ms-excel"),
    "dwg": ((b"AC10",), "application/acad"),
    "eml": ((), "message/rfc822"),
    "txt": ((), "text/plain"),
}
_MARKUP = re.compile(rb"<\s*(html|script|svg|body|!doctype|\?xml|iframe|img)", re.IGNORECASE)


def ending(name: str) -> str:
    """The file ending in small letters, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def mime_of(name: str) -> str:
    """The type under which a file of this name is served."""
    return KINDS[ending(name)][1]


def check_upload(upload: Any) -> None:
    """Raise ValidationError with a sentence when the file is not one we take."""
    kind = ending(upload.name or "")
    if kind not in KINDS:
        raise ValidationError(
            _("Files of this kind are not taken. Allowed: %(kinds)s."),
            code="kind",
            params={"kinds": ", ".join(sorted(KINDS))},
        )
    if upload.size > LIMIT:
        raise ValidationError(_("The file is larger than 20 MB."), code="size")
    upload.seek(0)
    head = upload.read(1024)
    upload.seek(0)
    begins = KINDS[kind][0]
    if begins and not head.startswith(begins):
        raise ValidationError(_("The content is not what the file name says."), code="content")
    if not begins and (b"\x00" in head or _MARKUP.search(head)):
        raise ValidationError(_("The content is not plain text."), code="content")
