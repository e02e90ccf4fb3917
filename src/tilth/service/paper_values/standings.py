"""Where tasks stood on a document's day, with what stopped them."""

from __future__ import annotations

from collections.abc import Collection

from tilth.core.life.explosives import joint, shown, stock
from tilth.core.life.moves import Standing
from tilth.core.life.register import Held
from tilth.core.life.tasks import TaskCase, cases, standing_of
from tilth.core.statement import split_record_id
from tilth.service.paper_values.desk import Desk
from tilth.service.paper_values.work import total
from tilth.service.register import held

__all__ = ["explosives", "task_cases", "task_standing"]


def task_cases(desk: Desk, only: Held | None = None) -> dict[str, TaskCase]:
    """Tasks ordered by the document's day (or one of them) with what bears on them, by record."""
    tasks = [only] if only else list(desk.register.of("task").values())
    store = desk.session.workspace.store
    names = sorted({str(one.now().get("hazard", "")) for one in tasks} - {""})
    records = {
        record
        for name in names
        for record in ([name] if name.count("/") == 2 else store.find_record(name))
        if split_record_id(record)[1] == "hazard_area"
    }
    found = cases(desk.register, held(desk.session, records), only.record if only else "")
    return {r: one for r, one in found.items() if one.task.happened_on <= desk.until}


def task_standing(desk: Desk, case: TaskCase) -> Standing:
    """Where a task stands at the end of the document's day."""
    return standing_of(desk.register, case, desk.until)


def explosives(desk: Desk, tasks: Collection[Held]) -> list[dict[str, str]]:
    """Explosives of tasks, jointly of all organisations, by name and unit.

    ``allotted`` is what the orders allow; ``held`` what was issued and neither used nor returned;
    ``uncovered`` what was used or returned without an issue.
    """
    rows: dict[tuple[str, str], dict[str, str]] = {}
    names = {one.record for one in tasks}
    wanted = next(iter(names)) if len(names) == 1 else ""
    stocks = [one for one in stock(desk.register, desk.until, wanted) if one.key.task in names]
    terms = ("allotted", "issued", "returned", "used", "held", "uncovered")
    allotted: dict[tuple[str, str], list[str]] = {}
    for task in tasks:
        for line in task.at(desk.until).get("explosives_allotted", ()):
            key = (str(line.get("explosive", "")), str(line.get("unit", "")))
            allotted.setdefault(key, []).append(str(line.get("quantity", "0")))
    for one in stocks:
        one.key = one.key._replace(task="")  # jointly of all these tasks
    for whole in joint(stocks):
        rows[whole.key[2:]] = {
            name: shown(getattr(whole, name)) for name in terms if name != "allotted"
        }
    return [
        {
            "explosive": explosive,
            "unit": unit,
            "allotted": total(allotted.get((explosive, unit), ())),
            **{name: rows.get((explosive, unit), {}).get(name, "0") for name in terms[1:]},
        }
        for explosive, unit in sorted({*rows, *allotted})
    ]
