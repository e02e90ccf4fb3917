"""The reader's language: what she chose, else what her browser asks for, else English."""

from __future__ import annotations

from django.middleware.locale import LocaleMiddleware

__all__ = ["ReaderLanguage"]


class ReaderLanguage(LocaleMiddleware):
    """Django's own choice by cookie and browser; addresses never hold the language.

    A link shows the other person the same truth in her own language.
    """
