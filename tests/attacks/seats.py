"""A person before the house, as a browser and as a program; what was answered, as plain text."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import pypdfium2
from django.test import Client

from integration import tokens
from org.models import Person

LANGUAGE = {"Accept-Language": "en"}


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers in small letters, and everything that can be read in it."""

    status: int
    headers: dict[str, str]
    text: str
    raw: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)


class Seat:
    """One person at a browser and with a token; a fault of the house is an answer too, never an exception."""

    def __init__(self, person: Person, *, entered: bool = True) -> None:
        self.person, self.entered = person, entered
        self.client = Client(raise_request_exception=False)
        self.machine = Client(raise_request_exception=False)
        if entered:
            self.client.force_login(person)
        self.token = tokens.issue(person)[1] if entered else "none"

    def get(self, path: str, **headers: str) -> Answer:
        """A page, or with an address of the API what a program is told."""
        if path.startswith("/api/"):
            return self.call("GET", path)
        return self._inside(read(self.client.get(path, headers=LANGUAGE | headers)))

    def post(self, path: str, data: Any = None, **headers: str) -> Answer:
        """A form that is sent, or to an address of the API a body of JSON."""
        if path.startswith("/api/"):
            return self.call("POST", path, data)
        return self._inside(read(self.client.post(path, data or {}, headers=LANGUAGE | headers)))

    def _inside(self, answer: Answer) -> Answer:
        """The answer; an attack by somebody who was thrown out proves nothing."""
        assert not (self.entered and answer.headers.get("location", "").startswith("/login/"))
        return answer

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A program's request."""
        sent = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        known = {"Authorization": f"Token {self.token}", **LANGUAGE, **headers}
        content = b"" if method == "GET" else sent
        answer = self.machine.generic(method, path, content, content_type="application/json", headers=known)
        return read(answer)


def read(answer: Any) -> Answer:
    """An answer with everything in it that a person could read: sheets and papers are opened."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status_code, headers, _opened(raw), raw)


def _opened(raw: bytes) -> str:
    if raw.startswith(b"PK\x03\x04"):
        book = zipfile.ZipFile(io.BytesIO(raw))
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    if raw.startswith(b"%PDF-"):
        return _paper(raw)
    text = raw.decode("utf-8", "replace")
    if text[:1] in "{[":
        # What JSON writes in escapes is found too.
        try:
            return json.dumps(json.loads(text), ensure_ascii=False)
        except ValueError:
            return text
    return text


def _paper(raw: bytes) -> str:
    try:
        document = pypdfium2.PdfDocument(raw)
        return "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    except pypdfium2.PdfiumError:
        return raw.decode("latin-1")
