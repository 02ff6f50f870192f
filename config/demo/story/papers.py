"""Papers as people bring them: a scan, a telephone call."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile


def scan(name: str = "scan.pdf") -> SimpleUploadedFile:
    """A file as a clerk uploads it."""
    return SimpleUploadedFile(name, b"%PDF-1.7 signed", content_type="application/pdf")


def call(content: str = "谈妥") -> dict[str, str]:
    """A telephone call as the contact form takes it."""
    return {"party": "华东电力公司 王工", "channel": "phone", "content": content}
