"""What a run says of a campus besides its scores, and that it is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sitefinder.cache.records import RECORDS
from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline import particulars
from sitefinder.pipeline.particulars import Particulars, Survey
from sitefinder.pipeline.stages import BUILDABLE, layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Campus, Field, national_campuses
from tests.helpers.stacks import used

#: built layers of the country
pytestmark = pytest.mark.stack

FEW = {"grid.resolution_m": "25000", "candidates.count": "8", "delivery.draws": "100", "model.share": "0"}


@pytest.fixture(scope="module")
def survey(package: DataPackage, default_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Survey:
    """A survey of the coarsest grid."""
    file = load_config(default_path, FEW)
    stack = open_stack(package, file, layers_needed(file.config), cache_folder=used(tmp_path_factory.mktemp("kept")))
    score = score_cells(value_matrix(stack, file.config), file.config, exclude(stack, file.config).bits)
    return Survey(Field.of(stack.land, score, stack.values(BUILDABLE)), stack, file.config, package)


@pytest.fixture(scope="module")
def campuses(survey: Survey) -> list[Campus]:
    """The best campuses."""
    return national_campuses(survey.field, survey.config)


def said(rows: Sequence[Particulars]) -> list[bytes]:
    """All that they say, to the last digit; whole numbers where a column holds any number count as such."""
    return [Particulars.unpacked(row.packed()).packed() for row in rows]


def test_kept_particulars_are_those_that_were_computed(
    survey: Survey, campuses: list[Campus], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last digit; the second time nothing is computed, and a new campus alone."""
    fresh = said(survey.of(campuses))
    assert said(survey.kept(campuses[:5])) == fresh[:5]
    computed: list[int] = []
    monkeypatch.setattr(Survey, "of", lambda self, some: computed.append(len(some)) or OF(self, some))
    assert said(survey.kept(campuses[:5])) == fresh[:5]
    assert computed == []
    assert said(survey.kept(campuses)) == fresh
    assert computed == [len(campuses) - 5]


OF = Survey.of


def test_each_campus_is_computed_for_itself(survey: Survey, campuses: list[Campus]) -> None:
    """Whichever others are computed with it, in whichever order."""
    together = said(survey.of(campuses))
    assert said(survey.of(campuses[::-1]))[::-1] == together
    assert [said(survey.of([campus]))[0] for campus in campuses[:2]] == together[:2]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("delivery.grid.transformer", "[30, 40, 50]"),
        ("costs.year", "2024"),
        ("project.mw", "900"),
        ("exclusions.steep.below", "15"),
        ("candidates.acres_per_mw", "1.7"),
    ],
)
def test_terms_that_particulars_rest_on_renew_them(survey: Survey, default_path: Path, option: str, value: str) -> None:
    """A changed date, price, load, gate or need of land is another basis."""
    other = load_config(default_path, FEW | {option: value}).config
    assert dataclasses.replace(survey, config=other)._basis != survey._basis


@pytest.mark.parametrize("option", ["weights.water", "criteria.land.gentle_pct.weight", "model.share", "candidates.count"])
def test_weights_leave_them_as_they_are(survey: Survey, default_path: Path, option: str) -> None:
    """That is what they are kept for."""
    value = "5" if option == "candidates.count" else "0.3"
    other = load_config(default_path, FEW | {option: value}).config
    assert dataclasses.replace(survey, config=other)._basis == survey._basis


def test_changed_code_renews_them(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code that computes them belongs to their basis."""
    before = survey._basis
    monkeypatch.setattr(particulars, "code_of", lambda *modules: "other")
    assert dataclasses.replace(survey)._basis != before


def test_a_damaged_store_costs_time_and_no_result(survey: Survey, campuses: list[Campus]) -> None:
    """It is computed again and made anew."""
    fresh = said(survey.kept(campuses))
    (survey.stack.folder / RECORDS).write_bytes(b"SQLite format 3\0" + bytes(np.arange(200, dtype=np.uint8)) * 50)
    assert said(survey.kept(campuses)) == fresh
    assert said(survey.kept(campuses)) == fresh
