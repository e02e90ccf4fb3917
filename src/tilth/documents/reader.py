"""The reader of a document: their words, how numbers and days are written for them, names.

Numbers and days are written alike in every language, so that a figure copied from one language
into another stays the same figure: Latin digits; groups of three with a narrow space that does not
break (ISO 80000-1), never with a comma or point; the decimal sign of the language (CLDR); SI
symbols; days as 2026-12-31 (ISO 8601), months as 2026-12.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tilth.documents.blocks import Bar, Block, Figure, Part
from tilth.documents.paper import Attachment, Paper
from tilth.text import accounts, figures
from tilth.text.language import Say, reviewed, say_in

__all__ = ["PAGE_WORDS", "RIGHT_TO_LEFT", "Reader", "reader_in"]

RIGHT_TO_LEFT = ("ar", "fa", "he", "ps", "ur")
COMMA_AS_DECIMAL = ("fr", "es", "ru", "uk")
"""Languages whose decimal sign is a comma, from Unicode CLDR; all others have a point."""

_NUMBER = re.compile(
    r"(?:[<>] )?[−-]?\d+(?:,\d{3})*(?:\.\d+)?(?: (?:m²|ha|km²|%|kg|m|cm|h)(?!\w))?"
)
GROUP = "\N{NARROW NO-BREAK SPACE}"


def _page_words(say: Say) -> dict[str, str]:
    """Words of the pages themselves, by their English message."""
    return {
        "SYNTHETIC": say("SYNTHETIC"),
        "draft, not issued": say("draft, not issued"),
        "code": say("code"),
        "page {page} of {pages}": say("page {page} of {pages}"),
        "embedded files": say("embedded files"),
        "whole value of this document": say("whole value of this document"),
        "exactly": say("exactly"),
        "left out": say("left out"),
    }


PAGE_WORDS = tuple(_page_words(str))


def _short_position(position: object, say: Say) -> str:
    """Sizes and first digits of the roots, short enough for the head of a page."""
    return accounts.position_line({"position": position}, say)


@dataclass(frozen=True)
class Reader:
    """Who reads the document.

    Parameters
    ----------
    language
        Tag of one of the languages there is a catalogue for.
    say
        Message id to text in that language.
    person
        Code of a person to the name as the vault holds it, "erased" after erasure, the code itself
        where the vault knows none. Names are printed, never embedded as data.
    reviewed
        A native speaker has looked through the catalogue.
    """

    language: str
    say: Say
    person: Callable[[str], str] = field(default=str)
    reviewed: bool = True

    @property
    def right_to_left(self) -> bool:
        """Whether the language is written from right to left."""
        return self.language.partition("-")[0] in RIGHT_TO_LEFT

    def numbers(self, text: str) -> str:
        """Numbers of `tilth.text.figures` in a text, with this reader's signs."""
        sign = "," if self.language.partition("-")[0] in COMMA_AS_DECIMAL else "."
        signs = str.maketrans({",": GROUP, ".": sign, " ": "\N{NO-BREAK SPACE}"})
        return _NUMBER.sub(lambda found: found[0].translate(signs), text)

    def area(self, m2: figures.Number) -> str:
        r"""Area in the unit that reads best.

        Examples
        --------
        >>> reader_in("fr").area("21706.3103")
        '2,17\xa0ha'
        """
        return self.numbers(figures.area(m2))

    def exact(self, m2: figures.Number) -> str:
        r"""Area in m², to the square centimetre.

        Examples
        --------
        >>> reader_in("en").exact("2170631.03")
        '2\u202f170\u202f631.03\xa0m²'
        """
        return self.numbers(figures.area_exact(m2))

    def count(self, number: figures.Number) -> str:
        """Whole number in groups of three."""
        return self.numbers(figures.count(number))

    def decimal(self, text: figures.Number, unit: str = "") -> str:
        r"""Decimal with the digits as entered, in groups of three, and its unit.

        Examples
        --------
        >>> reader_in("uk").decimal("1234.50", "kg")
        '1\u202f234,50\xa0kg'
        """
        entered = str(text)
        whole, point, rest = entered.lstrip("+-").partition(".")
        sign = "−" if entered.startswith("-") else ""
        return self.numbers(f"{sign}{figures.count(whole or 0)}{point}{rest}{unit and ' '}{unit}")

    def share(self, part: figures.Number, whole: figures.Number) -> str:
        """Part of a whole in per cent."""
        return self.numbers(figures.share(part, whole))

    def day(self, text: str) -> str:
        """Day, month or year in ISO 8601, whatever the language; without the time of day."""
        return text[:10]

    def moment(self, text: str) -> str:
        """Time in UTC: ``2026-12-12 14:03 UTC``."""
        return f"{text[:10]} {text[11:16]} UTC" if "T" in text else text

    def until(self, day: str) -> str:
        """Day an account holds until, with its word."""
        return self.say("until {day}").format(day=self.day(day)) if day else ""

    def erased(self) -> str:
        """What stands in the place of a name that was erased since the document was issued."""
        return self.say("erased")

    def mark(self, level: str) -> str:
        """Mark and name of a level: ``● approved``."""
        return f"{figures.level(level).mark} {self.say(level)}"

    def figure(self, label: str, value: str, exact: str, account: Mapping[str, Any]) -> Figure:
        """Complete a number with level, day, position and what it leaves out.

        Parameters
        ----------
        account
            Value with ``level``, ``until``, ``position``, and where figures leave something out
            ``left_out`` and ``land``, as ``tilth account --json`` gives it.
        """
        lines = accounts.left_out_lines({"land": {}, **account}, self.say)
        return Figure(
            label=label,
            level=str(account["level"]),
            level_name=self.say(str(account["level"])),
            value=value,
            exact=exact,
            until=self.until(str(account.get("until", ""))),
            left_out=tuple(self.numbers(line) for line in lines),
            nothing_left_out=self.say("nothing left out"),
            position=self.numbers(_short_position(account.get("position"), self.say)),
        )

    def area_figure(self, label: str, m2: figures.Number, account: Mapping[str, Any]) -> Figure:
        """Area as a figure: in the unit that reads best and to the last square centimetre."""
        return self.figure(label, self.area(m2), self.exact(m2), account)

    def count_figure(
        self, label: str, number: figures.Number, account: Mapping[str, Any]
    ) -> Figure:
        """Pieces or people as a figure."""
        return self.figure(label, self.count(number), self.count(number), account)

    def land_bar(self, title: str, account: Mapping[str, Any]) -> Bar:
        """Land account as a bar: its four parts, closure, and what stands beside the balance."""
        say, land = self.say, account["land"]
        parts = accounts.land_parts(account, say)
        whole = sum(float(part.value) for part in parts)
        beside = (
            ("extensions_m2", say("extension beyond the recorded edge")),
            ("reprocessed_m2", say("re-processed, released more than once")),
            ("processed_m2", say("processed, not released")),
            ("unattached_m2", say("unattached, outside every hazard")),
            ("declared_m2", say("declared by hand, beside the balance")),
        )
        return Bar(
            title=title,
            parts=tuple(
                Part(
                    name=part.name,
                    label=part.label,
                    amount=str(part.value),
                    value=self.exact(part.value),
                    share=self.share(part.value, whole),
                )
                for part in parts
            ),
            closure=accounts.closure_line(account, say),
            closed=accounts.is_closed(account),
            notes=tuple(
                (label, self.exact(land[name]))
                for name, label in beside
                if float(land.get(name, 0))
            ),
        )

    def paper(
        self,
        value: Mapping[str, Any],
        title: str,
        subject: Sequence[str],
        blocks: Sequence[Block],
        attachments: Sequence[Attachment] = (),
    ) -> Paper:
        """Put blocks on pages that say level, day, position and code of the document's value.

        Parameters
        ----------
        value
            The document's value: ``document``, ``operation`` (name), ``synthetic``, ``level``,
            ``until``, ``moment``, ``position``, and ``code`` once it is issued.
        """
        level = str(value.get("level", ""))
        moment = str(value["moment"])
        return Paper(
            kind=str(value["document"]),
            title=title,
            subject=tuple(line for line in subject if line),
            operation=str(value["operation"]),
            language=self.language,
            right_to_left=self.right_to_left,
            synthetic=bool(value["synthetic"]),
            level=level,
            level_name=self.say(level) if level else "",
            until=self.until(str(value.get("until", ""))),
            known_at=self.say("known at {time}").format(time=self.moment(moment)),
            moment=moment,
            position=self.numbers(_short_position(value.get("position"), self.say)),
            code=str(value.get("code", "")),
            notes=self._notes(),
            words=_page_words(self.say),
            blocks=tuple(blocks),
            attachments=tuple(attachments),
        )

    def _notes(self) -> tuple[str, ...]:
        """What the foot of every page says of the translation, in its language and in English."""
        if self.reviewed:
            return ()
        words = "not reviewed by a native speaker"
        return tuple(dict.fromkeys((self.say("not reviewed by a native speaker"), words)))


def reader_in(language: str, person: Callable[[str], str] = str) -> Reader:
    """Reader of a language; whether its words were reviewed its catalogue says."""
    return Reader(language, say_in(language), person, reviewed(language))
