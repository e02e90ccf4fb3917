"""Commands about who may work: accredit, gate, training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, SOME_REFUSED, Command, Given, folder, saying, told

if TYPE_CHECKING:
    from tilth.cli.screen import Screen

__all__ = ["accredit", "gate", "training"]

_RUN = "Run the work"


def _codes(texts: Iterable[str]) -> tuple[str, ...]:
    """Codes of options that may be repeated and may each hold several, with , or blanks between."""
    found = (one for text in texts for one in text.replace(",", " ").replace(";", " ").split())
    return tuple(dict.fromkeys(found))


_activities = click.option(
    "--activity",
    "--activities",
    "activities",
    multiple=True,
    metavar="CODES",
    help="Activities, such as clearance,bac; every one without.",
)
_methods = click.option(
    "--method", "--methods", "methods", multiple=True, metavar="CODES", help="Methods."
)
_hazard_types = click.option(
    "--hazard-type",
    "--hazard-types",
    "hazard_types",
    multiple=True,
    metavar="CODES",
    help="Types of contamination, such as minefield.",
)


@click.command(cls=Command, section=_RUN)
@folder
@click.argument("name", metavar="HOLDER|ACCREDITATION")
@click.option(
    "--holder-type",
    type=click.Choice(["organisation", "team", "asset"]),
    help="What is accredited; without it NAME is an accreditation that changes.",
)
@_activities
@_methods
@_hazard_types
@click.option("--issued", default="", metavar="D", help="First day that counts; today without.")
@click.option("--expires", default="", metavar="D", help="Last day that counts.")
@click.option(
    "--status",
    type=click.Choice(["provisional", "full", "suspended", "withdrawn"]),
    help="Full without, when it is issued.",
)
@click.option("--on", default="", metavar="D", help="Day of a change; today without.")
@click.option("--reason", default="", metavar="TEXT", help="Why; needed to suspend or withdraw.")
@click.option("--organisation", default="", metavar="ORG", help="Whose team or asset it is.")
@click.option("--certificate", default="", metavar="NO", help="Number of the paper.")
@click.option("--sop", "sop_version", default="", metavar="V", help="Version of the procedures.")
@click.option("--id", "local_id", default="", metavar="ID", help="Its id; made without.")
@saying
def accredit(
    given: Given, directory: Path, name: str, holder_type: str | None, actor: str, **options: Any
) -> int:
    """Accredit an organisation, a team or an asset, or change an accreditation from a day on.

    Only what the authority says or approves opens the gate. A list left out means every activity,
    method or type of contamination. To suspend or withdraw needs a reason; withdrawn is for good.

    \b
    Examples:
      tilth accredit border T-3 --holder-type team --activities clearance,bac
        --expires 2027-03-31 --actor nmaa1
      tilth accredit border ACCREDITATION-0004 --status suspended --reason "Accident of 3 May"
        --actor nmaa1
    """
    from tilth.service import permits

    scope = {field: _codes(options.pop(field)) for field in ("activities", "methods")}
    scope["hazard_types"] = _codes(options.pop("hazard_types"))
    with given.session(directory, actor) as session:
        if holder_type is None:
            _only_changes(scope, options)
            changes = {field: options[field] for field in ("reason", "on", "expires")}
            status = options["status"] or ""
            result = permits.change_status(session, name, status, **changes)
            changed = f"{name} is {result['status']} from {result['on']} on."
            given.answer(
                result, lambda screen: screen.last(changed, f"tilth show {directory} {name}")
            )
            return DONE
        _only_new(options)
        told_more = {**options, **scope, "status": options["status"] or "full"}
        permit = permits.Permit(name, holder_type, **told_more)
        result = permits.accredit(session, permit)
    given.answer(result, lambda screen: _accredited(screen, result, name, holder_type, directory))
    return DONE


def _only_changes(scope: Mapping[str, Sequence[str]], options: Mapping[str, Any]) -> None:
    """Refuse what only a new accreditation takes."""
    only_new = [*scope, "issued", "organisation", "certificate", "sop_version", "local_id"]
    values = {**scope, **options}
    if any(values[field] for field in only_new) or not (options["status"] or options["expires"]):
        what = (
            "A change takes --status or --expires, with --reason and --on; "
            "to accredit somebody give --holder-type."
        )
        raise click.UsageError(what, click.get_current_context())


def _only_new(options: dict[str, Any]) -> None:
    """Refuse what only a change takes."""
    if options.pop("on"):
        what = "A new accreditation begins with --issued; --on is the day of a change."
        raise click.UsageError(what, click.get_current_context())


def _accredited(
    screen: Screen, result: Mapping[str, Any], name: str, holder_type: str, directory: Path
) -> None:
    if not result["known"]:
        screen.line(f"No {holder_type} {name} is recorded here yet.", "yellow")
    if result["missing"]:
        screen.line(f"It is incomplete: it lacks {', '.join(result['missing'])}.", "yellow")
    following = f"tilth gate {directory} --team {name} --activity …"
    if holder_type != "team":
        following = f"tilth show {directory} {result['local_id']}"
    screen.last(f"Accredited {holder_type} {name}: {result['local_id']}.", following)


@click.command(cls=Command, section=_RUN)
@folder
@click.option("--team", default="", metavar="T", help="Team that is to do it.")
@click.option("--activity", default="", metavar="A", help="Activity, such as clearance.")
@_methods
@_hazard_types
@click.option("--asset", "assets", multiple=True, metavar="CODES", help="Assets that are used.")
@click.option("--organisation", default="", metavar="ORG", help="Whose team; the team's own.")
@click.option("--on", "day", default="", metavar="D", help="Day of the work; today without.")
@click.option("--until", default="", metavar="D", help="Last day of the work; the same without.")
@click.option("--expiring", type=int, metavar="N", help="List what ends within N days instead.")
def gate(
    given: Given, directory: Path, team: str, activity: str, expiring: int | None, **options: Any
) -> int:
    """Tell whether a team may do a piece of work on a day: what stands in the way, what opens it.

    Ends with 1 when something stands in the way. With --expiring it lists accreditations, results
    of courses and tests of assets that count today and end soon.

    \b
    Examples:
      tilth gate border --team T-3 --activity bac --method bac_surface --on 2026-05-03
      tilth gate border --expiring 30
    """
    if expiring is not None:
        return _expiring(given, directory, expiring)
    if not team or not activity:
        what = "Give --team and --activity, or --expiring."
        raise click.UsageError(what, click.get_current_context())
    from tilth.service import permits

    listed = ("methods", "hazard_types", "assets")
    options |= {field: _codes(options[field]) for field in listed}
    question = permits.Question(team, activity, **options)
    with given.session(directory) as session:
        problems = [told(one) for one in permits.ask_gate(session, question)]
        day = question.day or session.today()
    days = f"{day} to {question.until}" if question.until else day
    result = {"team": team, "activity": activity, "days": days, "in_the_way": problems}
    given.answer(result, lambda screen: _in_the_way(screen, result))
    return SOME_REFUSED if problems else DONE


def _in_the_way(screen: Screen, result: Mapping[str, Any]) -> None:
    problems = result["in_the_way"]
    for one in problems:
        screen.spans((f"{one['code']} ", "red"), (one["what"], ""))
        screen.line(f"  {one['fix']}")
        screen.line(f"  In the way: {one['where']}", "dim")
    asked = f"{result['team']}, {result['activity']}, {result['days']}"
    if problems:
        number = f"{len(problems)} things stand" if len(problems) > 1 else "1 thing stands"
        screen.last(f"{number} in the way of {asked}.")
    else:
        screen.last(f"Nothing stands in the way of {asked}.")


def _expiring(given: Given, directory: Path, days: int) -> int:
    from tilth.service import permits

    with given.session(directory) as session:
        rows = permits.ending(session, days)
    given.answer(
        {"days": days, "ending": rows}, lambda screen: _endings(screen, rows, days, directory)
    )
    return DONE


def _endings(screen: Screen, rows: Sequence[Mapping[str, Any]], days: int, directory: Path) -> None:
    from tilth.cli.screen import Column

    columns = [
        Column("last day"),
        Column("days", numeric=True),
        Column("what"),
        Column("of"),
        Column("for", wrap=True),
        Column("record", wrap=True),
    ]
    shown = [
        (
            one["last"],
            str(one["days"]),
            str(one["kind"]).replace("_", " "),
            one["holder"],
            str(one["about"]).replace("_", " "),
            str(one["record"]).split("/", 2)[2],
        )
        for one in rows
    ]
    if rows:
        screen.table(columns, shown)
        following = f"tilth accredit {directory} HOLDER --holder-type … --expires D"
        screen.last(f"{len(rows):,} end within {days} days and are not renewed.", following)
    else:
        screen.last(f"Nothing ends within {days} days.")


@click.command(cls=Command, section=_RUN)
@folder
@click.argument("course", metavar="COURSE")
@click.option("--passed", multiple=True, metavar="CODES", help="Codes of who passed.")
@click.option("--failed", multiple=True, metavar="CODES", help="Codes of who did not.")
@click.option("--until", default="", metavar="D", help="Last day on which a passed result counts.")
@click.option("--on", default="", metavar="D", help="Day of the results; today without.")
@click.option("--for", "speaking_for", default="", metavar="ORG", help="In whose log; own without.")
@saying
def training(
    given: Given,
    directory: Path,
    course: str,
    passed: tuple[str, ...],
    failed: tuple[str, ...],
    actor: str,
    **options: str,
) -> int:
    """Record who passed and who failed a course: all of them, or none.

    People are named by code, several with , or blanks between; what is recorded of a course on a
    day once is not recorded twice.

    \b
    Example:
      tilth training border BAC-1 --passed "D-017 D-018 D-021" --failed D-019
        --until 2027-05-31 --actor tc1
    """
    from tilth.service import permits

    with given.session(directory, actor) as session:
        said = permits.train(
            session, course, passed=_codes(passed), failed=_codes(failed), **options
        )
    number = len(_codes(passed))
    result = {
        "course": course,
        "passed": number,
        "failed": len(said) - number,
        "records": [{"record": one.record, "statement": one.statement} for one in said],
    }
    happened = f"Recorded {number} passed and {len(said) - number} failed in {course}."
    following = f"tilth gate {directory} --expiring 30"
    given.answer(result, lambda screen: screen.last(happened, following))
    return DONE
