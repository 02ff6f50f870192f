"""Pictures of files: drawn anew from what they show, so that the file itself never runs in a page (P20)."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import render as page
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from flow import html
from flow.faces import Asking, face, file_for
from flow.models import Attachment, Document
from flow.uploads import ending

logger = logging.getLogger(__name__)
PICTURES = frozenset({"png", "jpg", "jpeg"})
PAPERS = frozenset({"pdf"})
# Of a file with more pages the first are shown; all of them are in the file.
PAGES = 5
# The longest side of a picture in pixels: in a row of files, and on a page of its own.
SMALL, LARGE = 240, 1600
PATIENCE_SECONDS = 20
STORE = Path(settings.DATA_DIR) / "previews"
_PAINTER = Path(__file__).with_name("painter.py")


@dataclass(frozen=True)
class Shown:
    """A file in a list: with a picture where one can be made of it."""

    file: Attachment
    has_picture: bool


def shown(file: Attachment) -> Shown:
    """The file, and whether a picture can be made of it."""
    return Shown(file, ending(file.name) in PICTURES | PAPERS)


def picture(file: Attachment, *, page_number: int, side: int) -> Path | None:
    """The PNG of a page of the file, drawn at the first asking and kept; None where there is none to be had.

    It is drawn in a process of its own with little memory and little time: what is wrong with a file from
    outside ends that process, not the house.
    """
    if ending(file.name) not in PICTURES | PAPERS or not 1 <= page_number <= PAGES:
        return None
    kept = STORE / file.sha256[:2] / f"{file.sha256}-{page_number}-{side}.png"
    if kept.exists():
        return kept
    try:
        with default_storage.open(file.stored) as content:
            source = content.read()
    except FileNotFoundError:
        logger.error("The file %s of attachment %s is missing.", file.stored, file.public_id)
        return None
    kind = "pdf" if ending(file.name) in PAPERS else "picture"
    argv = [sys.executable, "-I", str(_PAINTER), kind, str(page_number), str(side)]
    try:
        drawn = subprocess.run(argv, input=source, capture_output=True, timeout=PATIENCE_SECONDS, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
        logger.warning("No picture of attachment %s, page %s: %s", file.public_id, page_number, failed)
        return None
    return _keep(kept, drawn.stdout)


def _keep(path: Path, content: bytes) -> Path:
    """Write it under another name first: nobody ever reads half a picture."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(f".{uuid4().hex}")
    half.write_bytes(content)
    os.replace(half, path)
    return path


@require_safe
@face
def image(request: Asking, public_id: UUID, size: str, number: int) -> HttpResponse:
    """The picture of one page of a file, small or large, for whoever may have the file itself."""
    side = {"small": SMALL, "large": LARGE}.get(size)
    drawn = picture(file_for(public_id, request.viewer), page_number=number, side=side) if side else None
    if drawn is None:
        raise Http404(_("There is no picture of this file. Save it to look at it."))
    answer = HttpResponse(drawn.read_bytes(), content_type="image/png")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


@require_safe
@face
def preview(request: Asking, public_id: UUID) -> HttpResponse:
    """A page that shows a file, page by page, with the way to save it and back to its document."""
    file = file_for(public_id, request.viewer)
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 3 else 1
    drawn = picture(file, page_number=number, side=LARGE)
    further = ending(file.name) in PAPERS and number < PAGES
    document = Document.registry[file.subject_type]._default_manager.get(pk=file.subject_id)
    context = {
        "file": file,
        "number": number,
        "drawn": drawn is not None,
        "following": number + 1 if further and picture(file, page_number=number + 1, side=LARGE) else 0,
        "document": document,
        "back": html.href(document),
        "menu": document.label(),
    }
    return page(request, "desk/preview.html", context)
