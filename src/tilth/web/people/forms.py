"""Forms of signing in and of people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from tilth.core.roles import ROLES

__all__ = ["ROLE_WORDS", "FirstPasswordForm", "InviteForm", "LinkForm", "RolesForm"]

ROLE_WORDS = {
    "information_manager": (
        _("Information manager"),
        _("receives, checks and approves records; answers for the figures"),
    ),
    "operations_manager": (_("Operations manager"), _("plans teams, issues and closes tasks")),
    "team_leader": (_("Team leader"), _("reports from the field; sees the own tasks")),
    "quality_officer": (_("Quality officer"), _("visits, inspects, writes nonconformities")),
    "administrator": (_("Administrator"), _("invites people and gives roles; reads no records")),
    "observer": (_("Observer"), _("reads totals and released land")),
}
"""Word of each role, and what it is for."""


def _role_choices() -> list[tuple[str, Any]]:
    return [(role, ROLE_WORDS[role][0]) for role in ROLES]


class LinkForm(forms.Form):
    """The code of a one-time link."""

    code = forms.CharField(
        label=_("Code of the link"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
        help_text=_("What stands behind # in the link that was handed to you."),
    )


class FirstPasswordForm(forms.Form):
    """A password for somebody who came by a link."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters, any of them. Four or five words make a good one."),
    )
    again = forms.CharField(
        label=_("The same once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Refuse what the validators refuse."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Both have to be the same."""
        found = super().clean() or {}
        if found.get("password") and found.get("password") != found.get("again"):
            self.add_error("again", _("This is not what you typed above."))
        return found


class RolesForm(forms.Form):
    """Roles of a person."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=_role_choices, widget=forms.CheckboxSelectMultiple
    )


class InviteForm(RolesForm):
    """A new person: a sign-in name, a code, roles. No name, no address."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
        help_text=_("Small letters, digits, dots and dashes; best the person's code."),
    )
    person_code = forms.CharField(
        label=_("Code of the person"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
        help_text=_("Stands in every statement for ever; never a name."),
    )
    field_order = ("username", "person_code", "roles")
