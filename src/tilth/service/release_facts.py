"""What lies around released areas: their hazard, task, reports, visits, samples, recalls.

Read in bulk for all areas asked about, so that a hundred thousand cost seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tilth.core.chains import Said
from tilth.core.days import first_day, last_day
from tilth.core.life.quality import OpenCases, Sampled, passed, sampled_share
from tilth.core.life.register import Held
from tilth.core.life.release import Area
from tilth.core.life.rule_set import RuleSet
from tilth.core.statement import split_record_id
from tilth.service.doubting_few import recalled_among
from tilth.service.register import held, register_of
from tilth.service.session import Session

__all__ = ["Names", "areas_of"]


@dataclass(slots=True)
class Names:
    """Records of a kind in the store, by what their author or others call them."""

    session: Session
    kind: str
    _known: dict[tuple[str, str], str] = field(default_factory=dict)
    _found: dict[str, list[str]] = field(default_factory=dict)

    def record(self, author: str, name: str) -> str:
        """Record that a name means when ``author`` says it; empty when none or several fit."""
        key = (author, name)
        if key not in self._known:
            if name not in self._found:
                every = self.session.workspace.store.find_record(name) if name else []
                self._found[name] = [one for one in every if split_record_id(one)[1] == self.kind]
            found = self._found[name]
            own = [one for one in found if split_record_id(one)[0] == author]
            chosen = own if len(own) == 1 else found
            self._known[key] = chosen[0] if len(chosen) == 1 else ""
        return self._known[key]


def areas_of(session: Session, released: Sequence[Said], rules: RuleSet) -> dict[str, Area]:
    """Released areas by record, with what their guards ask about.

    Parameters
    ----------
    released
        Statements on released areas that are to be decided on.
    rules
        What they ask for is read, nothing else.
    """
    register, hazards = register_of(session), Names(session, "hazard_area")
    fields = {one.record: dict(one.fields or {}) for one in released}
    partial = {one.record for one in released if one.act == "revise"}
    for record, known in held(session, partial).items():
        fields[record] = {**known.now(), **fields[record]}
    named = {
        one.record: hazards.record(one.organisation, str(fields[one.record].get("hazard", "")))
        for one in released
    }
    tasks = {
        one.record: register.find("task", str(fields[one.record].get("task", "")), one.organisation)
        for one in released
    }
    said_of_hazards = held(session, {one for one in named.values() if one})
    areas = {}
    for one in released:
        hazard, task = said_of_hazards.get(named[one.record]), tasks[one.record]
        areas[one.record] = Area(
            one.record,
            fields[one.record],
            hazard=hazard.at(one.happened_on) if hazard and one.happened_on else None,
            task=task.now() if task else None,
        )
    subjects = {
        record: [one for one in (named[record], task.record if task else "") if one]
        for record, task in tasks.items()
    }
    reports = _Reports(session, hazards, areas, subjects, rules)
    quality = _Quality(session, released, fields, tasks)
    shares = quality.shares(areas, rules)
    return {
        record: replace(
            area,
            area_m2=shares[record].area_m2 if record in shares else 0.0,
            sampled_m2=shares[record].sampled_m2 if record in shares else 0.0,
            reports=reports.of(record),
            visits=quality.visits(record),
            failed=quality.failed(record),
            blocking=quality.blocking(record),
            recalled=quality.recalled(record),
        )
        for record, area in areas.items()
    }


class _Reports:
    """Activities of the reports in force on the hazard or the task of each area."""

    def __init__(
        self,
        session: Session,
        hazards: Names,
        areas: Mapping[str, Area],
        subjects: Mapping[str, Sequence[str]],
        rules: RuleSet,
    ) -> None:
        self.session, self.subjects = session, subjects
        self.wanted = {
            (subject, activity)
            for record, area in areas.items()
            for subject in subjects[record]
            for activity in area.demand(rules).reports
        }
        self.found: set[tuple[str, str]] = set()
        self._settle(self._candidates(hazards))
        by_subject: dict[str, set[str]] = defaultdict(set)
        for subject, activity in self.found:
            by_subject[subject].add(activity)
        self._by_subject = {one: frozenset(some) for one, some in by_subject.items()}

    def _candidates(self, hazards: Names) -> dict[tuple[str, str], list[str]]:
        """Reports by what they name and their activity, whether in force or not."""
        activities = sorted({activity for _, activity in self.wanted})
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        if not activities:
            return found
        tasks = register_of(self.session)
        columns = ["record", "hazard", "task", "activity"]
        store = self.session.workspace.store
        for row in store.select("clearance_report", columns, {"activity": activities}):
            record, hazard, task, activity = (str(one or "") for one in row)
            author = split_record_id(record)[0]
            named = tasks.find("task", task, author) if task else None
            subjects = {hazards.record(author, hazard) if hazard else ""}
            subjects.add(named.record if named else "")
            for subject in subjects:
                if (subject, activity) in self.wanted:
                    found[subject, activity].append(record)
        return found

    def _settle(self, candidates: dict[tuple[str, str], list[str]]) -> None:
        """Keep those of which one report is in force; a few are read of each at a time."""
        while candidates:
            asked = {
                key: [some.pop() for _ in range(min(3, len(some)))]
                for key, some in candidates.items()
            }
            known = held(self.session, {record for some in asked.values() for record in some})
            for (subject, activity), some in asked.items():
                if any(r in known and known[r].now().get("activity") == activity for r in some):
                    self.found.add((subject, activity))
            candidates = {
                key: some for key, some in candidates.items() if some and key not in self.found
            }

    def of(self, record: str) -> frozenset[str]:
        """Activities of the reports on an area's hazard or task."""
        found = (self._by_subject.get(one, frozenset()) for one in self.subjects[record])
        return frozenset[str]().union(*found)


class _Quality:
    """Visits, samples, nonconformities and recalls of each area."""

    def __init__(
        self,
        session: Session,
        released: Sequence[Said],
        fields: Mapping[str, Mapping[str, Any]],
        tasks: Mapping[str, Held | None],
    ) -> None:
        self.session, self.fields, self.tasks = session, fields, tasks
        self.register = register = register_of(session)
        self.releases = Names(session, "released_area")
        self.said = {one.record: one for one in released}
        self.called = _called(session, self.said)
        self.open = OpenCases(register)
        self.samples = register.of("sample_inspection")
        self._visits: dict[str, int] = defaultdict(int)
        for one in register.of("qm_visit").values():
            values = one.now()
            task = register.find("task", str(values.get("task", "")), one.author)
            key = task.record if task else f"team {values.get('team', '')}"
            self._visits[key] += 1
        self._samples: dict[str, list[Held]] = defaultdict(list)
        for one in self.samples.values():
            self._sort_in(one)
        self._recalls = recalled_among(session, self.said)

    def _sort_in(self, sample: Held) -> None:
        values = sample.now()
        named = [str(one) for one in values.get("released_areas", ())]
        for name in named:
            if name in self.called:  # of many samples few are of the areas asked about
                self._samples[self.releases.record(sample.author, name)].append(sample)
        task = self.register.find("task", str(values.get("task", "")), sample.author)
        if task and not named:
            self._samples[task.record].append(sample)

    def shares(self, areas: Mapping[str, Area], rules: RuleSet) -> dict[str, Sampled]:
        """Sampled m² and m² of the areas of which a share is demanded."""
        asked = [
            self._held(record)
            for record, area in areas.items()
            if area.demand(rules).sampled_percent
        ]
        if not asked:
            return {}
        frame = self.session.frame()
        return sampled_share(self.register, asked, self.samples.values(), frame)

    def _held(self, record: str) -> Held:
        said = self.said[record]
        return Held(
            record,
            said.kind,
            said.organisation,
            said.actor,
            said.hash,
            0,
            said.happened_on,
            said.said_at,
            self.fields[record],
        )

    def _keys(self, record: str) -> list[str]:
        task = self.tasks[record]
        return [record, *([task.record] if task else [])]

    def visits(self, record: str) -> int:
        """Quality visits to its task, or, without a task, to its teams."""
        teams = [f"team {one}" for one in self.fields[record].get("teams", ())]
        return sum(self._visits.get(key, 0) for key in [*self._keys(record)[1:], *teams])

    def failed(self, record: str) -> tuple[str, ...]:
        """Failed samples that no passed one of the same area or task came after for certain.

        What failed in an external inspection is not passed by an internal one.
        """
        samples = [one for key in self._keys(record) for one in self._samples.get(key, ())]
        good = [one for one in samples if passed(one)]
        return tuple(
            sorted(
                one.record
                for one in samples
                if not passed(one) and not any(_settles(after, one) for after in good)
            )
        )

    def blocking(self, record: str) -> tuple[tuple[str, str], ...]:
        """Open nonconformities that bear on it, with their severity."""
        cases = self.open.against(self.fields[record], record=record, every=True)
        return tuple((one.record, str(one.now().get("severity", ""))) for one in cases)

    def recalled(self, record: str) -> tuple[str, ...]:
        """What was missed and puts it in doubt, recalled or not, and is not decided."""
        return self._recalls.get(record, ())


def _called(session: Session, records: Collection[str]) -> set[str]:
    """Every id that may mean one of these records."""
    called = {name for one in records for name in (one, split_record_id(one)[2])}
    for entry in session.workspace.store.concerning(records):
        called.add(str(session.fields_of(entry).get("national_id", "")))
    return called


def _settles(after: Held, failed: Held) -> bool:
    """Whether a passed sample came after a failed one, of the same inspection or an external."""
    stages = {"external", failed.now().get("stage", "external")}
    later = first_day(after.happened_on) > last_day(failed.happened_on)
    return later and after.now().get("stage") in stages
