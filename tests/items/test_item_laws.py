"""Laws of the item account over random histories, against a count of single pieces."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.days import first_day, last_day, ordinal
from tilth.core.items.account import account
from tilth.core.items.book import ItemBook
from tilth.core.items.contributions import contributions
from tilth.core.items.model import CUTS, ENDS, ItemSource
from tilth.core.items.rollup import Rollup

ORGANISATIONS = {"a" * 32: "Army", "b" * 32: "Relief"}
PARENTS = {"V1": ("V1", "D1"), "V2": ("V2", "D1")}
DAYS = ["2026-03-01", "2026-03-04", "2026-03-09", "2026-03", "2026-04-02", "2026-04", "2026"]
UNTILS = ["2026-02-28", "2026-03-04", "2026-03-31", "2026-04-30", "2027-01-01"]
LOCAL_IDS = ["1", "2", "3", "4"]
KINDS = ["clearance_report", "spot_task", "clearance_summary", "released_area"]
DISPOSALS = [*ENDS[:-1], "rendered_safe", None]


@st.composite
def lines(draw):
    line = {
        "line_id": draw(st.sampled_from(["1", "2"])),
        "category": draw(st.sampled_from(["ap_mine", "uxo", "saa"])),
    }
    if draw(st.booleans()):
        line["quantity"] = draw(st.integers(0, 4))
    if draw(st.integers(0, 4)) == 0:
        line["weight_kg"] = draw(st.sampled_from(["0.1", "0.25", "3"]))
    disposal = draw(st.sampled_from(DISPOSALS))
    if disposal:
        line["disposal"] = disposal
        if draw(st.booleans()):
            line["disposed_on"] = draw(st.sampled_from(DAYS))
    if disposal == "handed_over":
        line["handed_over_to"] = draw(st.sampled_from(["Army", "Relief", "Police"]))
    role = draw(st.integers(0, 5))
    if role == 0:
        line["received_from"] = draw(st.sampled_from(["Army", "Relief", "Police"]))
    elif role <= 2:
        name = draw(st.sampled_from(LOCAL_IDS))
        line["disposal_of"] = f"{name}#{draw(st.sampled_from(['1', '2', '9']))}"
    return line


@st.composite
def sources(draw):
    author = draw(st.sampled_from(list(ORGANISATIONS)))
    kind = draw(st.sampled_from(KINDS))
    local_id = draw(st.sampled_from(LOCAL_IDS))
    fields = {"items": draw(st.lists(lines(), max_size=4))}
    if draw(st.integers(0, 5)) == 0:
        fields = {"items_total": draw(st.integers(0, 9))}
    if kind == "clearance_summary":
        fields["period_from"] = draw(st.sampled_from(DAYS))
        fields["period_to"] = draw(st.sampled_from(DAYS))
    elif draw(st.booleans()):
        name = "started_on" if kind == "released_area" else "period_to"
        fields[name] = draw(st.sampled_from(DAYS))
    if draw(st.booleans()):
        fields["hazard"] = draw(st.sampled_from(["HA-1", "HA-2"]))
    return ItemSource(
        f"{author}/{kind}/{local_id}",
        kind,
        draw(st.sampled_from(["h1", "h2"])),
        ORGANISATIONS[author],
        draw(st.sampled_from(DAYS)),
        draw(st.sampled_from(["V1", "V2", "D1", ""])),
        tuple(draw(st.lists(st.sampled_from(["manual", "mdd"]), max_size=2))),
        fields,
    )


def lineage(place):
    return PARENTS.get(place, (place,))


def full(held, order=None):
    book = ItemBook(lineage)
    names = list(held) if order is None else order
    book.load(held[name] for name in names)
    return book


def one_by_one(book, held):
    """Sum of the contributions of each source, computed from the source alone."""
    rollup = Rollup()
    for source in held.values():
        context = book.index.context(source.record)
        rollup.add(contributions(source, context.later, counted=context.counted))
    return rollup


HISTORIES = st.lists(st.tuples(sources(), st.booleans()), min_size=1, max_size=9)


@given(HISTORIES, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_incremental_and_full_give_the_same_bytes_in_any_order(history, random):
    book, held = ItemBook(lineage), {}
    for source, withdrawn in history:
        before = source.record in held
        if withdrawn and before:
            del held[source.record]
            changes = {source.record: None}
        else:
            held[source.record] = source
            changes = {source.record: source}
        earlier = Rollup.from_bytes(book.rollup.to_bytes())
        earlier.add(book.update(changes).delta.cells())
        assert earlier.to_bytes() == book.rollup.to_bytes()
        order = list(held)
        random.shuffle(order)
        other = full(held, order)
        assert book.rollup.to_bytes() == other.rollup.to_bytes()
        assert book.rollup.to_bytes() == one_by_one(other, held).to_bytes()
        read = Rollup.from_bytes(other.rollup.to_bytes())
        assert read.to_bytes() == other.rollup.to_bytes()
    book.update(dict.fromkeys(held))
    assert len(book.rollup) == 0


@given(HISTORIES)
@settings(max_examples=60, deadline=None)
def test_many_changes_at_once_are_the_same_as_one_after_the_other(history):
    half = len(history) // 2
    before = {source.record: source for source, _ in history[:half]}
    after = dict(before)
    changes = {}
    for source, withdrawn in history[half:]:
        if withdrawn:
            after.pop(source.record, None)
            changes[source.record] = None
        else:
            after[source.record] = changes[source.record] = source
    book = full(before)
    book.update(changes)
    assert book.rollup.to_bytes() == full(after).rollup.to_bytes()


@given(st.lists(sources(), max_size=8))
@settings(max_examples=100, deadline=None)
def test_the_balance_closes_and_counts_each_piece_once(held):
    held = {source.record: source for source in held}
    book = full(held)
    counted = [s for s in held.values() if book.index.context(s.record).counted]
    parts = book.rollup.split("organisation", "place").values()
    for until in UNTILS:
        whole = account(book.rollup, until)
        assert whole == account(parts, until)
        for by in CUTS:
            cut = account(book.rollup, until, by=by)
            assert cut.closes
            for term in ("found", *ENDS):
                if term != "handed_over" or by in ("category", "model"):
                    total = sum(getattr(row.items, term) for row in cut.rows)
                    assert total == getattr(cut.joint.items, term)
            rows = sum(row.items.handed_over for row in cut.rows)
            net = 0 if by in ("category", "model") else cut.transferred[0]
            assert rows - net == cut.joint.items.handed_over
        by_organisation = account(book.rollup, until, by="organisation")
        states = piece_by_piece(counted, held.values(), ordinal(until))
        for row in by_organisation.rows:
            for small, balance in ((False, row.items), (True, row.small_arms)):
                for state, number in balance.as_dict().items():
                    assert number == states.pop((row.value, small, state), 0), (state, until)
        assert not +states
        for earlier in UNTILS:
            if earlier < until:
                moved = account(book.rollup, until, since=earlier)
                assert moved.closes
                start = account(book.rollup, earlier)
                for state, number in moved.joint.items.as_dict().items():
                    change = getattr(whole.joint.items, state) - getattr(start.joint.items, state)
                    assert number == change


def _pieces(line):
    if "quantity" not in line and "weight_kg" not in line:
        return 1
    return line.get("quantity", 0)


def counts_from(source):
    end = source.happened_on
    if source.kind == "clearance_summary":
        end = source.fields["period_to"]
    elif source.kind == "clearance_report":
        return max(last_day(end), last_day(source.fields.get("period_to", end)))
    return last_day(end)


def starts_on(source):
    """First day as stated; only a period written backwards begins with its end."""
    fields, start, end = source.fields, source.happened_on, source.happened_on
    if source.kind == "clearance_summary":
        start, end = fields["period_from"], fields["period_to"]
    elif source.kind == "released_area":
        if "started_on" not in fields:
            return 1
        start = fields["started_on"]
    backwards = first_day(start) > counts_from(source)
    return first_day(end if backwards else start)


def told_in_reports(summary, held):
    """Whether an organisation's reports speak of what its summary or release sums."""
    for report in held.values():
        if report.kind not in ("clearance_report", "spot_task"):
            continue
        if report.organisation != summary.organisation:
            continue
        if counts_from(report) < starts_on(summary) or starts_on(report) > counts_from(summary):
            continue
        hazards = {s.fields["hazard"] for s in (report, summary) if "hazard" in s.fields}
        if len(hazards) == 2:
            continue
        within = summary.place in (*lineage(report.place), "")
        if summary.kind == "released_area":
            if report.kind == "spot_task":
                continue
            within = within if "hazard" not in summary.fields else "hazard" in report.fields
        if within:
            return True
    return False


@given(st.lists(sources(), max_size=8))
@settings(max_examples=100, deadline=None)
def test_a_summary_counts_only_while_no_report_tells_the_same(held):
    held = {source.record: source for source in held}
    book = full(held)
    for source in held.values():
        sums = source.kind in ("clearance_summary", "released_area")
        wanted = not (sums and told_in_reports(source, held))
        assert book.index.context(source.record).counted is wanted


def piece_by_piece(counted, everything, until):
    """State of every single piece at a day: the rule read literally, without any sum."""
    later = [
        (source, line)
        for source in everything
        for line in source.fields.get("items", ())
        if "disposal_of" in line
    ]
    kinds = {(s.record.split("/")[0], s.record.split("/")[2]): [] for s in everything}
    for source in everything:
        author, kind, local_id = source.record.split("/")
        kinds[author, local_id].append(kind)
    states = Counter()
    for source in counted:
        author, kind, local_id = source.record.split("/")
        answers = kind == min(kinds[author, local_id], key=KINDS.index)
        day = counts_from(source)
        found = [ln for ln in source.fields.get("items", ()) if "disposal_of" not in ln]
        if not source.fields.get("items") and source.fields.get("items_total"):
            found = [{"category": "unknown", "quantity": source.fields["items_total"]}]
        seen = set()
        for line in found:
            pieces = [[] for _ in range(_pieces(line))]  # each a list of (day, state)
            events = []
            if line.get("disposal") in ENDS:
                on = last_day(line["disposed_on"]) if "disposed_on" in line else day
                events.append((max(on, day), False, "", "", line["disposal"], None))
            if answers and line.get("line_id") and line["line_id"] not in seen:
                seen.add(line["line_id"])
                for other, said in later:
                    named = other.record.startswith(author) and said["disposal_of"]
                    if named == f"{local_id}#{line['line_id']}" and said.get("disposal") in ENDS:
                        on = last_day(said.get("disposed_on") or other.happened_on)
                        silent = "quantity" not in said and "weight_kg" not in said
                        amount = None if silent else _pieces(said)
                        events.append(
                            (
                                max(on, day),
                                True,
                                other.record,
                                said["line_id"],
                                said["disposal"],
                                amount,
                            )
                        )
            _live(pieces, events)
            small = line["category"] == "saa"
            side = "received" if "received_from" in line else "found"
            if day <= until and pieces:
                states[source.organisation, small, side] += len(pieces)
                for life in pieces:
                    known = [state for on, state in life if on <= until]
                    state = known[-1] if known else "unaccounted"
                    states[source.organisation, small, state] += 1
    return states


def _live(pieces, events):
    """Give each piece its disposals; of equal days the line's own comes first."""
    # Which of several later lines of one day comes first matters only where they claim more
    # pieces than there are; then the smaller record and line come first.
    order = ["unaccounted", "left_marked", "stored", "handed_over"]
    for day, later, _, _, state, amount in sorted(
        events, key=lambda e: (e[0], e[1], e[2], e[3], e[4])
    ):
        open_states = order if later else ["unaccounted"]
        left = len(pieces) if amount is None else amount
        chosen = [
            life
            for wanted in open_states
            for life in pieces
            if (life[-1][1] if life else "unaccounted") == wanted
        ][:left]
        for life in chosen:
            life.append((day, state))
