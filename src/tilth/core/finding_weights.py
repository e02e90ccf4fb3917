"""How much a finding weighs: whether it bears on ground or items, on a figure, or on a record."""

from __future__ import annotations

__all__ = ["WEIGHTS", "weight_of"]

WEIGHTS = ("high", "medium", "low")
"""``high`` bears on whether ground, an item or an approval can be relied on; ``medium`` on a
figure or on what must be done next; ``low`` on how well a record is kept."""

_HIGH = frozenset(
    {
        *("too_shallow", "suspected_again", "suspected_and_released", "items_in_cancelled_land"),
        *("closed_with_land_remaining", "left_out_without_release", "requirement_raised"),
        *("recalled", "recall_missing", "certificate_revoked", "certificate_superseded"),
        *("nonconformity_on_released", "review_undecided", "sample_passed_with_items"),
        *("sample_failed_without_nonconformity", "visit_without_nonconformity"),
        *("withdrawn_with_release", "released_outside_hazard", "release_without_polygon"),
        *("contested", "disputed", "overlap_across_organisations", "handover_mismatch"),
        *("report_without_accreditation", "report_without_training", "report_team_unknown"),
        *("report_without_tested_asset", "work_while_suspended", "work_without_order"),
        *("work_after_end", "own_approval", "own_work_approved", "own_inspection"),
        *("inspection_not_permitted", "handover_unguarded", "guard_overridden"),
        *("beyond_possible", "nonconformity_overdue", "task_stopped"),
        *("explosives_beyond_issue", "explosives_before_issue", "explosives_outstanding"),
    }
)
_LOW = frozenset(
    {
        *("fix_accuracy_coarse", "fix_accuracy_missing", "fix_stale", "duplicate_points"),
        *("few_vertices", "long_edge", "multipart", "status_word_unknown", "extension"),
        *("visit_without_checklist", "identical_rows", "group_differs", "reprocessed"),
        *("names_nobody", "task_move_without_reason", "task_move_without_effect"),
        *("nonconformity_move_ignored", "mine_without_position", "item_without_quantity"),
        *("traverse_not_closed", "repeated_local_id", "age_group_across_bands"),
    }
)


def weight_of(code: str) -> str:
    """One of `WEIGHTS`; a code of no list weighs ``medium``.

    Examples
    --------
    >>> weight_of("too_shallow"), weight_of("incomplete"), weight_of("multipart")
    ('high', 'medium', 'low')
    """
    return "high" if code in _HIGH else "low" if code in _LOW else "medium"
