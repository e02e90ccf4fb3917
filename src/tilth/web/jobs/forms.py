"""Forms by which work is asked for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.core.days import first_day

__all__ = ["AccountAtForm"]


class AccountAtForm(forms.Form):
    """When the account is asked for: known at, and until which day."""

    known = forms.CharField(
        label=_("Known at"),
        max_length=40,
        help_text=_("A day such as 2026-03-31, a time in UTC, or position:120 from the log."),
    )
    until = forms.CharField(
        label=_("Until"),
        max_length=10,
        required=False,
        help_text=_("The last day that counts; empty for today."),
    )

    def clean_until(self) -> str:
        """Day, month or year."""
        text = str(self.cleaned_data["until"]).strip()
        if text:
            try:
                first_day(text)
            except ValueError:
                raise forms.ValidationError(_("Write the day as 2026-03-31.")) from None
        return text
