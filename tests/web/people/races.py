"""What happens when two do the same at once, in a process of its own; prints what was seen.

Run by `test_people_at_once`, with SQLite and with PostgreSQL.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import django

django.setup()

from allauth.core.internal import ratelimit  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import DatabaseError, connection, transaction  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.utils import timezone  # noqa: E402

from tilth.core.problems import Refused  # noqa: E402
from tilth.web.people.invitations import find_link, one_time_sign_in, use_link  # noqa: E402
from tilth.web.people.membership import change_roles, deactivate  # noqa: E402
from tilth.web.people.models import Member, SecurityEvent  # noqa: E402
from tilth.web.serving.pages import migrate  # noqa: E402

ORGANISATION = "ab" * 16
_REQUEST = RequestFactory().get("/")


def together(*acts: Callable[[], Any]) -> list[str]:
    """Do all of them at once; each end is ``done`` or the code of a refusal."""
    ends: list[str] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            act()
            ends.append("done")
        except Refused as refused:
            ends.append(refused.problems[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sorted(ends)


def administrator(name: str) -> Member:
    user = User.objects.create_user(name)
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    return Member.objects.create(
        user=user, organisation=ORGANISATION, person_code=name, roles=["administrator"]
    )


def last_administrators() -> list[list[str]]:
    seen = []
    for turn in range(4):
        Member.objects.all().delete()
        one, two = administrator(f"a{turn}"), administrator(f"b{turn}")
        one, two = (Member.objects.select_related("user").get(pk=m.pk) for m in (one, two))
        acts = (
            (lambda one=one: deactivate(one), lambda two=two: change_roles(two, ["observer"])),
            (lambda one=one: deactivate(one), lambda two=two: deactivate(two)),
        )
        seen.append(together(*acts[turn % 2]))
    return seen


def links() -> list[list[str]]:
    seen = []
    for turn in range(2):
        code = one_time_sign_in(f"p{turn}", ORGANISATION, f"P-{turn}", ["observer"])
        code = code.partition("#")[2]
        held = [find_link(code) for _ in range(4)]
        seen.append(together(*(partial(use_link, link, _REQUEST) for link in held)))
    return seen


def attempts() -> int:
    """How many of 12 attempts at once from one address pass a limit of 5."""
    request = RequestFactory().post("/")
    passed: list[bool] = []

    def attempt() -> None:
        used = ratelimit.consume(request, app="people", action="x", config={"x": "5/m/ip"})
        passed.append(used is not None)

    together(*([attempt] * 12))
    return sum(passed)


def rewritten() -> list[str]:
    """Which ways to change the log the database itself lets through."""
    found = []
    before = SecurityEvent.objects.count()
    for name, sql in (
        ("update", "UPDATE people_securityevent SET username = 'x'"),
        ("delete", "DELETE FROM people_securityevent"),
    ):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
                found.append(name)
                transaction.set_rollback(True)
        except DatabaseError:
            continue
    assert SecurityEvent.objects.count() == before > 0
    return found


if __name__ == "__main__":
    migrate()
    migrate()  # a second time does nothing
    seen = {
        "vendor": connection.vendor,
        "administrators": last_administrators(),
        "links": links(),
        "attempts": attempts(),
        "rewritten": rewritten(),
    }
    json.dump(seen, sys.stdout)
