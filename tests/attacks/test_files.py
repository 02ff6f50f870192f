"""A hostile file is refused with a sentence or served so that it runs in nobody's browser (P20)."""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from flow.models import Attachment
from flow.uploads import KINDS
from integration.models import Job
from org.roles import Role
from tests.attacks import payloads
from tests.attacks.payloads import NAMES, SCRIPT, Hostile
from tests.attacks.seats import Answer, Seat, read
from tests.faces.attempts import undone
from tests.goods import Factory
from tests.proofs import proven
from tests.story import Story

pytestmark = [pytest.mark.django_db, pytest.mark.faults, pytest.mark.usefixtures("one_database")]
SERVED = {mime for _begins, mime in KINDS.values()}
NOT_IN_A_NAME = re.compile(
    r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029\ud800-\udfff]"
)


@pytest.fixture
def desk(story: Story) -> Desk:
    """The clerk who files the contract that came back signed, with whatever he was sent."""
    story.contracted()
    return Desk(story)


class Desk:
    """Hands in a file through every face that takes one, looks at what comes of it, and takes it back."""

    def __init__(self, story: Story) -> None:
        self.story, self.seat = story, Seat(story.factory.person("sales_clerk"))
        contract = story.contract
        self.where = f"orders/contract/{contract.public_id}/record_customer_signature/"
        self.fields = {"signer": "王工", "signed_on": story.at.date().isoformat()}
        self.tried = 0
        self.faults: list[str] = []

    def hand_in(self, one: Hostile) -> None:
        """Through a page, a multipart request and JSON."""
        for face in (self._page, self._multipart, self._json):
            self.tried += 1
            with undone():
                before = Attachment.objects.count()
                answer = face(one)
                file = Attachment.objects.order_by("-pk").first()
                came = Attachment.objects.count() > before
                where = f"{face.__name__} {one.name[:40]!r}"
                if answer is not None:
                    self._judge(where, one, answer, file if came else None)

    def _page(self, one: Hostile) -> Answer:
        return self.seat.post(f"/{self.where}", self.fields | {"file": _upload(one)})

    def _multipart(self, one: Hostile) -> Answer:
        headers = {"Authorization": f"Token {self.seat.token}", "Accept-Language": "en"}
        sent = self.fields | {"file": _upload(one)}
        return read(self.seat.machine.post(f"/api/v1/{self.where}", sent, headers=headers))

    def _json(self, one: Hostile) -> Answer:
        content = base64.b64encode(one.content).decode()
        body = json.dumps(self.fields | {"file": {"name": one.name, "content": content}}).encode()
        return self.seat.call("POST", f"/api/v1/{self.where}", body)

    def _judge(self, where: str, one: Hostile, answer: Answer, file: Attachment | None) -> None:
        if answer.status >= 500:
            self.faults.append(f"{where}: {answer.status}")
        elif file is None:
            told = answer.status == 422 and (
                "errorlist" in answer.text or '"file"' in answer.text or "invalid" in answer.text
            )
            if not told and answer.status != 400:
                self.faults.append(f"{where}: {answer.status} without a sentence")
        elif not one.taken:
            self.faults.append(f"{where}: was taken")
        else:
            self.faults += [f"{where}: {fault}" for fault in self._served(file)]

    def _served(self, file: Attachment) -> Iterator[str]:
        """What is wrong with the way in which a file is given out."""
        if not re.fullmatch(r"\d{4}/\d{2}/[0-9a-f]{32}\.[a-z]{3,4}", file.stored):
            yield f"stored as {file.stored}"
        if NOT_IN_A_NAME.search(file.name):
            yield f"called {file.name!r}"
        for path in (f"/files/{file.public_id}/", f"/api/v1/attachments/{file.public_id}/"):
            answer = self.seat.get(path)
            if answer.status != 200 or not answer.headers["content-disposition"].startswith("attachment"):
                yield f"{path} {answer.status} {answer.headers.get('content-disposition')}"
                continue
            policy = answer.headers["content-security-policy"]
            if "sandbox" not in policy or "default-src 'none'" not in policy:
                yield f"policy {policy}"
            if (
                answer.headers["x-content-type-options"] != "nosniff"
                or "no-store" not in answer.headers["cache-control"]
            ):
                yield "sniffed or kept"
            if answer.headers["content-type"].partition(";")[0] not in SERVED:
                yield f"type {answer.headers['content-type']}"
            if "set-cookie" in answer.headers or NOT_IN_A_NAME.search(_called(answer)):
                yield f"name {answer.headers['content-disposition']}"
        yield from self._pictured(file)

    def _pictured(self, file: Attachment) -> Iterator[str]:
        page = self.seat.get(f"/files/{file.public_id}/preview/")
        if page.status != 200 or SCRIPT.decode() in page.text or "<img src=x" in page.text:
            yield f"preview {page.status}"
        picture = self.seat.get(f"/files/{file.public_id}/large/1.png")
        if picture.status == 200 and (SCRIPT in picture.raw or not picture.raw.startswith(b"\x89PNG")):
            yield "the picture is the file itself"
        if picture.status not in (200, 404):
            yield f"picture {picture.status}"


def _called(answer: Answer) -> str:
    """The name under which a browser would save the file."""
    message = Message()
    message["content-disposition"] = answer.headers["content-disposition"]
    return message.get_filename() or ""


def _upload(one: Hostile) -> Any:
    file = SimpleUploadedFile("x", one.content, content_type="text/html")
    # Set past Django's own care: a browser of one's own sends what it likes.
    file._name = one.name.encode("utf-8", "replace").decode()
    return file


def test_no_file_runs_in_another_browser(desk: Desk) -> None:
    for one in payloads.files():
        desk.hand_in(one)
    proven(
        "P20",
        injections=desk.tried,
        violations=len(desk.faults),
        note="; ".join(desk.faults[:9]) or "hostile files",
    )


def test_no_name_of_a_file_does_harm(desk: Desk) -> None:
    for name in NAMES:
        desk.hand_in(Hostile(name, payloads.PDF % (100, 100), taken=True))
    proven(
        "P20",
        injections=desk.tried,
        violations=len(desk.faults),
        note="; ".join(desk.faults[:9]) or "hostile names",
    )


def test_a_hostile_table_is_refused_in_words(factory: Factory) -> None:
    """Bombs, entities and torn archives end in a sentence, at once or on the page of the job."""
    seat = Seat(factory.person(Role.ADMIN))
    tried, faults, jobs = 0, [], 0
    for name, content in payloads.sheets():
        tried += 1
        before = Job.objects.count()
        answer = seat.post("/imports/catalog.item/", {"file": SimpleUploadedFile(name, content)})
        job = Job.objects.order_by("-pk").first() if Job.objects.count() > before else None
        shown = seat.get(f"/{job.path}/") if job else answer
        jobs += job is not None
        said = job.message or job.errors if job else answer.status == 422
        if max(answer.status, shown.status) >= 500 or "root:x:" in shown.text or not said:
            faults.append(f"{name}: {answer.status} {shown.status} {job and job.message}")
        if job and (job.state not in ("failed", "done") or "Traceback" in job.message):
            faults.append(f"{name}: {job.state} {job.message}")
    assert not (Path(tempfile.gettempdir()) / "slipped.txt").exists()
    assert jobs > 5
    proven("P20", injections=tried, violations=len(faults), note="; ".join(faults) or "hostile tables")
