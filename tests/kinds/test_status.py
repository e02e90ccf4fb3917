"""Every word of every vocabulary of status comes back, and none of them releases ground."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.kinds.catalogue import CODELISTS, KINDS
from tilth.core.kinds.status import VOCABULARIES, Axes, read_status, with_status
from tilth.core.kinds.validate import check

WORDS = [(name, word) for name, one in VOCABULARIES.items() for word in one.words]
REQUIRED = {
    "mdr_text": {"open", "closed", "handed over"},
    "mdr_diagram": {"Open", "Closed", "Suspended", "Released"},
    "imas_symbology": {"Open", "Worked on", "Closed"},
    "imsma_ng": {"Active", "Expired"},
    "imsma_core_somalia": {
        "Open", "Closed", "Cancelled", "Released", "Suspended", "In progress",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", REQUIRED)
def test_the_vocabularies_met_in_the_field_are_there(name: str) -> None:
    assert REQUIRED[name] <= set(VOCABULARIES[name].words)


def hazard(word: str, vocabulary: str = "") -> dict[str, object]:
    fields: dict[str, object] = {
        "happened_on": "2026",
        "place": "P1",
        "classification": "SHA",
        "status_entered": word,
    }
    if vocabulary:
        fields["status_vocabulary"] = vocabulary
    return fields


@pytest.mark.parametrize(("name", "word"), WORDS)
def test_a_word_goes_onto_the_axes_and_comes_back(name: str, word: str) -> None:
    filled = with_status(hazard(word, name))
    assert check(KINDS["hazard_area"], filled, today="2026-11-22").problems == ()
    assert (filled["status_vocabulary"], filled["status_entered"]) == (name, word)
    axes = VOCABULARIES[name].words[word]
    assert (filled["work_status"], filled.get("release_claim", "")) == axes[1:]


@pytest.mark.parametrize("name", VOCABULARIES)
def test_no_two_words_of_a_vocabulary_become_one(name: str) -> None:
    words = VOCABULARIES[name].words
    assert len(set(words.values())) == len(words)


@pytest.mark.parametrize(("name", "word"), WORDS)
def test_no_word_touches_what_the_ground_is_or_releases_it(name: str, word: str) -> None:
    filled = with_status(hazard(word, name))
    assert filled["classification"] == "SHA"
    assert not {"release_type", "release_state", "replaced", "shape"} & filled.keys()


def test_status_vocabularies_map_without_loss() -> None:
    """Axis A what the ground is, B how far work has come, C what was decided: each word is read
    onto those it speaks of, and from vocabulary and axes the word is found again."""
    assert Axes._fields == ("classification", "work_status", "release_claim")
    for name, one in VOCABULARIES.items():
        back = {axes: word for word, axes in one.words.items()}
        for word in one.words:
            reading = read_status(word, name)
            assert back[reading.axes] == reading.word == word
            assert reading.axes.work_status  # every word says how far work has come
            assert not reading.axes.classification  # none says what the ground is


@given(
    st.text(min_size=1, max_size=30),
    st.sampled_from(["", *VOCABULARIES, "nowhere"]),
    st.dictionaries(
        st.sampled_from(["classification", "work_status", "release_claim"]),
        st.sampled_from(["SHA", "open", "released", "cancelled"]),
    ),
)
def test_no_word_is_lost_whatever_it_is(word: str, vocabulary: str, stated: dict[str, str]) -> None:
    fields = hazard(word, vocabulary) | stated
    filled = with_status(fields)
    assert fields.items() <= filled.items()
    added = set(filled) - set(fields)
    assert added <= {"work_status", "release_claim", "status_vocabulary"}


def test_axes_are_codes() -> None:
    for one in VOCABULARIES.values():
        for axes in one.words.values():
            for name, value in axes._asdict().items():
                assert value == "" or value in CODELISTS[name]


def test_an_unnamed_vocabulary_is_safe_since_all_read_a_word_alike() -> None:
    for name, word in WORDS:
        assert read_status(word).axes == read_status(word, name).axes
    assert read_status("  worked_ON ").axes.work_status == "worked_on"


def test_an_unknown_word_is_kept_and_says_nothing() -> None:
    filled = with_status(hazard("Pendiente"))
    assert filled == hazard("Pendiente")
    assert read_status("Pendiente").axes == Axes()
    assert with_status(hazard("Open", "nowhere")) == hazard("Open", "nowhere")


def test_what_the_source_states_itself_stays() -> None:
    stated = hazard("Closed") | {"work_status": "suspended"}
    assert with_status(stated)["work_status"] == "suspended"


def test_an_unknown_vocabulary_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        read_status("Open", "nowhere")
