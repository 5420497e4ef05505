"""A list of sites with everything a run says about them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely

from sitefinder.config import ConfigFile, load_config
from sitefinder.errors import ConfigError
from sitefinder.grid import to_wgs84
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.listing import (
    LIST_FILES,
    PARTS,
    SLOW_PARTS,
    Known,
    Listing,
    certainty_files,
    files_of,
    layers_of,
    national_list,
    own_list,
    ranking_only,
)
from sitefinder.pipeline.stages import BUILDABLE, layers_needed
from sitefinder.results import site as record
from sitefinder.results.site import ALWAYS, columns
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Field
from sitefinder.sites.kept import kept_own
from sitefinder.sites.own import UserSite
from sitefinder.sites.scores import FLAG_LAYERS
from sitefinder.units import MONTHS_PER_YEAR
from tests.helpers.stacks import used

#: built layers of the country
pytestmark = pytest.mark.stack


FEW = {
    "grid.resolution_m": "25000",
    "candidates.count": "6",
    "uncertainty.campuses": "20",
    "uncertainty.draws": "200",
    "delivery.draws": "200",
    "model.share": "0",
}
#: section of the configuration -> parts of the record that stay empty without it
EMPTY: dict[str, set[str]] = {
    "delivery": {"power", "routes"},
    "connections": {"routes"},
    "needs": {"routes", "needs", "costs"},
    "costs": {"needs", "costs"},
    "uncertainty": {"certainty"},
}
#: what columns of other parts begin with that rest on a section, too
FOLLOW: dict[str, tuple[str, ...]] = {
    "delivery": ("cost_pathway", "wait_musd", "capex_", "generation_musd", "own_pipeline", "gas_"),
    "connections": (
        "grid_lift_musd",
        "capex_",
        "own_pipeline",
        "gas_",
        "mw_",
        "full_load",
        "p_full",
        "binding_step",
        "first_",
        "onsite_gas_",
        "hybrid_",
    ),
    "needs": ("nearest_river", "mw_", "full_load", "p_full", "binding_step", "first_", "onsite_gas_", "hybrid_", "gas_"),
    "costs": ("grid_lift_musd",),
    "uncertainty": (),
}


@pytest.fixture(scope="module")
def file(default_path: Path) -> ConfigFile:
    """The shipped configuration on the coarsest grid, a few campuses, no model."""
    return load_config(default_path, FEW)


@pytest.fixture(scope="module")
def known(package: DataPackage, file: ConfigFile, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A few campuses of the coarsest grid, scored by weights alone."""
    stack = open_stack(package, file, layers_needed(file.config), cache_folder=used(tmp_path_factory.mktemp("list")))
    excluded = exclude(stack, file.config)
    score = score_cells(value_matrix(stack, file.config), file.config)
    free = np.where(excluded.bits == 0, score, np.float32(np.nan))
    return Known(Field.of(stack.land, free, stack.values(BUILDABLE)), stack, file.config, None, package, excluded, score)


@pytest.fixture(scope="module")
def listing(known: Known, file: ConfigFile) -> Listing:
    """Their list."""
    return national_list(file, known)


def without(file: ConfigFile, known: Known, parts: Sequence[str]) -> Listing:
    """The list of a configuration that lacks some sections."""
    config = known.config.model_copy(update=dict.fromkeys(parts))
    return national_list(ConfigFile(file.path, file.tree, config), dataclasses.replace(known, config=config))


def test_sites_hold_every_part_of_a_national_list(listing: Listing) -> None:
    """All but what only the user's own sites have; the values are those of the columns of the criteria in use."""
    lacking = [{name for name in record.PARTS if getattr(site, name) is None} for site in listing.sites]
    assert lacking == [{"own"}] * 6
    assert [site.identity.rank for site in listing.sites] == [1, 2, 3, 4, 5, 6]


def test_every_column_has_a_value_somewhere(known: Known, listing: Listing) -> None:
    """No column is left without its computation but those of the model, which takes no part, and what no site is lacking."""
    names = [c.name for c in columns((*known.config.flat_criteria(), *FLAG_LAYERS))]
    assert [list(site.values) for site in listing.sites] == [names] * 6
    empty = {name for name in names if all(site.values[name] is None for site in listing.sites)}
    assert {name for name in empty if not name.startswith(("ml_", "to_rank_"))} <= {
        "wins_under",
        "large_load_terms",
        "nearest_rule",
        "non_firm_limit",
        "grid_station_sites",
    }


def test_parts_belong_to_their_site(listing: Listing) -> None:
    """Dates, routes, certainty and land of a site are those at its place in the stages' arrays."""
    assert listing.certainty is not None
    for i, site in enumerate(listing.sites):
        assert site.power is not None
        assert site.routes is not None
        assert site.costs is not None
        assert site.power.pathway == site.costs.pathway
        said = listing.particulars[i]
        assert {row.split(",")[0] for row in said.curves if row.split(",")[1] == "1"} == {site.power.pathway}
        lines = {f["properties"]["route"]: f["properties"]["km"] for f in said.lines}
        assert lines["gas"] == pytest.approx(site.routes.route("gas").km, abs=0.01)
        assert site.certainty is listing.certainty.parts[i]
        assert site.place.buildable_acres == listing.campuses[i].acres
        point = shapely.Point(site.place.lon, site.place.lat)
        assert shapely.covers(listing.outlines[i], point)


def test_costs_count_the_dates_and_the_routes(listing: Listing) -> None:
    """Waiting lasts from the date wanted to that of full load; the connections of the pathway are in the capital."""
    site = next(s for s in listing.sites if s.power is not None and s.power.full_load.p50 is not None)
    assert site.costs is not None
    assert site.power is not None
    assert site.routes is not None
    year, month = (int(part) for part in str(site.power.full_load.p50).split("-"))
    late = (year - 2028) * MONTHS_PER_YEAR + month - 12
    assert site.costs.wait_musd.mid == pytest.approx(max(late, 0) * site.costs.delay_musd_month.mid)
    items = [getattr(site.costs, f"{name}_musd").mid for name in ("land", "sitework", "substation", "generation", "water_supply")]
    routes = {"grid": ("grid",), "onsite_gas": ("gas",), "hybrid": ("grid", "gas")}[site.power.pathway or ""]
    lines = [site.routes.route(name).cost_musd.mid for name in (*routes, "fiber", "fiber_second", "water")]
    assert site.costs.capex_musd.mid == pytest.approx(np.nansum([*items, *lines]))


def test_list_leaves_its_files(listing: Listing) -> None:
    """Sites, curves, critical paths and routes; the user's own list has the same under another name."""
    contents = listing.files()
    assert set(contents) == set(LIST_FILES)
    assert set(listing.files(user=True)) == {f"own_{name}" for name in LIST_FILES}
    features = json.loads(contents["sites.geojson"])["features"]
    assert [f["properties"] for f in features] == [site.values for site in listing.sites]
    assert [f["properties"]["site_id"] for f in features] == listing.ids
    assert {f["properties"]["site_id"] for f in json.loads(contents["connections.geojson"])["features"]} == set(listing.ids)


def test_the_map_takes_the_list_as_the_file_holds_it(listing: Listing) -> None:
    """The same records, campuses and rounded outlines."""
    shown = listing.on_map()
    features = json.loads(listing.files()["sites.geojson"])["features"]
    assert shown.outlines == [f["geometry"] for f in features]
    assert (shown.sites, shown.land) == (listing.sites, listing.campuses)


def test_certainty_comes_with_its_files(known: Known, listing: Listing) -> None:
    """Draws, contributions and near misses, for the listed sites."""
    contents = certainty_files(listing, known.package)
    assert set(contents) == {"certainty.json", "contributions.csv", "near_misses.csv"}
    assert listing.certainty is not None
    assert [site.certainty for site in listing.sites] == listing.certainty.parts
    assert [line.split(",")[0] for line in contents["contributions.csv"].decode().splitlines()[1:]] == listing.ids


#: a column of each part of a list
OF_PART = {
    "delivery": "full_load_p50",
    "connections": "grid_cost_musd_mid",
    "needs": "water_need_mgd_mid",
    "costs": "capex_musd_mid",
    "uncertainty": "rank_p05",
}


@pytest.mark.parametrize("part", PARTS)
def test_part_that_is_left_out_leaves_its_columns_empty(
    part: str, known: Known, file: ConfigFile, listing: Listing, caplog: pytest.LogCaptureFixture
) -> None:
    """The columns of the section are null, those that do not rest on it are as before, and the log says so."""
    lacking = without(file, known, [part])
    empty = {name for each in EMPTY[part] for name in record.PARTS[each].names()}
    for before, after in zip(listing.sites, lacking.sites, strict=True):
        assert {name for name in ALWAYS if getattr(after, name) is None} == set()
        assert {after.values[name] for name in empty} == {None}
        assert list(after.values) == list(before.values)
        changed = {name for name in set(after.values) - empty if after.values[name] != before.values[name]}
        assert {name for name in changed if not name.startswith(FOLLOW[part])} == set()
    layers_of(known.config.model_copy(update={part: None}))
    assert f"Without {part}:" in caplog.text


@pytest.mark.parametrize("part", PARTS)
def test_part_that_is_left_out_opens_no_layers_and_files_of_its_own(part: str, known: Known) -> None:
    """What only this section reads is not read."""
    config = known.config.model_copy(update={part: None})
    assert set(layers_of(config)) < set(layers_of(known.config))
    assert files_of(config, known.package) <= files_of(known.config, known.package)


def test_nothing_is_left_out_silently_or_told_without_need(known: Known, caplog: pytest.LogCaptureFixture) -> None:
    """A whole configuration needs no warning."""
    layers_of(known.config)
    assert caplog.text == ""


def test_quick_list_has_no_routes_costs_or_certainty(known: Known, file: ConfigFile, listing: Listing) -> None:
    """A quick list is made of scores, shape, neighbours and dates: the same campuses, with the same of these."""
    quick = ranking_only(file)
    found = national_list(quick, dataclasses.replace(known, config=quick.config))
    assert {name for name in PARTS if getattr(quick.config, name) is None} == set(SLOW_PARTS)
    assert (found.certainty, found.routes) == (None, [])
    assert set(found.files()) == {"sites.geojson", "delivery.csv", "critical_path.csv"}
    for before, after in zip(listing.sites, found.sites, strict=True):
        assert {name for name in record.PARTS if getattr(after, name) is None} == {"routes", "needs", "costs", "certainty", "own"}
        same = [name for part in (*ALWAYS, "power") for name in record.PARTS[part].names() if name != "grid_lift_musd"]
        assert [after.values[name] for name in same] == [before.values[name] for name in same]


def test_campuses_of_an_earlier_list_keep_their_place(known: Known, listing: Listing, tmp_path: Path, default_path: Path) -> None:
    """Under the same weights the same campuses come in the same order; nothing else is searched."""
    path = tmp_path / "sites.geojson"
    path.write_bytes(listing.files()["sites.geojson"])
    kept = ranking_only(load_config(default_path, FEW | {"candidates.keep": str(path)}))
    found = national_list(kept, dataclasses.replace(known, config=kept.config))
    assert found.ids == listing.ids


def test_no_campus_is_the_users_error(known: Known, file: ConfigFile) -> None:
    """The file and what to loosen are named."""
    barren = dataclasses.replace(known, field=dataclasses.replace(known.field, acres=np.zeros_like(known.field.acres)))
    with pytest.raises(ConfigError, match=r"^No campus of 1000 acres fits in .*default\.yaml\. Loosen exclusions"):
        national_list(file, barren)


# -- the user's own --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(known: Known, listing: Listing) -> list[UserSite]:
    """Three sites in the order of a file: excluded land, the third of the national list, and its first."""
    grid, land = known.field.land.grid, known.field.land
    barred = int(land.cells[np.flatnonzero(exclude(known.stack, known.config).bits != 0)[0]])
    seeds = [barred, int(listing.campuses[2].cells[0]), int(listing.campuses[0].cells[0])]
    points = [shapely.Point(*grid.centre(cell // grid.width, cell % grid.width)) for cell in seeds]
    return [UserSite(name, "my.csv", point) for name, point in zip(("barred", "third", "first"), points, strict=True)]


def test_own_sites_come_best_first_with_their_names(known: Known, listing: Listing, own: list[UserSite]) -> None:
    """Ranked among themselves and in the national list; excluded ones last, without a score, with the gates that exclude them."""
    mine = own_list(own, known, [site.identity.score for site in listing.sites])
    assert [site.identity.name for site in mine.sites] == ["first", "third", "barred"]
    assert [site.identity.rank for site in mine.sites] == [1, 2, 3]
    assert [site.values["score"] for site in mine.sites] == [*(listing.sites[i].values["score"] for i in (0, 2)), None]
    parts = [site.own for site in mine.sites]
    assert None not in parts
    assert [part.national_rank for part in parts[:2] if part] == [1, 3]
    assert [bool(part.excluded_by) for part in parts if part] == [False, False, True]


def test_parts_of_own_sites_belong_to_their_site(known: Known, listing: Listing, own: list[UserSite]) -> None:
    """Sorted as they are, dates, routes and land stay with their campus; certainty is not studied."""
    mine = own_list(own, known, [])
    for site, national in zip(mine.sites[:2], (listing.sites[0], listing.sites[2]), strict=True):
        assert site.certainty is None
        assert site.power is not None
        assert site.routes is not None
        for part in (site.power, site.routes):
            assert {k: site.values[k] for k in part.names()} == {k: national.values[k] for k in part.names()}
        assert site.place.lat == national.place.lat
    assert set(mine.files(user=True)) == {f"own_{name}" for name in LIST_FILES}


def test_own_sites_stand_on_the_map_as_their_file_has_them(known: Known, own: list[UserSite]) -> None:
    """A parcel's share of a cell is that of its rounded outline: a map made of the files shows the same numbers."""
    grid, seed = known.field.land.grid, own[2].geometry
    ring = shapely.buffer(seed, 0.7 * grid.resolution_m)
    mine = own_list([UserSite("parcel", "my.csv", ring, to_wgs84(ring)), *own], known, [])
    shown, land = mine.own_on_map(known.field.land), known.field.land
    again = kept_own(json.loads(mine.files(user=True)["own_sites.geojson"])["features"], land)
    for one, two, exact in zip(shown.land, again, mine.campuses, strict=True):
        np.testing.assert_array_equal(one.cells, two.cells)
        np.testing.assert_array_equal(one.share, two.share)
        free = np.isin(one.cells, exact.cells)
        assert one.cells[0] == exact.cells[0]
        assert dict(zip(one.cells[free], one.share[free], strict=True)) == pytest.approx(
            dict(zip(exact.cells, exact.share, strict=True)), abs=1e-4
        )
    assert (shown.sites, shown.outlines) == (mine.sites, mine.on_map().outlines)


def test_no_own_sites_make_an_empty_list(known: Known) -> None:
    """Without files."""
    mine = own_list([], known, [])
    assert (mine.sites, mine.files(user=True)) == ([], {})
