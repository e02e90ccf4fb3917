"""Commands about files: what can be recorded, how to write it down, take it in, mend it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, SOME_REFUSED, Command, Given, folder, saying, told
from tilth.cli.commands_quality import recall_told, show_recalled
from tilth.core.problems import Problem, Refused, register

if TYPE_CHECKING:
    from tilth.cli.screen import Screen
    from tilth.service.importing import Imported, Order
    from tilth.service.session import Session

__all__ = ["import_", "kinds", "problems", "template"]

_PUT_IN = "Put in and mend"

register(
    {
        "not_field_and_value": (
            "{text} is not FIELD=VALUE.",
            "Write the name of a field, an equals sign and the value.",
        ),
        "two_answers": (
            "{one} and {other} contradict each other.",
            "Give one of them.",
        ),
        "file_exists_already": (
            "{path} is there already.",
            "Give another folder, or move the file away.",
        ),
    }
)


def pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """Read ``FIELD=VALUE`` options.

    Raises
    ------
    Refused
        ``not_field_and_value``.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise Refused(Problem("not_field_and_value", text, {"text": text}))
        found[name.strip()] = value.strip()
    return found


@click.command("import", cls=Command, section=_PUT_IN)
@folder
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--kind", required=True, metavar="KIND", help="What the rows are: see tilth kinds.")
@click.option("--layer", default="", metavar="L", help="Sheet or layer to read.")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    metavar="M.toml",
    help="Which column is which field; suggested and printed without one.",
)
@click.option(
    "--set",
    "set_fields",
    multiple=True,
    metavar="FIELD=VALUE",
    help="A value for every row that the file leaves out; may be repeated.",
)
@click.option("--source", default="", metavar="S", help="Which delivery series the file continues.")
@click.option("--new-source", is_flag=True, help="It continues none, although rows are equal.")
@click.option("--organisation", default="", metavar="ORG", help="Who did the work.")
@click.option("--crs", default="", metavar="EPSG:N", help="Reference system of its coordinates.")
@click.option(
    "--level",
    default="reported",
    type=click.Choice(["reported", "verified", "approved"]),
    help="Write the decisions that you may take, too: the file was checked already.",
)
@click.option("--withdraw-gone", is_flag=True, help="Withdraw what the source no longer says.")
@click.option("--dry-run", is_flag=True, help="The whole report, and nothing stored.")
@saying
def import_(given: Given, directory: Path, file: Path, level: str, actor: str, **asked: Any) -> int:
    """Take in a table or a GIS file as records of one kind.

    CSV, XLSX, GeoJSON, GeoPackage, shapefile (zipped too), KML, KMZ, GPX. Says how it reads each
    column before anything is stored. Rows that cannot go in are kept with their problems; bytes
    that were taken in before add nothing. After a kill the same command completes the import.

    \b
    Examples:
      tilth import border hazards.geojson --kind hazard_area --actor im1 --dry-run
      tilth import border days.csv --kind clearance_report --set place=Dagua --actor im1
    """
    from tilth.service.importing import Order
    from tilth.service.levels import Raised, raise_import, require_level

    if asked["source"] and asked["new_source"]:
        params = {"one": "--source", "other": "--new-source"}
        raise Refused(Problem("two_answers", "import", params))
    set_fields = pairs(asked.pop("set_fields"))
    order = Order(file=file, set_fields=set_fields, **asked)
    with given.session(directory, actor) as session:
        require_level(session, level)
        imported = _taken_in(given, session, order)
        raised = Raised(0) if order.dry_run else raise_import(session, imported, level)
        report, refused = _report(session, imported, order)
    if imported.recalled:
        report["recalls"] = [recall_told(one) for one in imported.recalled]
    if raised.stopped:
        report["not_approved"] = [told(one) for one in raised.stopped]

    def show(screen: Screen) -> None:
        from tilth.cli import present

        if imported.repeated:
            screen.line("These bytes were taken in before as this kind: they add nothing.")
            screen.line(
                f"To read them otherwise, first tilth withdraw {directory} --import {imported.id}.",
                "dim",
            )
        if imported.changes.withdrawn:
            screen.line(f"{imported.changes.withdrawn:,} records that are gone were withdrawn.")
        if raised.statements:
            screen.line(f"{raised.statements:,} statements raised to {level}.")
        show_recalled(screen, report.get("recalls", []))
        for one in report.get("not_approved", ()):
            screen.spans((f"Not approved: {one['code']}. ", "yellow"), (one["what"], ""))
            screen.line(one["fix"])
        present.import_report(
            screen,
            report,
            stated=_stated(imported),
            directory=str(directory),
            dry_run=order.dry_run,
        )

    given.answer(report, show)
    return SOME_REFUSED if refused or raised.stopped else DONE


def _taken_in(given: Given, session: Session, order: Order) -> Imported:
    """Import with a progress bar; a later delivery says first what it would change."""
    from dataclasses import replace

    from tilth.cli import present
    from tilth.service.deliveries import deliveries
    from tilth.service.importing import import_file

    source = order.source or order.file.name
    later = any(
        past.fields.get("source") == source
        for past in deliveries(session, order.kind, organisation=session.own)
    )
    if later and not given.json:
        with present.progress(f"Comparing {order.file.name}") as bar:
            planned = import_file(session, replace(order, dry_run=True), bar)
        if not planned.repeated:
            _show_changes(given.screen, source, planned)
        if order.dry_run:
            return planned
    with present.progress(f"Reading {order.file.name}") as bar:
        return import_file(session, order, bar)


def _show_changes(screen: Screen, source: str, planned: Imported) -> None:
    """Say what a later delivery changes, before it is applied."""
    changes = planned.changes
    screen.line(
        f"A later delivery of {source}: {changes.added:,} added, {changes.corrected:,} corrected, "
        f"{changes.revised:,} revised, {changes.unchanged:,} unchanged, {changes.gone:,} gone.",
        "bold",
    )
    if changes.gone:
        screen.line("What is gone stays, unless --withdraw-gone is given.")
    screen.line()


def _stated(imported: Imported) -> list[str]:
    if imported.delivery is None:
        return []
    return [*imported.delivery.stated.lines(), "", *imported.delivery.lines]


def _report(session: Session, imported: Imported, order: Order) -> tuple[dict[str, Any], int]:
    """JSON value of the import, and how many rows were refused."""
    from tilth.service.deliveries import find_delivery, read_notes

    changes, delivery = imported.changes, imported.delivery
    if delivery is not None:
        found = [one for row in delivery.refused for one in row.problems]
        refused = len(delivery.refused)
        counts = delivery.findings()
        warnings = [told(one) for one in delivery.warnings]
    else:
        past = find_delivery(session, imported.id)
        notes = read_notes(session, past)
        found = [problem for _, problem in notes.problems()]
        refused = int(past.fields.get("refused", 0))
        counts, warnings = notes.findings(), []
    if imported.lacking:
        counts["incomplete"] = imported.lacking
    report = {
        "import": imported.id,
        "read": imported.read,
        "accepted": changes.added + changes.corrected + changes.revised,
        "unchanged": changes.unchanged,
        "refused": refused,
        "problems": [told(one) for one in found],
        "warnings": warnings,
        "findings": [{"code": code, "count": counts[code]} for code in sorted(counts)],
    }
    return report, refused


@click.command(cls=Command, section=_PUT_IN)
@folder
@click.argument("imported", metavar="IMPORT")
@click.option("--csv", "as_csv", is_flag=True, help="The refused rows as a table, to be mended.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the table to a file that spreadsheet programs open.",
)
def problems(
    given: Given, directory: Path, imported: str, as_csv: bool, output: Path | None
) -> int:
    """List why rows of an import were refused, or write them as a table to be mended.

    The table has the columns of the file and the reason behind them. Mend it and import it again
    with --source naming the first delivery.

    \b
    Examples:
      tilth problems border 3f2a9c…
      tilth problems border 3f2a9c… --output mend.csv
    """
    from tilth.service.deliveries import find_delivery, read_notes

    with given.session(directory) as session:
        past = find_delivery(session, imported)
        notes = read_notes(session, past)
    listed = [{**told(problem), "part": part} for part, problem in notes.problems()]
    if as_csv or output:
        return _mendable(given, notes, output, directory, str(past.fields.get("source", "")))

    def show(screen: Screen) -> None:
        from tilth.cli import present

        present.problem_list(screen, listed, imported=imported, directory=str(directory))
        if listed:
            screen.line(f"The rows as a table: tilth problems {directory} {imported} --csv")

    given.answer({"import": imported, "problems": listed}, show)
    return DONE


def _mendable(given: Given, notes: Any, output: Path | None, directory: Path, source: str) -> int:
    """Write refused rows as CSV to standard output or a file."""
    from tilth.exchange.delivery import RefusedRow
    from tilth.exchange.refused import refused_csv

    rows = [
        RefusedRow(part, cells, tuple(Problem(*one) for one in found))
        for part, cells, found in notes.refused
    ]
    text = refused_csv(
        notes.columns, rows, lambda one: "{what} {fix}".format_map(told(one)).strip()
    )
    if output is None:
        click.echo(text, nl=False)
        return DONE
    if output.exists():
        raise Refused(Problem("file_exists_already", str(output), {"path": str(output)}))
    output.write_text(text, encoding="utf-8-sig", newline="")  # the mark tells Excel the encoding
    said = f"{len(rows)} refused rows written to {output}."
    following = f"tilth import {directory} {output} --kind KIND --source {source!r}"
    result = {"file": str(output), "rows": len(rows)}
    given.answer(result, lambda screen: screen.last(said, following))
    return DONE


_kind_of_workspace = click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take the national fields of this workspace along.",
)


def _known_kinds(given: Given, workspace: Path | None) -> Any:
    if workspace is None:
        from tilth.core.kinds.catalogue import KINDS

        return KINDS
    with given.session(workspace) as session:
        return session.kinds


def _kind_named(known: Any, name: str) -> Any:
    if name not in known:
        params = {"kind": name, "kinds": ", ".join(known)}
        from tilth.service import session  # noqa: F401 - registers the words of unknown_kind

        raise Refused(Problem("unknown_kind", name, params))
    return known[name]


@click.command(cls=Command, section="Begin")
@click.argument("kind", metavar="[KIND]", default="")
@_kind_of_workspace
def kinds(given: Given, kind: str, workspace: Path | None) -> int:
    """List the kinds of records, or the fields of one kind.

    \b
    Example:
      tilth kinds clearance_report
    """
    from tilth.cli.screen import Column

    known = _known_kinds(given, workspace)
    if not kind:
        listed = [
            {
                "kind": one.name,
                "label": one.label,
                "help": one.help,
                "fields": len(one.fields),
                "protected": one.protected,
            }
            for one in known.values()
            if one.name != "delivery"  # made by imports, never imported itself
        ]

        def show(screen: Screen) -> None:
            columns = [Column("kind", wrap=False), Column("what it records")]
            screen.table(columns, [[one["kind"], str(one["help"])] for one in listed])
            screen.last(f"{len(listed)} kinds.", "tilth kinds KIND")

        given.answer({"kinds": listed}, show)
        return DONE
    chosen = _kind_named(known, kind)
    fields = [_field(one) for one in chosen.fields]

    def show_fields(screen: Screen) -> None:
        columns = [Column("field", wrap=False), Column("type", wrap=False), Column("what it holds")]
        screen.line(f"{chosen.label}. {chosen.help}")
        screen.line()
        screen.table(columns, [row for one in fields for row in _field_rows(one)])
        screen.last(f"{len(fields)} fields; * is minimum data.", f"tilth template {kind}")

    given.answer({"kind": kind, "fields": fields}, show_fields)
    return DONE


def _field(one: Any) -> dict[str, Any]:
    said = {
        "name": one.name,
        "type": str(one.type),
        "label": one.label,
        "help": one.help,
        "unit": one.unit,
        "minimum": one.minimum,
        "codes": [code.value for code in one.codelist.codes] if one.codelist else [],
    }
    if one.fields:
        said["fields"] = [_field(inner) for inner in one.fields]
    return said


def _field_rows(one: dict[str, Any], before: str = "") -> Iterator[list[str]]:
    """Row of a field, and of each field of its lines under its dotted name."""
    told_of = [one["label"], one["help"], ", ".join(one["codes"])]
    what = ". ".join(text.rstrip(".") for text in told_of if text)
    name = f"{before}{one['name']}"
    yield [f"{name}{'*' if one['minimum'] else ''}", one["type"], what]
    for inner in one.get("fields", ()):
        yield from _field_rows(inner, f"{name}.")


@click.command(cls=Command, section="Begin")
@click.argument("kind", metavar="KIND")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="FOLDER",
    help="Where the two files go; the present folder by default.",
)
@_kind_of_workspace
def template(given: Given, kind: str, into: Path, workspace: Path | None) -> int:
    """Write an empty table of a kind, and the mapping file that explains each column.

    \b
    Example:
      tilth template clearance_report
    """
    from tilth.text.templates import template_csv, template_mapping

    chosen = _kind_named(_known_kinds(given, workspace), kind)
    texts = {
        into / f"{kind}.csv": template_csv(chosen),
        into / f"{kind}.toml": template_mapping(chosen),
    }
    for path in texts:
        if path.exists():
            raise Refused(Problem("file_exists_already", str(path), {"path": str(path)}))
    into.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="")
    table, mapping = texts
    following = f"tilth import DIR {table} --kind {kind} --mapping {mapping}"
    said = f"{table} and {mapping} written."
    result = {"table": str(table), "mapping": str(mapping)}
    given.answer(result, lambda screen: screen.last(said, following))
    return DONE
