"""``tilth recall``: released areas in doubt after a miss, and what the authority decides."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, Command, Given, Program, folder, saying
from tilth.cli.commands_quality import recall_told

if TYPE_CHECKING:
    from tilth.cli.screen import Screen
    from tilth.service.recalling import HandedOver, OpenRecall
    from tilth.service.session import Session

__all__ = ["recall"]


@click.group(cls=Program, section="Run the work")
def recall() -> None:
    """Released areas in doubt because an item was missed: list, propose, decide."""


@recall.command("list", cls=Command)
@folder
def list_(given: Given, directory: Path) -> int:
    """List open recalls: areas with what they share, m², and whom to tell of those handed over.

    \b
    Example:
      tilth recall list border
    """
    from tilth.service import recalling

    with given.session(directory) as session:
        found = [_told(session, one) for one in recalling.recalls(session)]
        missing = [
            {"record": one.record, "missed": one.other, **one.params}
            for one in recalling.findings(session)
        ]
    result = {"recalls": found, "named_by_none": missing}
    given.answer(result, lambda screen: _show(screen, result, directory))
    return DONE


def _told(session: Session, one: OpenRecall) -> dict[str, Any]:
    return {
        "statement": one.statement,
        "by": session.organisation_name(one.organisation),
        "missed": one.missed,
        "on": one.day,
        "reason": one.reason,
        "area_m2": one.area_m2,
        "areas": [
            {
                "record": record,
                "local_id": record.split("/", 2)[-1],
                "area_m2": area,
                "why": one.why.get(record, "").split(),
            }
            for record, area in one.areas.items()
        ],
        "handed_over": [_handover(handed) for handed in one.handed_over],
    }


def _handover(one: HandedOver) -> dict[str, Any]:
    return {
        "record": one.record,
        "certificate_number": one.certificate,
        "recipients": list(one.recipients),
    }


def _show(screen: Screen, result: dict[str, Any], directory: Path) -> None:
    from tilth.cli.screen import Column
    from tilth.text import figures

    for one in result["recalls"]:
        missed = one["missed"].split("/", 2)[-1]
        screen.line(
            f"⚠ {one['statement'][:12]}  missed: {missed}, {one['on']}  "
            f"{_areas(one['areas'])}, {figures.area(one['area_m2'])}  by {one['by']}",
            "bold",
        )
        columns = [Column("area", wrap=False), Column("m²", numeric=True), Column("shares")]
        rows = [
            [
                area["local_id"],
                "no polygon" if area["area_m2"] is None else figures.area(area["area_m2"]),
                ", ".join(area["why"]).replace("_", " "),
            ]
            for area in one["areas"]
        ]
        screen.table(columns, rows)
        _tell(screen, one["handed_over"])
        screen.line()
    for one in result["named_by_none"]:
        local, missed = (one[name].split("/", 2)[-1] for name in ("record", "missed"))
        screen.line(f"⚠ {local}: in doubt because of {missed}, named by no recall.", "yellow")
    count = len(result["recalls"])
    following = ""
    if result["recalls"]:
        first = result["recalls"][0]["statement"][:12]
        following = f"tilth recall decide {directory} {first} --uphold AREA --lift rest"
    elif result["named_by_none"]:
        missed = result["named_by_none"][0]["missed"].split("/", 2)[-1]
        following = f"tilth recall propose {directory} {missed}"
    screen.last(f"{count} open recalls." if count != 1 else "1 open recall.", following)


def _tell(screen: Screen, handed_over: list[dict[str, Any]]) -> None:
    for one in handed_over:
        name = one["certificate_number"] or one["record"].split("/", 2)[-1]
        whom = ", ".join(one["recipients"]) or "nobody is recorded"
        screen.line(f"Handed over by {name}. To be told: {whom}.", "yellow")


@recall.command(cls=Command)
@folder
@click.argument("missed", metavar="RECORD")
@click.option("--reason", default="", metavar="TEXT", help="Why, where it helps.")
@saying
def propose(given: Given, directory: Path, missed: str, reason: str, actor: str) -> int:
    """Recall what a sample, an accident or a review puts in doubt.

    RECORD tells of the missed item. What is recorded here by hand is recalled at once; this is for
    what came from elsewhere, and for ground that was reported later.

    \b
    Example:
      tilth recall propose border ACC-2 --actor qa1
    """
    from tilth.service import recalling

    with given.session(directory, actor) as session:
        found = recalling.propose(session, missed, reason)
    result = recall_told(found)

    def show(screen: Screen) -> None:
        for one in result["areas"]:
            screen.line(f"{one['local_id']}: {', '.join(one['why']).replace('_', ' ')}")
        screen.last(f"Recalled {_areas(result['areas'])}.", f"tilth recall list {directory}")

    given.answer(result, show)
    return DONE


@recall.command(cls=Command)
@folder
@click.argument("name", metavar="RECALL")
@click.option(
    "--uphold",
    multiple=True,
    metavar="AREA",
    help="Revoked from the day of the miss; rest means all that --lift does not name.",
)
@click.option(
    "--lift",
    multiple=True,
    metavar="AREA",
    help="No longer in doubt; rest means all that --uphold does not name.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why; needed.")
@saying
def decide(
    given: Given,
    directory: Path,
    name: str,
    uphold: tuple[str, ...],
    lift: tuple[str, ...],
    reason: str,
    actor: str,
) -> int:
    """Decide about every area of a recall; only the authority does.

    RECALL is its hash, the first digits of it, or the record of the miss.

    \b
    Example:
      tilth recall decide border 3fa1c09b --uphold RA-7 --lift rest \\
        --reason "Detector 12 failed its test; the others were found in order" --actor nmaa
    """
    from tilth.service import recalling

    with given.session(directory, actor) as session:
        made = recalling.decide(session, name, uphold=uphold, lift=lift, reason=reason)
    result: dict[str, Any] = {
        "upheld": list(made.upheld),
        "lifted": list(made.lifted),
        "revocation": made.revocation,
        "lift": made.lift,
        "to_be_told": [_handover(one) for one in made.told],
    }

    def show(screen: Screen) -> None:
        _tell(screen, result["to_be_told"])
        screen.last(
            f"Upheld {len(made.upheld):,}, lifted {len(made.lifted):,}.",
            f"tilth account {directory} --level prudent",
        )

    given.answer(result, show)
    return DONE


def _areas(areas: Sized) -> str:
    """``1 released area``, ``5,010 released areas``."""
    return "1 released area" if len(areas) == 1 else f"{len(areas):,} released areas"
