"""A verification code read out on a telephone: small slips are forgiven, mistakes are found."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.life.paper import ALPHABET, CHECK_ALPHABET, code_of, grouped, read_code
from tilth.core.problems import Refused

values = st.binary(max_size=64)


def refusal(text: str) -> str:
    with pytest.raises(Refused) as refused:
        read_code(text)
    return refused.value.problems[0].code


@given(values)
def test_the_code_is_the_first_100_bits_of_the_hash(value: bytes) -> None:
    code = code_of(value)
    number = 0
    for one in code[:20]:
        number = 32 * number + ALPHABET.index(one)
    assert f"{number:025x}" == hashlib.sha256(value).hexdigest()[:25]
    assert CHECK_ALPHABET.index(code[20]) == number % 37


@given(values, st.data())
def test_a_code_is_read_however_it_was_written_down(value: bytes, data: st.DataObject) -> None:
    code = code_of(value)
    written = []
    for one in grouped(code):
        lookalikes = {"0": "0Oo", "1": "1IiLl"}.get(one, one + one.lower())
        written.append(data.draw(st.sampled_from(lookalikes)))
        written.append(data.draw(st.sampled_from(["", " ", "-", "\n"])))
    assert read_code("".join(written)) == code


@given(values, st.integers(0, 20), st.sampled_from(CHECK_ALPHABET))
def test_any_one_wrong_character_is_found(value: bytes, place: int, wrong: str) -> None:
    code = code_of(value)
    if wrong == code[place]:
        return
    misread = code[:place] + wrong + code[place + 1 :]
    assert refusal(misread) in ("code_misread", "code_character")


@given(values, st.integers(0, 20), st.integers(0, 20))
def test_two_characters_changed_for_each_other_are_found(
    value: bytes, one: int, other: int
) -> None:
    code = list(code_of(value))
    if code[one] == code[other] or {one, other} == {1, 20}:  # 32^18 is -1 modulo 37
        return
    code[one], code[other] = code[other], code[one]
    assert refusal("".join(code)) in ("code_misread", "code_character")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "code_length"),
        ("8G9PZ-8TNPD-KRM4A-6NMBF", "code_length"),
        ("8G9PZ-8TNPD-KRM4A-6NMBF-66", "code_length"),
        ("8G9PZ-8TNPD-KRMUA-6NMBF-6", "code_character"),
        ("8G9PZ-8TNPD-KRM4A-6NMBF-7", "code_misread"),
    ],
)
def test_why_a_code_is_refused_is_said(text: str, why: str) -> None:
    assert refusal(text) == why


def test_codes_of_documents_that_differ_by_a_comma_differ() -> None:
    assert code_of(b'{"a":1}') != code_of(b'{"a":1,}')
