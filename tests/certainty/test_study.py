"""What a run says about how sure its ranking is, on the coarsest grid."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest

from sitefinder.certainty.columns import CertaintyPart, NearMiss
from sitefinder.certainty.evidence import ages, evidence_parts
from sitefinder.certainty.ranks import rank_parts
from sitefinder.certainty.reasons import counterfactuals, driver_words
from sitefinder.certainty.study import FILES, STUDIED, Scored, certainty, certainty_files, linear, near_miss_file, rivals
from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.ml.learned import fuse, learn
from sitefinder.pipeline.stages import layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Field, national_campuses
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


COARSE = {
    "grid.resolution_m": "25000",
    "candidates.spacing_km": "50",
    "candidates.count": "100",
    "uncertainty.draws": "500",
}
LISTED = 60
IDS = [f"site-{i}" for i in range(LISTED)]


@pytest.fixture(scope="module")
def world(tmp_path_factory, default_path):
    """What the pipeline hands over."""
    file = load_config(default_path, COARSE)
    package = DataPackage(DATA)
    stack = open_stack(package, file, layers_needed(file.config), cache_folder=warm(tmp_path_factory.mktemp("cache")))
    learned = learn(stack, DATA)
    weighted = score_cells(value_matrix(stack, file.config), file.config, exclude(stack, file.config).bits)
    field = Field.of(stack.land, fuse(weighted, learned, file.config.model.share), stack.values("buildable_pct"))
    return national_campuses(field, file.config), field, stack, file.config, package, learned


@pytest.fixture(scope="module")
def made(world):
    """The study of a list of sixty among a hundred campuses."""
    campuses, field, stack, config, package, learned = world
    return certainty(campuses, LISTED, Scored(field, stack, package, learned), config)


def test_every_listed_site_has_its_part(made, world):
    """Ranks, evidence, reasons and precedents of the site at that place of the list, each in its own part."""
    package, found = world[4], made.shortlist
    age = ages(package, found.ids, made.settings.as_of)
    assert [part.ranks for part in made.parts] == rank_parts(made.ranks, LISTED)
    assert [part.evidence for part in made.parts] == evidence_parts(found.ids, found.points[:, :LISTED], age)
    assert [part.reasons.to_rank for part in made.parts] == counterfactuals(found, LISTED)
    assert [(part.reasons.why_up, part.reasons.why_down) for part in made.parts] == driver_words(found, package, LISTED)


def test_every_listed_site_fills_its_columns(made):
    """Where nothing is unknown, no column is empty: only reasons to rise and weights that win may be lacking."""
    empty = {name for part in made.parts for name, value in part.row().items() if value is None}
    assert empty <= {"wins_under", "to_rank_10", "to_rank_50"}
    assert {name for name, value in made.parts[-1].row().items() if value is not None} <= set(CertaintyPart.names())


def test_published_sets_are_counted(made, world):
    """As many as the folder holds; the best rank under any is no worse than the worst."""
    count = len(list((ROOT / world[3].uncertainty.presets).glob("*.yaml")))
    assert {part.presets.presets for part in made.parts} == {count}
    assert all(1 <= part.presets.preset_rank_best <= part.presets.preset_rank_worst for part in made.parts)


def test_contributions_add_up_to_the_score_of_every_site(made, world):
    """To 1e-6, the learned share included, and the score is that of the list."""
    campuses, field, _, _, package, _ = world
    rows = list(csv.DictReader(io.StringIO(certainty_files(made, IDS, package)["contributions.csv"].decode())))
    assert [r["site_id"] for r in rows] == IDS
    for row, campus in zip(rows, campuses, strict=False):
        parts = [float(v) for k, v in row.items() if k not in ("site_id", "score")]
        assert math.fsum(parts) == pytest.approx(float(row["score"]), abs=1e-6)
        assert float(row["score"]) == pytest.approx(field.mean_score(campus), abs=1e-3)


def test_file_tells_what_would_dethrone_the_first(made, world):
    """Weights that keep it first include today's; the change sums to nothing."""
    content = json.loads(certainty_files(made, IDS, world[4])["certainty.json"])
    first = content["first"]
    assert first["site_id"] == IDS[0]
    for family, (low, high) in first["stays_first_while"].items():
        assert low <= first["weights_now"][family] + 1e-4
        assert high >= first["weights_now"][family] - 1e-4
    change = first["smallest_change_of_families"]
    assert change is None or sum(float(p.split()[1]) for p in change["change"].split(", ")) == pytest.approx(0.0, abs=0.3)


def test_file_holds_pairs_methods_sensitivity_and_evidence(made, world):
    """Each in its part."""
    content = json.loads(certainty_files(made, IDS, world[4])["certainty.json"])
    assert len(content["before"]["probability"]) == len(content["before"]["sites"]) == 50
    assert content["methods"]["names"][0] == "weighted_sum"
    assert list(content["sensitivity"]) == IDS[:STUDIED]
    assert [r["layer"] for r in content["evidence"]] == list(made.shortlist.ids)


def test_files_are_the_same_when_made_again(made, world):
    """Byte for byte, ranks included."""
    campuses, field, stack, config, package, learned = world
    again = certainty(campuses, LISTED, Scored(field, stack, package, learned), config)
    assert certainty_files(again, IDS, package) == certainty_files(made, IDS, package)
    assert again.parts == made.parts


def test_rivals_are_as_many_as_studied_or_listed(world):
    """Whichever is more; the list is their head."""
    _, field, _, config, _, _ = world
    few = config.model_copy(update={"uncertainty": config.uncertainty.model_copy(update={"campuses": 10})})
    many = config.model_copy(update={"uncertainty": config.uncertainty.model_copy(update={"campuses": 140})})
    none = config.model_copy(update={"uncertainty": None})
    assert [len(rivals(field, c)) for c in (few, many, none)] == [100, 140, 100]


def _ungated(world):
    """Scores of the world without gates."""
    _, _, stack, config, _, learned = world
    return fuse(score_cells(value_matrix(stack, config), config), learned, config.model.share)


def test_near_misses_have_a_file(world, made):
    """Together they are all the files there are."""
    campuses, field, stack, config, package, learned = world
    excluded = exclude(stack, config)
    file = near_miss_file(
        Scored(field, stack, package, learned), config, excluded, listed=campuses[-20:], ungated=_ungated(world)
    )
    assert set(file) | set(certainty_files(made, IDS, package)) == set(FILES)
    head = file["near_misses.csv"].decode().splitlines()[0]
    assert tuple(head.split(",")) == NearMiss.names()
    assert head.startswith("would_rank,score,lat,lon")


def test_linear_scores_are_those_of_the_list(made):
    """Slopes times weights plus offsets."""
    assert linear(made.shortlist).scores() == pytest.approx(made.shortlist.fused)


def test_reasons_name_value_points_standing_and_source(made):
    """Each reason says all four."""
    for reason in made.parts[0].reasons.why_up.split("; "):
        assert "points, better than" in reason
        assert reason.endswith(")")


def test_without_the_section_nothing_is_said(world, default_path):
    """A run without it goes on without it."""
    campuses, field, stack, _, package, learned = world
    plain = load_config(default_path, {**{k: v for k, v in COARSE.items() if "uncertainty" not in k}, "uncertainty": "null"})
    assert certainty(campuses, LISTED, Scored(field, stack, package, learned), plain.config) is None
