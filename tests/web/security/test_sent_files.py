"""Files as somebody would send them who means ill, through the page of the import."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tilth.service.session import open_session
from tilth.web.importing import views
from tilth.web.importing.models import Upload

SignIn = Callable[..., Client]
GOOD = b"id,date,classification,latitude,longitude,area_m2\nZ-1,2026-05-04,SHA,50.01,36.01,12000\n"
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">
<!ENTITY b "&a;&a;&a;">]><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&b;</name>
<Point><coordinates>36,50</coordinates></Point></Placemark></kml>"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="zap()"><script>zap()</script></svg>'


@pytest.fixture(autouse=True)
def done_at_once(settings: Any) -> None:
    """Jobs run as they are asked for."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


def packed(**members: bytes) -> bytes:
    """A zip file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return made.getvalue()


def bomb(name: str) -> bytes:
    """300 kB that unpack to 300 MB."""
    return packed(**{name: b"\0" * 300_000_000})


HOSTILE = {
    "bomb.xlsx": lambda: bomb("xl/workbook.xml"),
    "bomb.kmz": lambda: bomb("doc.kml"),
    "entities.kml": lambda: ENTITIES,
    "entities.gpx": lambda: ENTITIES.replace(b"kml", b"gpx"),
    "outside.kmz": lambda: packed(**{"../../../../tmp/outside.kml": ENTITIES}),
    "entities.kmz": lambda: packed(**{"doc.kml": ENTITIES}),
    "picture.csv": lambda: SVG,
    "picture.kml": lambda: SVG,
    "picture.svg": lambda: SVG,
    "noise.gpkg": lambda: os.urandom(20_000),
    "empty.xlsx": lambda: b"",
    "zip.gpkg": lambda: packed(a=b"b"),
    "both.csv": lambda: GOOD + packed(a=b"b"),
    "html.csv": lambda: b"<html><script>zap()</script>",
    "program.xlsm": lambda: packed(**{"xl/vbaProject.bin": b"zap"}),
    "nul.csv": lambda: GOOD.replace(b"SHA", b"S\0HA"),
    "deep.geojson": lambda: b"[" * 200_000,
    "long.csv": lambda: b"id\n" + b"x" * 2_000_000,
    "wide.csv": lambda: b"a," * 100_000 + b"\n",
}


def send(client: Client, name: str, data: bytes, **form: str) -> Any:
    """Send a file as the page does."""
    file = SimpleUploadedFile("file.csv", data)
    file._name = name  # as a program sends it that cares for no rule; a browser's is plain
    return client.post("/import", {"file": file, "kind": "hazard_area", **form})


@pytest.mark.django_db(transaction=True)
class TestWhatIsSent:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_hostile_file_is_refused_or_read_as_text_and_brings_nothing(
        self, read_only: Path, sign_in: SignIn, name: str
    ) -> None:
        client = sign_in()
        before = seq(read_only)
        answer = send(client, name, HOSTILE[name]())
        if answer.status_code == 302:
            page = client.get(answer["Location"])
            text = page.content.decode()
            assert page.status_code == 200
            assert "root:x:" not in text
            assert "<script>zap()" not in text
            assert "onload=" not in text.replace("&quot;", "").split("<main")[0]
            picture = client.get(f"{answer['Location']}/map.svg")
            assert picture.status_code in (200, 404, 422)
            assert "sandbox" in picture["Content-Security-Policy"] or picture.status_code != 200
        else:
            assert answer.status_code == 422
        assert seq(read_only) == before
        assert not Path("/tmp/outside.kml").exists()

    @pytest.mark.parametrize(
        "name",
        [
            *(
                "../../../server.db",
                "/etc/cron.d/zap",
                "..\\..\\zap.csv",
                "a\x00.csv",
                ".csv",
                "...",
            ),
            *("%2e%2e%2fzap.csv", "a" * 600 + ".csv", "\u202egpj.csv", "a\r\nX: y.csv", "csv"),
            *(
                '"><img src=x onerror=zap()>.csv',
                "con.csv",
                "a.csv/",
                "a.CSV;.sh",
                "\U0001f4a3.csv",
            ),
        ],
    )
    def test_whatever_a_file_is_called_it_lies_in_its_own_folder(
        self, read_only: Path, sign_in: SignIn, name: str
    ) -> None:
        client = sign_in()
        answer = send(client, name, GOOD)
        assert answer.status_code in (302, 422), answer.status_code
        for one in Upload.objects.all():
            lies = one.path.resolve()
            assert lies.parent == (read_only / "derived" / "sent" / str(one.pk)).resolve()
            assert lies.name.startswith("file")
            assert lies.stat().st_mode & 0o077 == 0
            assert {path.name for path in one.folder.iterdir()} >= {lies.name}
            page = client.get(f"/import/{one.pk}").content.decode()
            assert "<img src=x" not in page
        assert client.get("/import").status_code == 200

    def test_a_file_that_is_too_large_is_told_so(
        self, read_only: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "MOST_BYTES", 1_000)
        answer = send(sign_in(), "big.csv", GOOD * 50)
        assert answer.status_code == 422
        assert "file_too_big" in answer.content.decode()
        assert not Upload.objects.exists()

    def test_nothing_that_a_form_adds_makes_somebody_else_of_the_sender(
        self, served: Path, sign_in: SignIn
    ) -> None:
        client = sign_in(organisation="Green")
        with open_session(served) as session:
            authority = session.authority
        forged = {
            *("organisation", "speaking_for", "author", "actor", "owner", "owner_id"),
            *("level", "roles", "said_at", "pk", "id", "log"),
        }
        form = dict.fromkeys(forged, authority)
        answer = send(client, "mine.csv", GOOD, **form)
        one = Upload.objects.get()
        assert one.organisation != authority
        client.post(f"{answer['Location']}/take-in", {**form, "level": "approved"})
        with open_session(served) as session:
            said = session.workspace.store.find_record("Z-1")
            assert all(not record.startswith(authority) for record in said)
            for record in said:
                (entry,) = session.workspace.store.of_records([record])[record]
                assert authority not in str(entry.header)


def seq(folder: Path) -> int:
    """Number of the newest statement."""
    with open_session(folder) as session:
        return session.workspace.store.last_seq()
