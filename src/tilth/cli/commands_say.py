"""Commands that say one record or a few: a new one, a correction, what happened to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, Command, Given, folder, saying, told
from tilth.cli.commands_quality import recall_told, show_recalled

if TYPE_CHECKING:
    from tilth.cli.screen import Screen
    from tilth.service.session import Session
    from tilth.service.speaking import Saying, Wish

__all__ = ["correct", "record", "revise"]

_PUT_IN = "Put in and mend"

_OPTIONS = (
    click.option(
        "--json-file",
        "file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="FILE",
        help="Fields of the record as JSON.",
    ),
    click.option(
        "--crs", default="", metavar="EPSG:N", help="System of typed coordinates, if not degrees."
    ),
    click.option(
        "--north",
        type=click.Choice(["true", "magnetic", "grid"]),
        default=None,
        help="Which north the bearings of a traverse refer to.",
    ),
    click.option(
        "--declination",
        default="",
        metavar="DEG",
        help="Declination of magnetic bearings, east positive; computed for the day without.",
    ),
    click.option("--dry-run", is_flag=True, help="Say what would be stored, and store nothing."),
    saying,
)


def _said(function: Any) -> Any:
    """Add the options in which the three commands are alike."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def _wish(options: dict[str, Any], **more: Any) -> Wish:
    from tilth.service.entering import Survey
    from tilth.service.speaking import Wish

    survey = Survey(options["crs"], options["north"] or "", options["declination"])
    return Wish(options["texts"], options["file"], survey, dry_run=options["dry_run"], **more)


_texts = click.argument("texts", metavar="[FIELD=VALUE]...", nargs=-1)


@click.command(cls=Command, section=_PUT_IN)
@folder
@click.argument("kind", metavar="KIND")
@_texts
@click.option("--for", "speaking_for", default="", metavar="ORG", help="In whose log; own without.")
@_said
def record(
    given: Given, directory: Path, kind: str, speaking_for: str, actor: str, **options: Any
) -> int:
    """Say one new record, or those of a JSON file: all of them, or none.

    Values are read like the cells of an import: words of code lists in any language, days by their
    notation, lists with ; between. Lines are JSON or @lines.csv. A shape is @area.geojson, a
    traverse @points.csv with --north, WKT, or positions with ; between. Records of people go to
    the vault. See tilth kinds for kinds and fields.

    \b
    Examples:
      tilth record border team code=T-1 echelon=team methods="manual; mdd" --actor im1
      tilth record border person code=D-017 name="…" sex=female --actor im1
      tilth record border hazard_area local_id=HA-9 shape=@ha9.geojson --actor im1
    """
    from tilth.service import speaking

    def say(session: Session) -> Saying:
        return speaking.record(session, kind, _wish(options, speaking_for=speaking_for))

    return _carry_out(given, directory, actor, "record", say, dry_run=options["dry_run"])


@click.command(cls=Command, section=_PUT_IN)
@folder
@click.argument("name", metavar="RECORD")
@_texts
@_said
def correct(given: Given, directory: Path, name: str, actor: str, **options: Any) -> int:
    """Say a record again with some fields changed, because they were wrong from the beginning.

    FIELD= with nothing behind it takes the field away. What was said before stays in the log.

    \b
    Example:
      tilth correct border T-1 methods="manual_detector; mdd" --actor im1
    """
    from tilth.service import speaking

    def say(session: Session) -> Saying:
        return speaking.correct(session, name, _wish(options))

    return _carry_out(given, directory, actor, "correct", say, dry_run=options["dry_run"])


@click.command(cls=Command, section=_PUT_IN)
@folder
@click.argument("name", metavar="RECORD")
@_texts
@click.option("--on", required=True, metavar="D", help="Day from which it is so.")
@_said
def revise(given: Given, directory: Path, name: str, on: str, actor: str, **options: Any) -> int:
    """Say what became of a record on a day: it was otherwise before, and rightly so.

    Asked for an earlier day it still says what it said.

    \b
    Example:
      tilth revise border operation boundary=@june.geojson --on 2026-06-01 --actor im1
    """
    from tilth.service import speaking

    def say(session: Session) -> Saying:
        return speaking.revise(session, name, _wish(options), on)

    return _carry_out(given, directory, actor, "revise", say, dry_run=options["dry_run"])


_PAST = {"record": "Recorded", "correct": "Corrected", "revise": "Revised"}


def _carry_out(
    given: Given,
    directory: Path,
    actor: str,
    act: str,
    say: Callable[[Session], Saying],
    *,
    dry_run: bool,
) -> int:
    with given.session(directory, actor) as session:
        said = say(session)
        protected = session.kind(said.kind).protected
    records = [
        {
            "record": one.record,
            "local_id": fields.get("local_id", "") if protected else one.local_id,
            "statement": one.statement,
            "missing": list(one.missing),
            "fields": {} if protected and not dry_run else fields,
        }
        for one, fields in zip(said.spoken, said.fields, strict=True)
    ]
    result = {
        "act": act,
        "kind": said.kind,
        "records": records,
        "warnings": [told(one) for one in said.warnings],
        "recalls": [recall_told(one) for one in said.recalled],
        "dry_run": dry_run,
    }
    given.answer(result, lambda screen: _show(screen, result, directory))
    return DONE


def _show(screen: Screen, result: dict[str, Any], directory: Path) -> None:
    for warning in result["warnings"]:
        screen.spans((f"{warning['code']} ({warning['where']}): ", "yellow"), (warning["what"], ""))
        screen.line(warning["fix"])
    for one in result["records"]:
        if one["missing"]:
            lacks = ", ".join(one["missing"])
            screen.line(f"{one['local_id']} is incomplete: it lacks {lacks}.", "yellow")
    show_recalled(screen, result["recalls"])
    if result["dry_run"]:
        _show_values(screen, result["records"])
        screen.last("Nothing was stored.", "the same command without --dry-run")
        return
    records = result["records"]
    named = records[0]["local_id"] if len(records) == 1 else f"{len(records):,} records"
    past, kind = _PAST[result["act"]], result["kind"].replace("_", " ")
    name = records[0]["local_id"] or records[0]["record"]
    screen.last(
        f"{past} {kind} {named}.",
        f"tilth show {directory} {name}; if it was wrong: tilth correct {directory} {name} "
        f"FIELD=VALUE",
    )


def _show_values(screen: Screen, records: list[dict[str, Any]]) -> None:
    from tilth.cli.screen import Column

    for one in records:
        rows = [(name, _value(value)) for name, value in one["fields"].items()]
        screen.table([Column("field"), Column("value")], rows)


def _value(value: Any) -> str:
    if isinstance(value, dict) and "coordinates" in value:
        return str(value["type"])
    if isinstance(value, list):
        return "; ".join(_value(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(one)}" for name, one in value.items())
    return "taken away" if value is None else str(value)
