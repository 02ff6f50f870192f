"""A backup that is damaged, newer or of another kind is refused before anything is touched (P17)."""

from __future__ import annotations

import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from config.backup import archive, making, restoring
from config.backup.archive import Manifest, Reader, Writer
from flow import maintenance, papers, tick
from flow.models import MaintenanceRecord
from integration import outbox, working
from integration.outbox import Letter, Times
from tests.goods import Factory
from tests.people import NINE
from tests.proofs import proven
from tests.story import Story

FILES = {"2026/03/a.pdf": b"%PDF-1.7 a" * 90, "2026/03/b.txt": b"b" * 700}
DUMP = b"the tables" * 300


def manifest(**other: Any) -> Manifest:
    """What a backup of this house would say, but for `other`."""
    said: dict[str, Any] = {
        "vendor": connection.vendor,
        "taken_at": "2026-03-02T09:00:00+08:00",
        "host": "here",
        "migrations": {"flow": ["0001_initial"]},
        "events": 7,
        "seal": (1, "d"),
    }
    return Manifest(**{**said, **other})


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A small backup."""
    source = tmp_path / "source"
    said = manifest()
    with Writer(tmp_path / "made.tar").writing() as writer:
        for name, content in {archive.DATABASE: DUMP, **FILES}.items():
            source.write_bytes(content)
            if name == archive.DATABASE:
                said.database = writer.add(name, source)
            else:
                said.files[name] = writer.add(f"{archive.FILES}{name}", source)
        writer.seal(said)
    return tmp_path / "made.tar"


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """A house that believes to be empty."""
    monkeypatch.setattr(connection.introspection, "table_names", list)
    monkeypatch.setattr(restoring, "_others", lambda: 0)
    settings.MEDIA_ROOT = tmp_path / "files"


def contents(path: Path, folder: Path) -> dict[str, bytes]:
    """What a backup gives back when it is read as `restore` reads it."""
    reader = Reader(path)
    try:
        reader.check()
        found = {}
        files = (f"{archive.FILES}{name}" for name in reader.manifest.files)
        for number, name in enumerate([archive.DATABASE, *files]):
            reader.extract(name, folder / f"{number}")
            found[name] = (folder / f"{number}").read_bytes()
        return found | {"said": repr(asdict(reader.manifest)).encode()}
    finally:
        reader.close()


def test_what_went_in_comes_out(made: Path, tmp_path: Path) -> None:
    found = contents(made, tmp_path / "out")
    assert found[archive.DATABASE] == DUMP
    assert {name: found[f"{archive.FILES}{name}"] for name in FILES} == FILES
    assert made.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob(".made*"))


def test_no_damage_of_one_byte_is_restored(made: Path, tmp_path: Path) -> None:
    """Whatever byte is turned: the backup is refused, or what it gives back is what went in."""
    chance, whole = random.Random(17), made.read_bytes()
    right = contents(made, tmp_path / "right")
    wrong = refused = 0
    for round_ in range(150):
        at = chance.randrange(len(whole))
        bad = tmp_path / "bad.tar"
        bad.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :])
        try:
            wrong += contents(bad, tmp_path / f"out{round_}") != right
        except CommandError:
            refused += 1
    assert refused > 40
    proven("P17", injections=150, violations=wrong, note="one bit of a backup turned: refused or harmless")


def test_a_backup_cut_anywhere_is_refused(made: Path, tmp_path: Path) -> None:
    whole, bad = made.read_bytes(), tmp_path / "bad.tar"
    end = whole.rindex(b"0" * 8)
    for length in (*range(0, len(whole) - 10_240, 700), end - 1_000):
        bad.write_bytes(whole[:length])
        with pytest.raises(CommandError):
            contents(bad, tmp_path / f"out{length}")


def test_a_backup_fits_no_house_that_is_not_empty(db: None) -> None:
    with pytest.raises(CommandError, match="not empty"):
        restoring.refuse(manifest())


def test_a_backup_of_another_database_or_a_newer_version_is_refused(db: None, empty: None) -> None:
    restoring.refuse(manifest())
    with pytest.raises(CommandError, match="works on"):
        restoring.refuse(manifest(vendor="oracle"))
    newer = {"flow": ["0001_initial", "0999_next_year"]}
    with pytest.raises(CommandError, match=r"flow\.0999_next_year"):
        restoring.refuse(manifest(migrations=newer))


def test_a_folder_with_files_is_left_alone(db: None, empty: None, settings: Any, made: Path) -> None:
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "somebody's").write_text("file")
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", str(made))
    assert (settings.MEDIA_ROOT / "somebody's").read_text() == "file"


def test_what_fails_in_the_middle_is_undone(
    db: None, empty: None, settings: Any, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files come first; when the database cannot be filled they go again."""

    def fail(dump: Path) -> None:
        assert (settings.MEDIA_ROOT / "2026/03/a.pdf").read_bytes() == FILES["2026/03/a.pdf"]
        raise CommandError("no room")

    monkeypatch.setitem(restoring._fill, connection.vendor, fail)
    with pytest.raises(CommandError, match="no room"):
        call_command("restore", str(made))
    assert not settings.MEDIA_ROOT.exists()


def test_a_name_that_leads_outside_is_refused(
    db: None, empty: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    said = manifest()
    with Writer(tmp_path / "evil.tar").writing() as writer:
        said.database = writer.add(archive.DATABASE, source)
        said.files["../outside"] = writer.add(f"{archive.FILES}../outside", source)
        writer.seal(said)
    with pytest.raises(CommandError, match="outside the house"):
        call_command("restore", str(tmp_path / "evil.tar"))
    assert not (tmp_path / "outside").exists()


def test_attachments_that_are_not_whole_are_named_and_the_backup_goes_on(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = story.received().order
    clerk = story.by("sales_clerk")
    attached = [papers.attach(order, "scan", upload(name), by=clerk) for name in ("a", "b", "c")]
    Path(making.default_storage.path(attached[0].stored)).write_bytes(b"other")
    Path(making.default_storage.path(attached[1].stored)).unlink()
    said = manifest()
    source = tmp_path / "source"
    source.write_bytes(b"x")
    with Writer(tmp_path / "made.tar").writing() as writer:
        said.database = writer.add(archive.DATABASE, source)
        with connection.cursor() as cursor:
            making._add_files(writer, said, *making._named(cursor))
        writer.seal(said)
    assert sorted(said.damaged) == sorted(row.stored for row in attached[:2])
    assert set(said.files) == {attached[0].stored, attached[2].stored}


def upload(name: str) -> Any:
    """A small file as a browser sends it."""
    return SimpleUploadedFile(f"{name}.txt", name.encode())


def test_a_copy_is_silent_until_it_is_confirmed(factory: Factory, client: Client) -> None:
    outbox.put([Letter("mail", "k", "a@example.org", "mail", {"subject": "s", "text": "t"})])
    assert not maintenance.silent()
    maintenance.note(MaintenanceRecord.Kind.RESTORING)
    assert maintenance.silent()
    maintenance.note(MaintenanceRecord.Kind.RESTORED)
    times = Times(NINE, lambda: NINE.replace(year=2030))
    assert tick.run(at=NINE) == {}
    assert outbox.claim("mail", now=times.now()) is None
    assert working.claim(now=times.now()) is None
    assert client.get("/healthz").json()["restored_copy"] == "unconfirmed"
    client.force_login(factory.person("sales_clerk"))
    assert "This is a restored copy" in client.get("/", follow=True).content.decode()
    call_command("confirm_restored")
    assert not maintenance.silent()
    assert not maintenance.confirm()
    assert outbox.claim("mail", now=times.now()) is not None
    assert "This is a restored copy" not in client.get("/", follow=True).content.decode()
    assert "restored_copy" not in client.get("/healthz").json()
    kinds = [row.kind for row in MaintenanceRecord.objects.order_by("pk")]
    assert kinds == ["restoring", "restored", "confirmed"]
    assert set(maintenance.last()) == {"restoring", "restored", "confirmed"}
