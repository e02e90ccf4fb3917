"""Files taken in through pages: looked at first, mended, said, taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tilth.service.deliveries import deliveries
from tilth.service.session import Session, open_session
from tilth.web.importing.models import Upload

SignIn = Callable[..., Client]

HAZARDS = """id,date,classification,latitude,longitude,area_m2
N-901,2026-05-04,SHA,50.01,36.01,12000
N-902,2026-05-04,CHA,50.02,36.02,8000
N-903,someday,CHA,50.03,36.03,8000
"""


@pytest.fixture(autouse=True)
def done_at_once(settings: object) -> None:
    """Jobs run as they are asked for; the queue itself is tested elsewhere."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}  # type: ignore[attr-defined]


def send(client: Client, text: str, kind: str, name: str = "north.csv") -> str:
    file = SimpleUploadedFile(name, text.encode(), "text/csv")
    answer = client.post("/import", {"file": file, "kind": kind})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def said_by(folder: Path, kind: str, part: str) -> list[str]:
    with open_session(folder) as session:
        rows = session.workspace.store.select(kind, ["record"])
        return sorted({str(row[0]).rsplit("/", 1)[1] for row in rows if part in str(row[0])})


@pytest.mark.django_db(transaction=True)
class TestAFileIsTakenIn:
    def test_nothing_is_recorded_before_the_person_says_so(
        self, served: Path, sign_in: SignIn
    ) -> None:
        client = sign_in()
        page = client.get(send(client, HAZARDS, "hazard_area")).content.decode()
        assert "What taking it in would do" in page
        assert "someday" in page  # the row that cannot go in, as it stands in the file
        assert said_by(served, "hazard_area", "/N-90") == []

    def test_good_rows_go_in_and_the_refused_come_back_as_a_table(
        self, served: Path, sign_in: SignIn
    ) -> None:
        client = sign_in()
        where = send(client, HAZARDS, "hazard_area")
        done = client.post(f"{where}/take-in", {"level": "reported"}, follow=True)
        assert "Taken in." in done.content.decode()
        assert said_by(served, "hazard_area", "/N-90") == ["N-901", "N-902"]
        (link,) = re.findall(r"/import/delivery/\w+/refused\.csv", done.content.decode())[:1]
        table = client.get(link).content.decode("utf-8-sig").splitlines()
        assert len(table) == 2
        assert table[1].startswith("N-903,someday")
        assert Upload.objects.get().done is not None

    def test_the_same_bytes_add_nothing(self, served: Path, sign_in: SignIn) -> None:
        client = sign_in()
        client.post(f"{send(client, HAZARDS, 'hazard_area')}/take-in", {"level": "reported"})
        again = client.get(send(client, HAZARDS, "hazard_area")).content.decode()
        assert "they add nothing" in again

    def test_a_later_delivery_is_shown_as_a_difference(self, served: Path, sign_in: SignIn) -> None:
        client = sign_in()
        client.post(f"{send(client, HAZARDS, 'hazard_area')}/take-in", {"level": "reported"})
        later = HAZARDS.replace("8000", "8100").replace("someday", "2026-05-05")
        page = client.get(send(client, later, "hazard_area"))
        changes = page.context["told"]["changes"]
        assert (changes["added"], changes["corrected"], changes["unchanged"]) == (1, 1, 1)

    def test_a_delivery_is_taken_back_with_a_reason(self, served: Path, sign_in: SignIn) -> None:
        client = sign_in()
        client.post(f"{send(client, HAZARDS, 'hazard_area')}/take-in", {"level": "reported"})
        with open_session(served) as session:
            name = next(one.id for one in deliveries(session) if one.fields["accepted"] == 2)
        refused = client.post(f"/import/delivery/{name}", {"reason": " "})
        assert refused.status_code == 422
        assert "reason_missing" in refused.content.decode()
        taken = client.post(f"/import/delivery/{name}", {"reason": "wrong list"}, follow=True)
        assert "2 records were withdrawn" in taken.content.decode()

    def test_what_cannot_be_read_at_all_says_why(self, served: Path, sign_in: SignIn) -> None:
        client = sign_in()
        page = client.get(send(client, "\x00\x01\x02", "hazard_area", "noise.xlsx"))
        assert "The file cannot be read so" in page.content.decode()
        assert page.status_code == 200

    def test_another_column_may_be_chosen_for_a_field(self, served: Path, sign_in: SignIn) -> None:
        client = sign_in()
        text = "nr,when,what,latitude,longitude,bemerkung\nN-911,2026-05-04,SHA,50.01,36.01,wet\n"
        where = send(client, text, "hazard_area")
        told = client.get(where).context["told"]
        place = told["columns"].index("bemerkung")
        form = {"kind": "hazard_area", "kind_before": "hazard_area", "mapping": told["mapping"]}
        for at, heading in enumerate(told["columns"]):
            form |= {f"heading-{at}": heading, f"column-{at}": "="}
        form[f"column-{place}"] = "remarks"
        client.post(where, form)
        assert client.get(where).context["told"]["used"]["bemerkung"] == ["remarks"]


@pytest.mark.django_db
class TestWhoTakesFilesIn:
    def test_an_observer_does_not(self, read_only: Path, sign_in: SignIn) -> None:
        client = sign_in("observer")
        assert "does not take files in" in client.get("/import").content.decode()
        file = SimpleUploadedFile("a.csv", HAZARDS.encode())
        assert client.post("/import", {"file": file, "kind": "hazard_area"}).status_code == 422

    def test_somebody_elses_file_is_not_there(
        self, read_only: Path, sign_in: SignIn, db: None
    ) -> None:
        mine = send(sign_in(code="im-a"), HAZARDS, "hazard_area")
        other = sign_in(code="im-b")
        assert other.get(mine).status_code == 404
        assert other.post(f"{mine}/take-in").status_code == 404
        assert other.get(f"{mine}/map.svg").status_code == 404

    def test_one_organisations_file_continues_nothing_of_another(
        self, served: Path, sign_in: SignIn, ledger: Session
    ) -> None:
        names = [one.name for one in ledger.workspace.settings.organisations]
        operators = [name for name in names if name != ledger.organisation_name(ledger.authority)]
        for name in operators[:2]:
            client = sign_in(organisation=name)
            where = send(client, HAZARDS, "hazard_area")
            assert not client.get(where).context["told"]["repeated"]
            client.post(f"{where}/take-in", {"level": "reported"})
        assert len(said_by(served, "hazard_area", "/N-901")) == 1
        with open_session(served) as session:
            ours = [one for one in deliveries(session) if one.fields["accepted"] == 2]
        assert len({one.organisation for one in ours}) == 2
