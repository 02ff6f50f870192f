"""The file of a backup: a tar with the database, the files, and a manifest by which each is checked."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError
from django.utils.translation import gettext_lazy as _

FORMAT = 1
DATABASE, FILES, MANIFEST, STAMP = "database", "files/", "manifest.json", "manifest.sha256"
CHUNK = 1024 * 1024


@dataclass
class Manifest:
    """What is in a backup. `files`: size and SHA-256 by stored name; `damaged`: attachments that were not
    whole in the house itself; `migrations`: names by app."""

    vendor: str
    taken_at: str
    host: str
    migrations: dict[str, list[str]]
    events: int
    seal: tuple[int, str] | None
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    database: tuple[int, str] = (0, "")
    format: int = FORMAT


class Hashing:
    """A file that is read once and hashed on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.hash = hashlib.sha256()

    def read(self, size: int = CHUNK) -> bytes:
        """The next bytes."""
        chunk = self.file.read(size)
        self.hash.update(chunk)
        return chunk


class Writer:
    """Writes a backup that is there wholly or not at all, for its owner's eyes only."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.draft = target.with_name(f".{target.name}.{os.getpid()}.part")

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Open the draft; it gets its name when all is written and on the disk."""
        descriptor = os.open(self.draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as self.tar:
                    yield self
                file.flush()
                os.fsync(file.fileno())
            os.link(self.draft, self.target)
        finally:
            self.draft.unlink(missing_ok=True)
        sync_folder(self.target.parent)

    def add(self, name: str, path: Path) -> tuple[int, str]:
        """Put a file in; its size and hash. Raises FileNotFoundError."""
        with path.open("rb") as file:
            reading = Hashing(file)
            info = tarfile.TarInfo(name)
            info.size = os.fstat(file.fileno()).st_size
            info.mode = 0o600
            self.tar.addfile(info, reading)
        return info.size, reading.hash.hexdigest()

    def seal(self, manifest: Manifest) -> None:
        """Put the manifest in, and its hash."""
        said = json.dumps(asdict(manifest), ensure_ascii=False).encode()
        for name, content in ((MANIFEST, said), (STAMP, hashlib.sha256(said).hexdigest().encode())):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            self.tar.addfile(info, BytesIO(content))


class Reader:
    """Reads a backup. Every doubt about it is a CommandError with a sentence."""

    def __init__(self, source: Path) -> None:
        self.source = source
        try:
            self.file = source.open("rb")
        except OSError as fault:
            raise self._broken(fault) from fault
        try:
            self.tar = tarfile.TarFile(fileobj=self.file)
            self.members = {member.name: member for member in self.tar.getmembers()}
            self.manifest = self._read()
        except (tarfile.TarError, KeyError, EOFError, OSError, ValueError, TypeError) as fault:
            self.file.close()
            raise self._broken(fault) from fault
        except CommandError:
            self.file.close()
            raise

    def _broken(self, fault: Exception) -> CommandError:
        return CommandError(
            _("{source} is no whole backup: {fault}.").format(source=self.source, fault=fault)
        )

    def _read(self) -> Manifest:
        said = self._content(MANIFEST)
        if hashlib.sha256(said).hexdigest().encode() != self._content(STAMP):
            raise CommandError(_("The list of contents in the backup is damaged."))
        read: dict[str, Any] = json.loads(said)
        if read.get("format") != FORMAT:
            raise CommandError(_("The backup has a format that this version does not know."))
        return Manifest(**read)

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()

    def check(self) -> None:
        """Read everything once. Raises CommandError where something is missing or is not what it was."""
        for name, (size, digest) in self._promised().items():
            if name not in self.members or self.members[name].size != size or self._hash(name) != digest:
                raise CommandError(
                    _("In the backup {name} is damaged; nothing was restored.").format(name=name)
                )

    def extract(self, name: str, target: Path) -> None:
        """Write one member to a new file for its owner only, and have it on the disk."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            source = self._open(name)
            while chunk := source.read(CHUNK):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    def _promised(self) -> dict[str, tuple[int, str]]:
        files = {f"{FILES}{name}": tuple(said) for name, said in self.manifest.files.items()}
        return {DATABASE: tuple(self.manifest.database), **files}  # type: ignore[dict-item]

    def _open(self, name: str) -> IO[bytes]:
        found = self.tar.extractfile(self.members[name])
        if found is None:
            raise KeyError(name)
        return found

    def _content(self, name: str) -> bytes:
        return self._open(name).read()

    def _hash(self, name: str) -> str:
        try:
            return hashlib.file_digest(self._open(name), "sha256").hexdigest()  # type: ignore[arg-type]
        except (tarfile.TarError, KeyError, OSError):
            return ""


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
