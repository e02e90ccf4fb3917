"""Commands of quality: visits, samples, nonconformities and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, Command, Given, Program, folder, saying

if TYPE_CHECKING:
    from tilth.cli.screen import Screen
    from tilth.service.quality import Listed, Moved, MoveWish
    from tilth.service.session import Session
    from tilth.service.speaking import Wish

__all__ = ["nonconformity", "recall_told", "sample", "show_recalled", "visit"]

_RUN = "Run the work"

_texts = click.argument("texts", metavar="[FIELD=VALUE]...", nargs=-1)
_for = click.option(
    "--for", "speaking_for", default="", metavar="ORG", help="Who says it; the own one without."
)
_override = click.option(
    "--override",
    multiple=True,
    metavar="RULE",
    help="Pass this rule, with --reason; may be repeated. A finding for ever.",
)
_reason = click.option("--reason", default="", metavar="TEXT", help="Why a rule is overridden.")
_file = click.option(
    "--json-file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Fields of the record as JSON.",
)
_crs = click.option(
    "--crs", default="", metavar="EPSG:N", help="System of typed coordinates, if not degrees."
)


def _typing(function: Any) -> Any:
    """Options in which the commands that record something are alike."""
    for option in reversed((_texts, _file, _crs, _for)):
        function = option(function)
    return function


def _wish(options: dict[str, Any]) -> Wish:
    from tilth.service.entering import Survey
    from tilth.service.speaking import Wish

    return Wish(options["texts"], options["file"], Survey(options["crs"]))


@click.command(cls=Command, section=_RUN)
@folder
@_typing
@click.option(
    "--check",
    "checks",
    multiple=True,
    metavar="QUESTION=ANSWER",
    help="A line of the checklist: yes, no, not_applicable or not_seen, then : and a remark.",
)
@_override
@_reason
@saying
def visit(given: Given, directory: Path, actor: str, **options: Any) -> int:
    """Record a quality visit with its checklist.

    External visits are for the authority, a mine action centre or a quality body, internal ones
    for the organisation itself, by another person than did the work. Questions and fields: tilth
    kinds qm_visit.

    \b
    Example:
      tilth visit border inspected=BLUE task=T-7 activity=clearance stage=external \\
        result=satisfactory --check medic=yes --check "marking=no: tape down" --actor qa1
    """
    from tilth.service import quality
    from tilth.service.quality_entry import entered

    wish = quality.Overriding(options["override"], options["reason"])
    with given.session(directory, actor) as session:
        fields = entered(session, "qm_visit", _wish(options), options["checks"])
        said = quality.visit(session, fields, speaking_for=options["speaking_for"], overriding=wish)
    result: dict[str, Any] = {
        "record": said.record,
        "local_id": said.local_id,
        "statement": said.statement,
        "missing": list(said.missing),
    }

    def show(screen: Screen) -> None:
        _lacks(screen, result)
        screen.last(
            f"Recorded visit {said.local_id}.",
            f"tilth nonconformity raise {directory} visit={said.local_id} severity=…",
        )

    given.answer(result, show)
    return DONE


@click.command(cls=Command, section=_RUN)
@folder
@_typing
@_override
@_reason
@saying
def sample(given: Given, directory: Path, actor: str, **options: Any) -> int:
    """Record a sample inspection of finished ground; a missed item recalls what is in doubt.

    What shares team and method, asset or task with the ground where the item was missed, and no
    passed sample covers yet, counts as remaining at prudent until the authority decides.

    \b
    Example:
      tilth sample border stage=external released_areas=RA-7 shape=@s1.geojson items_missed=1 \\
        result=failed --actor qa1
    """
    from tilth.service import quality
    from tilth.service.quality_entry import entered

    wish = quality.Overriding(options["override"], options["reason"])
    with given.session(directory, actor) as session:
        fields = entered(session, "sample_inspection", _wish(options))
        said, found = quality.sample(
            session, fields, speaking_for=options["speaking_for"], overriding=wish
        )
    result: dict[str, Any] = {
        "record": said.record,
        "local_id": said.local_id,
        "statement": said.statement,
        "missing": list(said.missing),
        "recall": recall_told(found),
    }

    def show(screen: Screen) -> None:
        _lacks(screen, result)
        recalled = result["recall"]["areas"]
        show_recalled(screen, [result["recall"]])
        following = f"tilth recall list {directory}" if recalled else f"tilth findings {directory}"
        screen.last(f"Recorded sample {said.local_id}.", following)

    given.answer(result, show)
    return DONE


def recall_told(found: Any) -> dict[str, Any]:
    """What was recalled, as JSON; empty areas where nothing was."""
    areas = () if found is None else found.areas
    return {
        "statement": "" if found is None else found.statement,
        "missed": "" if found is None else found.missed,
        "areas": [
            {
                "record": one.record,
                "local_id": one.record.split("/", 2)[-1],
                "why": list(one.why),
            }
            for one in areas
        ],
    }


def show_recalled(screen: Screen, recalls: list[dict[str, Any]]) -> None:
    """Say which released areas were recalled; nothing where none was."""
    for areas in (one["areas"] for one in recalls if one["areas"]):
        names = ", ".join(one["local_id"] for one in areas[:10])
        more = f" and {len(areas) - 10:,} more" if len(areas) > 10 else ""
        screen.line(f"Recalled: {names}{more}. Their handover is blocked.", "yellow")


def _lacks(screen: Screen, result: dict[str, Any]) -> None:
    if result["missing"]:
        lacks = ", ".join(result["missing"])
        screen.line(f"{result['local_id']} is incomplete: it lacks {lacks}.", "yellow")


# -- nonconformities -------------------------------------------------------------------------------


@click.group(cls=Program, section=_RUN)
def nonconformity() -> None:
    """Raise what is not as it must be, act on it, close it.

    An open major one blocks release and handover of what it bears on; a critical one also stops
    its task until it is closed.
    """


@nonconformity.command("raise", cls=Command)
@folder
@_typing
@saying
def raise_(given: Given, directory: Path, actor: str, **options: Any) -> int:
    """Record a nonconformity: minor, major or critical.

    It bears on the released areas that it names, else on those of its task, else of its team. What
    its visit says of task, team and organisation is taken over.

    \b
    Example:
      tilth nonconformity raise border visit=V-3 severity=major nonconformity_type=marking \\
        description="No tape on the east side" due_on=2026-05-20 --actor qa1
    """
    from tilth.service import quality
    from tilth.service.quality_entry import entered

    with given.session(directory, actor) as session:
        fields = entered(session, "nonconformity", _wish(options))
        said = quality.raise_nonconformity(session, fields, speaking_for=options["speaking_for"])
    result: dict[str, Any] = {
        "record": said.record,
        "local_id": said.local_id,
        "statement": said.statement,
        "missing": list(said.missing),
    }

    def show(screen: Screen) -> None:
        _lacks(screen, result)
        screen.last(
            f"Raised {said.local_id}.",
            f"tilth nonconformity act {directory} {said.local_id} --reason TEXT",
        )

    given.answer(result, show)
    return DONE


def _moving(function: Any) -> Any:
    """Arguments and options in which the three moves are alike."""
    for option in reversed(
        (
            folder,
            click.argument("name", metavar="NONCONFORMITY"),
            click.option(
                "--reason", default="", metavar="TEXT", help="What was done, or why it is moved."
            ),
            click.option("--on", default="", metavar="D", help="Day of the move; today without."),
            _for,
            _override,
            saying,
        )
    ):
        function = option(function)
    return function


def _move(
    given: Given,
    directory: Path,
    name: str,
    options: dict[str, Any],
    move: Callable[[Session, str, MoveWish], Moved],
) -> int:
    from tilth.service.quality import MoveWish

    wish = MoveWish(options["reason"], options["on"], options["override"], options["speaking_for"])
    with given.session(directory, options["actor"]) as session:
        moved = move(session, name, wish)
    result: dict[str, Any] = {
        "nonconformity": moved.nonconformity,
        "move": moved.move,
        "from_state": moved.from_state,
        "to_state": moved.to_state,
        "record": moved.record,
        "statement": moved.statement,
        "organisation": moved.organisation,
        "overrides": list(moved.overrides),
    }

    def show(screen: Screen) -> None:
        was, now = (one.replace("_", " ") for one in (moved.from_state, moved.to_state))
        for line in moved.overrides:
            screen.line(f"Overridden: {line['rule']}. A finding for ever.", "yellow")
        screen.last(
            f"{moved.nonconformity.split('/', 2)[-1]}: {was} → {now}, by {moved.organisation}.",
            f"tilth nonconformity list {directory}",
        )

    given.answer(result, show)
    return DONE


@nonconformity.command(cls=Command)
@_moving
def act(given: Given, directory: Path, name: str, **options: Any) -> int:
    """Say what was done about it: for the organisation inspected.

    \b
    Example:
      tilth nonconformity act border NC-4 --reason "Tape renewed on 12 May" --actor tl3
    """
    from tilth.service.quality import act_on

    return _move(given, directory, name, options, act_on)


@nonconformity.command(cls=Command)
@_moving
def close(given: Given, directory: Path, name: str, **options: Any) -> int:
    """Close it: for who inspected, or the authority; by another person than acted on it.

    \b
    Example:
      tilth nonconformity close border NC-4 --actor qa1
    """
    from tilth.service.quality import close as closing

    return _move(given, directory, name, options, closing)


@nonconformity.command(cls=Command)
@_moving
def reopen(given: Given, directory: Path, name: str, **options: Any) -> int:
    """Open it again: what was done is not enough, or it came back.

    \b
    Example:
      tilth nonconformity reopen border NC-4 --reason "Tape down again" --actor qa1
    """
    from tilth.service.quality import reopen as reopening

    return _move(given, directory, name, options, reopening)


@nonconformity.command("list", cls=Command)
@folder
@click.option("--state", "states", multiple=True, metavar="S", help="Only in this state.")
@click.option("--severity", "severities", multiple=True, metavar="S", help="Only this severity.")
@click.option("--inspected", default="", metavar="ORG", help="Only of this organisation's work.")
@click.option("--until", default="", metavar="D", help="As at the end of this day.")
def list_(
    given: Given,
    directory: Path,
    states: tuple[str, ...],
    severities: tuple[str, ...],
    inspected: str,
    until: str,
) -> int:
    """List nonconformities with state and due day, the overdue first.

    \b
    Example:
      tilth nonconformity list border --state open --state reopened --severity major
    """
    from tilth.service import quality

    with given.session(directory) as session:
        rows = quality.nonconformities(
            session, states=states, severities=severities, inspected=inspected, day=until
        )
        found = [_listed(session, one) for one in rows]
    given.answer({"nonconformities": found}, lambda screen: _show(screen, found, directory))
    return DONE


def _listed(session: Session, one: Listed) -> dict[str, Any]:
    fields, held = one.case.fields, one.case.held
    return {
        "record": held.record,
        "local_id": held.local_id,
        "severity": one.case.severity,
        "state": one.case.standing.state,
        "contested": one.case.standing.contested,
        "happened_on": held.happened_on,
        "due_on": str(fields.get("due_on", "")),
        "overdue": one.overdue,
        "inspector": session.organisation_name(held.author),
        "inspected": str(fields.get("inspected", "")),
        "nonconformity_type": str(fields.get("nonconformity_type", "")),
        "task": str(fields.get("task", "")),
        "released_areas": [str(area) for area in fields.get("released_areas", ())],
        "possible": list(one.possible),
    }


def _show(screen: Screen, found: list[dict[str, Any]], directory: Path) -> None:
    from tilth.cli.screen import Column

    if not found:
        screen.last("No nonconformities.", f"tilth visit {directory} inspected=ORG …")
        return
    columns = [
        Column("nonconformity", wrap=False),
        Column("severity", wrap=False),
        Column("state"),
        Column("of"),
        Column("raised", wrap=False),
        Column("due", wrap=False),
    ]
    rows = []
    for one in found:
        due = f"{one['due_on']} overdue" if one["overdue"] else one["due_on"]
        style = "red" if one["overdue"] else ""
        state = one["state"].replace("_", " ") + (" ⚠ contested" if one["contested"] else "")
        rows.append(
            [
                one["local_id"],
                one["severity"],
                state,
                one["inspected"],
                one["happened_on"],
                (due, style),
            ]
        )
    screen.table(columns, rows)
    overdue = sum(1 for one in found if one["overdue"])
    open_ = sum(1 for one in found if one["state"] != "closed")
    named = "1 nonconformity" if len(found) == 1 else f"{len(found):,} nonconformities"
    screen.last(
        f"{named}, {open_:,} not closed, {overdue:,} overdue.",
        f"tilth show {directory} {found[0]['local_id']}",
    )
