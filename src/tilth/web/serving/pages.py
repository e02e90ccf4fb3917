"""What is done before pages are served: the database brought up to date, static files laid out."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection, connections
from django.urls import get_resolver
from whitenoise.compress import Compressor

from tilth.core.problems import Refused
from tilth.text.messages import problem_text
from tilth.web.ledger import close_desk, public_desk

__all__ = ["FIRST_PERSON", "SAID", "first_link", "lay_out_static", "migrate", "prepared"]

FIRST_PERSON = "admin"
"""Sign-in name and code of who comes first; others get their own from this person."""
FIRST_ROLES = ("administrator", "information_manager", "operations_manager", "quality_officer")
_log = logging.getLogger("tilth.server")
SAID = "pages.json"
_KEPT_RELEASES = 2


def migrate() -> None:
    """Bring the database of accounts, sessions and jobs up to date; make it where it is missing."""
    if settings.WORKSPACE is not None and connection.vendor == "sqlite":
        path = Path(settings.DATABASES["default"]["NAME"])
        if path.is_absolute():
            path.touch(mode=0o600)
    if connection.vendor == "postgresql":
        _make_schema()
    call_command("migrate", verbosity=0, interactive=False)


def _make_schema() -> None:
    said = connection.settings_dict["OPTIONS"].get("options", "")
    schema = said.partition("search_path=")[2].strip()
    if schema:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {connection.ops.quote_name(schema)}")


def lay_out_static() -> None:
    """Copy static files, with compressed ones beside, into the folder of this release."""
    target = settings.STATIC_ROOT
    settings.WHITENOISE_USE_FINDERS = target is None
    if target is None or Path(target).is_dir():
        return
    final = Path(target)
    draft = final.with_name(f".{final.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    compressor = Compressor(quiet=True, use_brotli=False)
    for finder in get_finders():
        for path, storage in finder.list([]):
            copy = draft / path
            if copy.exists():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(storage.path(path), copy)
            if compressor.should_compress(path):
                compressor.compress(str(copy))
    draft.replace(final)
    releases = sorted(final.parent.glob("[!.]*"), key=lambda one: one.stat().st_mtime)
    for old in releases[:-_KEPT_RELEASES]:  # a page that is open may still ask for the last one
        shutil.rmtree(old, ignore_errors=True)


def first_link() -> str:
    """Path of a one-time sign-in for the first administrator; empty once anybody has signed in.

    Raises
    ------
    Refused
        What opening the workspace refuses.
    """
    from django.contrib.auth.models import User  # noqa: PLC0415 - the models are loaded by now

    from tilth.web.people.invitations import one_time_sign_in  # noqa: PLC0415

    if User.objects.filter(is_active=True, last_login__isnull=False).exists():
        return ""
    with public_desk() as session:
        own = session.workspace.settings.organisation
    return one_time_sign_in(FIRST_PERSON, own, FIRST_PERSON, FIRST_ROLES)


def prepared() -> WSGIHandler:
    """Prepare, say so in the runtime folder, and return the application that serves the pages.

    Called once, in the process that the workers are forked from. The file ``pages.json`` then holds
    ``link``, the path of a first sign-in or an empty text; or ``why`` nothing could be done. When
    it is there, as after a fall of this process, no second link is made: the first still holds.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.web.settings")
    django.setup()
    file = Path(os.environ["TILTH_RUNTIME"]) / SAID
    said: dict[str, Any] = {}
    try:
        get_resolver()._populate()  # pages are loaded here, once for all workers
        migrate()
        lay_out_static()
        if not file.exists():
            said = {"link": first_link()}
    except Refused as refusal:
        said = {"why": " ".join(problem_text(one)["what"] for one in refusal.problems)}
    except (DatabaseError, OSError) as error:
        said = {"why": " ".join(str(error).split())}
    except Exception as error:
        _log.exception("the pages cannot be prepared")
        said = {"why": f"a fault in Tilth itself, {type(error).__name__}"}
    if said:
        draft = file.with_name(f".{SAID}.new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(said), encoding="utf-8")
        draft.replace(file)
    if "why" in said:
        sys.exit(1)
    application = get_wsgi_application()
    close_desk()
    connections.close_all()
    return application
