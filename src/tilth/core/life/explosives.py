"""Explosives for demolition, per task: drawn, brought back, used, and what is still held.

For every organisation, task, explosive and unit on a day::

    issued + uncovered = returned + used + held

Like the item account each term is the sum of its own lines: what is used or returned is taken from
the lines that were issued, oldest first; what is left of them is held, and what no issue covers is
*uncovered*. No term is the difference of others, so that the
equation can fail and is checked. The joint account is the sum of those of the organisations.

An issue counts from the first day that its date may mean, a return or use from the last: in doubt
more is held. Quantities are exact. Tilth ties explosives to what they destroyed; it says nothing of
how they are used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from tilth.core.days import NEVER, first_day, last_day
from tilth.core.findings import Finding, register
from tilth.core.life.quality import speaker_of
from tilth.core.life.register import Held, Register

__all__ = [
    "KINDS",
    "Key",
    "Stock",
    "Uncovered",
    "explosives_findings",
    "joint",
    "outstanding",
    "reports_named",
    "shown",
    "stock",
]

ISSUE, RETURN, USE = "explosives_issue", "explosives_return", "explosives_use"
KINDS = (ISSUE, RETURN, USE)
_IN_PLACE = "destroyed_in_place"


class Key(NamedTuple):
    """What one stock is of: organisation id (empty in the joint account), task, explosive, unit."""

    organisation: str
    task: str
    explosive: str
    unit: str


class Uncovered(NamedTuple):
    """Part of a use or return that no issue covered on its own day."""

    record: str
    quantity: Fraction
    later: bool
    """A later issue covers it."""


@dataclass(slots=True)
class Stock:
    """Stock of one explosive for one task, in its unit; every term is the sum of its own lines."""

    key: Key
    issued: Fraction = Fraction(0)
    returned: Fraction = Fraction(0)
    used: Fraction = Fraction(0)
    held: Fraction = Fraction(0)
    uncovered: Fraction = Fraction(0)
    gaps: list[Uncovered] = field(default_factory=list)

    @property
    def closure(self) -> Fraction:
        """Difference of the two sides; anything but 0 is a fault."""
        return self.issued + self.uncovered - self.returned - self.used - self.held


class _Line(NamedTuple):
    day: int
    order: int
    record: str
    kind: str
    quantity: Fraction


def shown(quantity: Fraction) -> str:
    """Quantity as a decimal string without needless zeros.

    Examples
    --------
    >>> shown(Fraction("12.50")), shown(Fraction(0)), shown(Fraction(1000))
    ('12.5', '0', '1000')
    """
    digits = 0
    while (quantity * 10**digits).denominator != 1:
        digits += 1
    whole = str(abs(int(quantity * 10**digits))).rjust(digits + 1, "0")
    sign = "-" if quantity < 0 else ""
    return f"{sign}{whole[:-digits]}.{whole[-digits:]}" if digits else f"{sign}{whole}"


def _quantity(values: Mapping[str, object]) -> Fraction:
    return Fraction(str(values.get("quantity") or "0"))


def task_of(register: Register, held: Held) -> str:
    """Record id of the task that a record names, or the name itself where none is held."""
    name = str(held.fields.get("task", ""))
    found = register.find("task", name, held.author)
    return found.record if found is not None else name


def _lines(register: Register, until: int, task: str) -> dict[Key, list[_Line]]:
    made: dict[Key, list[_Line]] = {}
    for order, kind in enumerate(KINDS):
        for record, held in register.of(kind).items():
            values = held.now()
            day = (first_day if kind == ISSUE else last_day)(held.happened_on)
            of_task = task_of(register, held)
            if day > until or (task and of_task != task):
                continue
            explosive, unit = str(values.get("explosive", "")), str(values.get("unit", ""))
            key = Key(speaker_of(register, held), of_task, explosive, unit)
            line = _Line(day, order, record, kind, _quantity(values))
            made.setdefault(key, []).append(line)
    return made


def stock(register: Register, day: str = "", task: str = "") -> list[Stock]:
    """Stock of every organisation, task, explosive and unit on a day, in that order.

    Parameters
    ----------
    day
        Inclusive; without it, of everything held.
    task
        Record id of one task; all without.
    """
    until = last_day(day) if day else NEVER
    return [_stock(key, lines) for key, lines in sorted(_lines(register, until, task).items())]


def _stock(key: Key, lines: Iterable[_Line]) -> Stock:
    """Take uses and returns from what was issued, in the order of days."""
    made = Stock(key)
    open_: list[Fraction] = []  # what is left of each issue, oldest first
    owed: list[_Line] = []  # uses and returns that no issue has covered yet
    for line in sorted(lines):
        if line.kind == ISSUE:
            made.issued += line.quantity
            left, owed = _covered(line, owed, made)
            open_.append(left)
            continue
        if line.kind == USE:
            made.used += line.quantity
        else:
            made.returned += line.quantity
        missing = line.quantity
        for n, left in enumerate(open_):
            part = min(missing, left)
            open_[n] = left - part
            missing -= part
        open_ = [left for left in open_ if left]
        if missing:
            owed.append(line._replace(quantity=missing))
    made.held = sum(open_, Fraction(0))
    made.uncovered = sum((line.quantity for line in owed), Fraction(0))
    made.gaps += [Uncovered(line.record, line.quantity, later=False) for line in owed]
    made.gaps.sort()
    return made


def _covered(issue: _Line, owed: list[_Line], made: Stock) -> tuple[Fraction, list[_Line]]:
    """Cover earlier uses and returns by an issue of a later day: what is left of it, of them."""
    left, still = issue.quantity, []
    for line in owed:
        part = min(left, line.quantity)
        left -= part
        if part:
            made.gaps.append(Uncovered(line.record, part, later=True))
        if line.quantity > part:
            still.append(line._replace(quantity=line.quantity - part))
    return left, still


def joint(stocks: Iterable[Stock]) -> list[Stock]:
    """Sum over organisations, per task, explosive and unit."""
    made: dict[Key, Stock] = {}
    for one in stocks:
        key = one.key._replace(organisation="")
        whole = made.setdefault(key, Stock(key))
        whole.issued += one.issued
        whole.returned += one.returned
        whole.used += one.used
        whole.held += one.held
        whole.uncovered += one.uncovered
        whole.gaps += one.gaps
    return [made[key] for key in sorted(made)]


def outstanding(register: Register, task: str, day: str = "") -> list[Stock]:
    """Stocks of a task (its record id) of which something is held on a day."""
    return [one for one in stock(register, day, task) if one.held]


def reports_named(register: Register) -> set[str]:
    """Names of reports in the charges of the demolition log; of a full id its local id too."""
    found: set[str] = set()
    for held in register.of(USE).values():
        for charge in held.now().get("charges", ()):
            name = str(charge.get("report", ""))
            found |= {name, name.split("/", 2)[-1]} if name.count("/") >= 2 else {name}
    return found - {""}


def explosives_findings(
    register: Register,
    reports: Mapping[str, Held],
    *,
    closed: Collection[str] = (),
    day: str = "",
) -> list[Finding]:
    """What the stock and the demolition log give reason to notice, on a day.

    Parameters
    ----------
    reports
        Clearance reports and spot tasks by record: those that name a task, and those that
        `reports_named` names.
    closed
        Record ids of tasks on which no work goes on any more.
    """
    found: list[Finding] = []
    for one in stock(register, day):
        found += _of_gaps(one)
        if one.key.task not in register.of("task"):
            for record in _records_of(register, one.key):
                found.append(Finding("explosives_without_task", record))
        elif one.held and one.key.task in closed:
            params = {"quantity": shown(one.held), "unit": one.key.unit, "of": one.key.explosive}
            found.append(Finding("explosives_outstanding", one.key.task, params=params))
    return found + _over_allotment(register, day) + _of_log(register, reports, day)


def _of_gaps(one: Stock) -> list[Finding]:
    codes = {True: "explosives_before_issue", False: "explosives_beyond_issue"}
    return [
        Finding(
            codes[gap.later],
            gap.record,
            params={
                "quantity": shown(gap.quantity),
                "unit": one.key.unit,
                "explosive": one.key.explosive,
            },
        )
        for gap in one.gaps
    ]


def _records_of(register: Register, key: Key) -> list[str]:
    return sorted(
        record
        for kind in KINDS
        for record, held in register.of(kind).items()
        if task_of(register, held) == key.task
        and str(held.now().get("explosive", "")) == key.explosive
        and str(held.now().get("unit", "")) == key.unit
        and speaker_of(register, held) == key.organisation
    )


def _over_allotment(register: Register, day: str) -> list[Finding]:
    """More drawn for a task, less what came back, than its order allots; of each explosive."""
    found = []
    for one in joint(stock(register, day)):
        task = register.of("task").get(one.key.task)
        if task is None:
            continue
        allotted = sum(
            (
                _quantity(line)
                for line in task.now().get("explosives_allotted", ())
                if (line.get("explosive"), line.get("unit", "")) == one.key[2:]
            ),
            Fraction(0),
        )
        drawn = one.issued - one.returned
        if drawn > allotted:
            params = {
                "drawn": shown(drawn),
                "allotted": shown(allotted),
                "unit": one.key.unit,
                "explosive": one.key.explosive,
            }
            found.append(Finding("explosives_over_allotment", task.record, params=params))
    return found


class _Charge(NamedTuple):
    record: str
    task: str
    report: Held | None
    named: str
    line: str
    quantity: Fraction


def _charges(register: Register, reports: Mapping[str, Held], day: str) -> list[_Charge]:
    by_name: dict[str, list[Held]] = {}
    for record, held in sorted(reports.items()):
        by_name.setdefault(held.local_id, []).append(held)
        by_name.setdefault(record, []).append(held)
    until = last_day(day) if day else NEVER
    made = []
    for record, held in sorted(register.of(USE).items()):
        if last_day(held.happened_on) > until:
            continue
        for charge in held.now().get("charges", ()):
            name = str(charge.get("report", ""))
            meant = by_name.get(register.aliases.get(name, name), [])
            own = [one for one in meant if one.author == held.author]
            report = next(iter(own or meant), None)
            line = str(charge.get("line_id", ""))
            task = task_of(register, held)
            made.append(_Charge(record, task, report, name, line, _quantity(charge)))
    return made


def _of_log(register: Register, reports: Mapping[str, Held], day: str) -> list[Finding]:
    """Charges that name nothing held, and items destroyed in place without a charge."""
    charges = _charges(register, reports, day)
    found, amounts = [], dict[str, Fraction]()
    for one in charges:
        amounts[one.record] = amounts.get(one.record, Fraction(0)) + one.quantity
        if one.report is None:
            params = {"report": one.named or "?"}
            found.append(Finding("charge_without_report", one.record, params=params))
        elif one.line and one.line not in _line_ids(one.report):
            params = {"report": one.report.local_id, "line": one.line}
            other = one.report.record
            found.append(Finding("charge_without_item", one.record, other, params))
    for record, amount in sorted(amounts.items()):
        used = _quantity(register.of(USE)[record].now())
        if amount > used:
            params = {"charged": shown(amount), "used": shown(used)}
            found.append(Finding("charges_beyond_use", record, params=params))
    return found + _without_charge(register, reports, charges, day)


def _line_ids(report: Held) -> set[str]:
    return {str(line.get("line_id", "")) for line in report.now().get("items", ())}


def _without_charge(
    register: Register, reports: Mapping[str, Held], charges: Iterable[_Charge], day: str
) -> list[Finding]:
    """Items destroyed in place on tasks whose demolition log is kept, and no charge names them."""
    kept: set[str] = set()
    charged: set[tuple[str, str]] = set()
    for one in charges:
        kept.add(one.task)
        if one.report is not None:
            charged.add((one.report.record, one.line))
    until = last_day(day) if day else NEVER
    found = []
    for record, held in sorted(reports.items()):
        if last_day(held.happened_on) > until or task_of(register, held) not in kept:
            continue
        if (record, "") in charged:
            continue
        missing = [
            line
            for line in held.now().get("items", ())
            if line.get("disposal") == _IN_PLACE
            and (record, str(line.get("line_id", ""))) not in charged
        ]
        if missing:
            items = sum(int(line.get("quantity", 0)) for line in missing)
            params = {"lines": ", ".join(str(line.get("line_id", "")) for line in missing[:10])}
            found.append(Finding("destroyed_without_charge", record, params=params, items=items))
    return found


register(
    {
        "explosives_before_issue": (
            "{quantity} {unit} of {explosive} left the stock before any was issued for the task.",
            "Correct the day of the issue, the use or the return.",
        ),
        "explosives_beyond_issue": (
            "{quantity} {unit} of {explosive} was used or returned, and no issue covers it.",
            "Record the issue, or correct the quantity, the explosive, the unit or the task.",
        ),
        "explosives_over_allotment": (
            "{drawn} {unit} of {explosive} was drawn; the order allots {allotted}.",
            "Return what is too much, or amend the order.",
        ),
        "explosives_without_task": (
            "Explosives are recorded for no task that is held.",
            "Correct the record and name the task.",
        ),
        "explosives_outstanding": (
            "{quantity} {unit} of {of} is still held for a task on which no work goes on.",
            "Record its return or its use.",
        ),
        "charge_without_report": (
            "The demolition log names the report {report}, which is not held.",
            "Correct the log, or import the report.",
        ),
        "charge_without_item": (
            "The demolition log names the item line {line} of {report}, which has no such line.",
            "Correct the log or the report.",
        ),
        "charges_beyond_use": (
            "The charges of this line add up to {charged}; it says {used} was used.",
            "Correct the quantity used or the charges.",
        ),
        "destroyed_without_charge": (
            "Items were destroyed in place and the demolition log of the task has no charge for "
            "them: lines {lines}.",
            "Add the charges to the demolition log, or correct how the items were disposed of.",
        ),
    }
)
