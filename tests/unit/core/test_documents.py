"""Documents are values: frozen, closed, and the same bytes whenever they are equal."""

import json

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from reelprint.core.analysis import Analysis
from reelprint.core.colour import ColorGrade
from reelprint.core.document import Document
from reelprint.core.shots import Shot
from reelprint.core.style import StyleJSON
from tests.factories import analyses, footage, style, styles

quick = settings(deadline=None, max_examples=25)


def subclasses(kind: type[Document]) -> list[type[Document]]:
    return [kind, *(found for child in kind.__subclasses__() for found in subclasses(child))]


def test_every_document_is_frozen_and_closed() -> None:
    kinds = subclasses(Document)
    assert len(kinds) > 40
    for kind in kinds:
        assert kind.model_config["frozen"], kind
        assert kind.model_config["extra"] == "forbid", kind
        assert kind.model_config["allow_inf_nan"] is False, kind


def test_a_field_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        style().cut_frequency = 3.0  # type: ignore[misc]


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="warmth"):
        ColorGrade.model_validate({"temperature": 3, "warmth": 4})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 100.5, -101])
def test_a_slider_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(ValidationError):
        ColorGrade(temperature=value)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 4)])
def test_an_empty_shot_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValidationError):
        Shot(start_s=start / 24, end_s=end / 24, start_frame=start, end_frame=end)


@quick
@given(styles())
def test_a_style_survives_its_json(made: StyleJSON) -> None:
    again = StyleJSON.model_validate_json(made.to_json())
    assert again == made
    assert again.to_json() == made.to_json()
    assert again.fingerprint() == made.fingerprint()
    assert json.loads(made.to_json(indent=2)) == json.loads(made.to_json())


@quick
@given(analyses())
def test_an_analysis_survives_its_json(made: Analysis) -> None:
    assert Analysis.model_validate_json(made.to_json()).to_json() == made.to_json()


def test_canonical_json_does_not_depend_on_the_order_of_the_arguments() -> None:
    first = ColorGrade(temperature=1, shadows=2)
    second = ColorGrade.model_validate({"shadows": 2, "temperature": 1})
    assert first.to_json() == second.to_json()
    assert first.fingerprint() != ColorGrade(temperature=1).fingerprint()


def test_edge_fades_are_no_boundaries() -> None:
    shots = footage(10, [3, 6], gradual=[1]).shots
    assert [item.type for item in shots.boundaries] == ["cut", "dissolve"]
    assert len(shots.boundaries) == len(shots.shots) - 1
