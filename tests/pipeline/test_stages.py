"""The whole run, on real data at a coarse cell size: what it writes, and that it can be repeated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from sitefinder.config import FAMILIES, load_config
from sitefinder.errors import ConfigError, SitesError
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.listing import ranking_only
from sitefinder.pipeline.stages import Result, kept_acres, land_left, layers_needed, run
from sitefinder.results.run import read_run
from sitefinder.scoring.exclusions import active_gates
from sitefinder.sites.campuses import Field
from sitefinder.sites.own_list import Asked
from tests.helpers.paths import DATA, ROOT
from tests.helpers.rfc7946 import problems
from tests.helpers.stacks import COARSE, used

#: built layers of the country
pytestmark = pytest.mark.stack

DEFAULT = ROOT / "config" / "default.yaml"


@dataclass(frozen=True)
class Ran:
    """A finished run and where its files are."""

    out: Path
    cache: Path
    result: Result

    def sites(self) -> list[dict]:
        """Properties of the sites, in file order."""
        return [f["properties"] for f in json.loads((self.out / "sites.geojson").read_text())["features"]]

    def raster(self, name: str) -> np.ndarray:
        """Band 1 of a result raster."""
        with rasterio.open(self.out / name) as source:
            return source.read(1)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One run with the shipped configuration, on what the same run left in the cache before."""
    folder = tmp_path_factory.mktemp("run")
    result = run(load_config(DEFAULT, COARSE), out=folder / "out", data=DATA, cache=used(folder / "cache"))
    return Ran(folder / "out", folder / "cache", result)


def again(ran: Ran, out: Path, settings: dict[str, str] | None = None, sites: Path | None = None, *, quick: bool = False) -> Ran:
    """Run again on the same cache; ``quick`` without the parts that the test does not look at."""
    file = load_config(DEFAULT, COARSE | (settings or {}))
    file = ranking_only(file) if quick else file
    return Ran(out, ran.cache, run(file, out=out, data=DATA, cache=ran.cache, sites=sites, with_map=not quick))


def test_the_contract_files_are_written(ran: Ran) -> None:
    """The output folder holds what other people's scripts expect, and nothing else."""
    expected = {"sites.geojson", "suitability.tif", "weighted.tif", "ml.tif", "agreement.tif", "exclusions.tif", "run.json"}
    expected |= {"delivery.csv", "critical_path.csv", "connections.geojson", "map.html"}
    expected |= {"certainty.json", "contributions.csv", "near_misses.csv"}
    assert {p.name for p in ran.out.iterdir()} == expected


def test_sites_pass_a_strict_geojson_check(ran: Ran) -> None:
    """RFC 7946 to the letter: rings, order, ranges, decimals."""
    assert problems((ran.out / "sites.geojson").read_bytes()) == []


def test_the_list_in_memory_is_that_of_the_file(ran: Ran) -> None:
    """What a caller gets is what the folder holds."""
    assert [site.values for site in ran.result.sites] == ran.sites()
    assert ran.result.own == []


def test_two_identical_runs_give_the_same_bytes(ran: Ran, tmp_path: Path) -> None:
    """Nothing in the list depends on time, threads or chance."""
    other = again(ran, tmp_path / "out")
    assert (other.out / "sites.geojson").read_bytes() == (ran.out / "sites.geojson").read_bytes()
    assert (other.out / "suitability.tif").read_bytes() == (ran.out / "suitability.tif").read_bytes()


def test_a_cold_run_equals_a_warm_one(ran: Ran, tmp_path: Path) -> None:
    """Every file of a changed weight is the same from an empty cache and from one that other runs filled; and back again."""
    changed = {"weights.water": "0.45"}
    run(load_config(DEFAULT, COARSE | changed), out=tmp_path / "cold", data=DATA, cache=tmp_path / "cache")
    again(ran, tmp_path / "warm", changed)
    run(load_config(DEFAULT, COARSE), out=tmp_path / "back", data=DATA, cache=tmp_path / "cache")
    for one, other in ((tmp_path / "cold", tmp_path / "warm"), (ran.out, tmp_path / "back")):
        files = ({p.name: p.read_bytes() for p in folder.iterdir() if p.name != "run.json"} for folder in (one, other))
        first, second = files
        assert first.keys() == second.keys()
        assert [name for name in first if first[name] != second[name]] == []


def test_ranks_run_from_one_and_scores_fall(ran: Ran) -> None:
    """Features are in rank order and the best comes first."""
    sites = ran.sites()
    assert [s["rank"] for s in sites] == list(range(1, 41))
    scores = [s["score"] for s in sites]
    assert scores == sorted(scores, reverse=True)


def test_site_identities_are_unique(ran: Ran) -> None:
    """No two campuses share a name lattice cell."""
    names = [s["site_id"] for s in ran.sites()]
    assert len(set(names)) == len(names)


def test_family_scores_add_up_to_the_score(ran: Ran) -> None:
    """The weighted score is the weighted mean of the family scores that stand beside it."""
    weights = load_config(DEFAULT).config.family_weights()
    for site in ran.result.sites:
        total = sum(weights[f] * site.families.score[f] for f in FAMILIES)
        assert total == pytest.approx(site.identity.weighted_score, abs=1e-9)


def test_the_score_is_fused_from_both(ran: Ran) -> None:
    """It lies between the weighted and the learned score, as far from the weighted one as the share says, at most."""
    share = load_config(DEFAULT).config.model.share
    for identity in (site.identity for site in ran.result.sites):
        low, high = sorted([identity.weighted_score, identity.ml_score])
        assert low - 1e-9 <= identity.score <= high + 1e-9
        assert abs(identity.score - identity.weighted_score) <= share * (high - low) + 1e-9


def test_without_the_model_the_weighted_score_decides(ran: Ran, tmp_path: Path) -> None:
    """A share of 0 leaves no learned output, and removes what an earlier run left."""
    out = tmp_path / "out"
    again(ran, out, quick=True)
    assert (out / "ml.tif").exists()
    other = again(ran, out, {"model.share": "0"}, quick=True)
    assert not (out / "ml.tif").exists()
    assert all(s["score"] == s["weighted_score"] and s["ml_score"] is None for s in other.sites())


def test_the_model_never_rescues_excluded_land(ran: Ran) -> None:
    """Where a gate excludes there is no learned score either."""
    assert np.isnan(ran.raster("ml.tif")[ran.raster("exclusions.tif") != 0]).all()


def test_every_campus_has_the_acres_it_needs(ran: Ran) -> None:
    """A gigawatt campus holds at least 1,000 buildable acres."""
    assert min(s["buildable_acres"] for s in ran.sites()) >= 1000


def test_the_point_lies_inside_the_footprint(ran: Ran) -> None:
    """lat and lon name a point of the campus."""
    for feature in json.loads((ran.out / "sites.geojson").read_text())["features"]:
        point = shapely.Point(feature["properties"]["lon"], feature["properties"]["lat"])
        assert shapely.covers(shapely.geometry.shape(feature["geometry"]), point)


def test_excluded_cells_have_no_score_and_a_reason(ran: Ran) -> None:
    """A land cell is either scored or carries at least one reason bit, never both."""
    score, bits = ran.raster("suitability.tif"), ran.raster("exclusions.tif")
    assert (np.isnan(score) == (bits != 0)).all()
    assert np.isnan(score[bits != 0]).all()
    assert (bits != 0).sum() > 1000
    assert np.nanmin(score) >= 0
    assert np.nanmax(score) <= 100


def test_bit_names_travel_with_the_raster(ran: Ran) -> None:
    """Every gate that takes a score away is named in the tags of exclusions.tif."""
    with rasterio.open(ran.out / "exclusions.tif") as source:
        tags = source.tags()
    gates = list(active_gates(load_config(DEFAULT).config))
    assert [tags[f"bit_{i}"].split(":")[0] for i in range(len(gates))] == gates


def test_the_ledger_accounts_for_all_land(ran: Ran) -> None:
    """Acres lost in sequence and free acres add up to the land."""
    ledger = json.loads((ran.out / "run.json").read_text())["land_ledger_acres"]
    lost = sum(v["in_sequence_acres"] for v in ledger.values() if "in_sequence_acres" in v)
    assert lost + ledger["free"]["acres"] == pytest.approx(ledger["land"]["acres"])


def test_the_manifest_names_what_stands_on_the_sites(ran: Ran) -> None:
    """Every rule has an entry, and each entry holds sites of the list."""
    checks = json.loads((ran.out / "run.json").read_text())["checks"]
    assert {"plant_10mw", "substation", "known_campus", "airport", "reactor_exclusion_area", "both_banks"} <= set(checks)
    assert {key for sites in checks.values() for key in sites} <= {site.site_id for site in ran.result.sites}


def test_the_manifest_names_every_input(ran: Ran) -> None:
    """run.json holds the hash of every file that a used layer is made of."""
    content = json.loads((ran.out / "run.json").read_text())
    assert content["inputs"]["grid/transmission_lines.parquet"].startswith("sha256:")
    assert content["config_fingerprint"] == load_config(DEFAULT, COARSE).config.fingerprint()
    assert content["peak_memory_mb"] > 0


def test_a_changed_weight_changes_the_ranking_but_builds_no_layer(ran: Ran, tmp_path: Path) -> None:
    """Tuning a weight re-ranks from the cache alone; only routes that lead from other sites are added."""
    before = {p.name for p in ran.cache.rglob("*")}
    other = again(ran, tmp_path / "out", {"weights.water": "0.5"})
    added = {p.name for p in ran.cache.rglob("*")} - before
    of_sites = [name for name in added if name.startswith("routes-") and ("-other-" in name or "-own-" in name)]
    assert sorted(added) == sorted(of_sites)
    assert [s["site_id"] for s in other.sites()] != [s["site_id"] for s in ran.sites()]


def test_a_bigger_load_needs_more_acres_and_a_bigger_river(ran: Ran, tmp_path: Path) -> None:
    """Five gigawatts ask for five times the land, and fewer rivers can carry them."""
    other = again(ran, tmp_path / "out", {"project.mw": "5000"}, quick=True)
    assert min(s["buildable_acres"] for s in other.sites()) >= 5000
    assert len(list(ran.cache.rglob("river_km-*.nearest.npy"))) == 2


def test_lists_flag_whose_land_it_may_be(ran: Ran, tmp_path: Path) -> None:
    """Pawhuska, Oklahoma, lies inside the Osage boundary and is not excluded for it; the Daniel Boone forest is an outline."""
    listing = tmp_path / "mine.csv"
    listing.write_text("name,lat,lon\nOsage,36.67,-96.34\nforest,37.80,-83.65\n")
    again(ran, tmp_path / "out", sites=listing, quick=True)
    own = json.loads((tmp_path / "out" / "own_sites.geojson").read_bytes())["features"]
    sites = {f["properties"]["name"]: f["properties"] for f in own}
    assert sites["Osage"]["tribal_statistical_pct"] == 100
    assert "tribal_land" not in (sites["Osage"]["excluded_by"] or "")
    assert sites["forest"]["park_forest_pct"] > 50
    assert "federal_land" not in (sites["forest"]["excluded_by"] or "")
    assert all(s["tribal_statistical_pct"] is not None for s in ran.sites())


def test_own_sites_are_scored_like_the_country(ran: Ran, tmp_path: Path) -> None:
    """A point at a listed site gets that site's score; Yellowstone is excluded with its reasons and comes last."""
    best = ran.sites()[0]
    listing = tmp_path / "mine.csv"
    listing.write_text(f"name,lat,lon\nYellowstone,44.6,-110.5\nbest,{best['lat']},{best['lon']}\n")
    other = again(ran, tmp_path / "out", sites=listing, quick=True)
    text = (tmp_path / "out" / "own_sites.geojson").read_bytes()
    own = [f["properties"] for f in json.loads(text)["features"]]
    assert problems(text) == []
    assert [s["name"] for s in own] == ["best", "Yellowstone"]
    assert own[0]["score"] == best["score"]
    assert own[0]["national_rank"] == 1
    assert own[1]["score"] is None
    assert "national_park" in own[1]["excluded_by"]
    assert len(other.sites()) == 40


def test_columns_of_the_user_come_back(ran: Ran, tmp_path: Path) -> None:
    """With the number of the row, after all others, whatever the order of the list; the run is read again with them."""
    listing = tmp_path / "mine.csv"
    listing.write_text("APN,lat,lon,Price per acre\n007-01,44.6,-110.5,900\n007-02,32.5,-99.79,4100\n")
    again(ran, tmp_path / "out", sites=listing, quick=True)
    own = [f["properties"] for f in json.loads((tmp_path / "out" / "own_sites.geojson").read_bytes())["features"]]
    assert [(s["your_row"], s["your_apn"], s["your_price_per_acre"]) for s in own] == [(3, "007-02", 4100), (2, "007-01", 900)]
    assert list(own[0])[-5:] == ["your_row", "your_apn", "your_lat", "your_lon", "your_price_per_acre"]
    assert read_run(tmp_path / "out").own[0].site.yours["your_apn"] == "007-02"


def test_the_lists_own_outlines_are_what_the_list_says(ran: Ran, tmp_path: Path) -> None:
    """Given back as parcels, every campus has its score and rank, and no gate of a neighbour that its outline touches."""
    again(ran, tmp_path / "out", sites=ran.out / "sites.geojson", quick=True)
    own = [f["properties"] for f in json.loads((tmp_path / "out" / "own_sites.geojson").read_bytes())["features"]]
    by_id = {s["your_site_id"]: s for s in own}
    assert len(by_id) == len(ran.sites()) == 40
    for site in ran.sites():
        mine = by_id[site["site_id"]]
        assert (mine["excluded_by"], mine["national_rank"], mine["score"]) == ("", site["rank"], site["score"])


def test_parcels_use_their_own_outline(ran: Ran, tmp_path: Path) -> None:
    """A parcel's acres come from the cells by their share in it, not from whole cells."""
    best = ran.sites()[0]
    lon, lat = best["lon"], best["lat"]
    square = [[lon - 0.05, lat - 0.05], [lon + 0.05, lat - 0.05], [lon + 0.05, lat + 0.05], [lon - 0.05, lat + 0.05]]
    parcel = {"type": "Polygon", "coordinates": [[*square, square[0]]]}
    path = tmp_path / "parcel.geojson"
    path.write_text(json.dumps({"type": "Feature", "properties": {"name": "mine"}, "geometry": parcel}))
    other = again(ran, tmp_path / "out", sites=path, quick=True)
    acres = 0.1 * 0.1 * 111.2**2 * np.cos(np.radians(lat)) * 247.105
    assert other.result.own[0].place.footprint_acres == pytest.approx(acres, rel=0.02)


def test_bad_own_sites_are_refused_or_skipped(ran: Ran, tmp_path: Path) -> None:
    """A bad row refuses the file before anything is written; with skip_bad the rest is ranked and the bad row is listed."""
    listing = tmp_path / "mine.csv"
    listing.write_text('name,lat,lon,acres\ngood,32.5,-99.79,500\n"at\nsea",36.0,-72.0,\nbad,x,y,\n')
    out = tmp_path / "out"
    file = ranking_only(load_config(DEFAULT, COARSE))
    with pytest.raises(SitesError, match=r"row 3: it lies outside the land(.|\n)*row 5: lat and lon(.|\n)*2 of 3 sites"):
        run(file, out=out, data=DATA, cache=ran.cache, sites=listing)
    assert not out.exists()
    result = run(file, out=out, data=DATA, cache=ran.cache, sites=listing, asked=Asked(skip_bad=True), with_map=False)
    assert [site.identity.name for site in result.own] == ["good"]
    assert (out / "own_sites_skipped.csv").read_text().splitlines()[1].startswith("row 3,at sea,it lies outside the land")
    again(ran, out, quick=True)
    assert not (out / "own_sites_skipped.csv").exists()


def test_shape_and_neighbours_are_in_the_results(ran: Ran) -> None:
    """Every site says how compact it is, what it can grow into and who lives around it."""
    for site in ran.sites():
        assert 0 < site["compactness"] <= 0.786
        assert 0 < site["largest_rectangle_acres"] <= site["buildable_acres"] + 1
        assert site["buildable_acres"] <= site["expansion_2x_acres"] + 1
        assert site["expansion_2x_acres"] <= site["expansion_5x_acres"] + 1
        assert site["expandable_to_x"] in (1, 2, 5)
        assert site["people_1km"] <= site["people_5km"]
        assert site["homes_estimate_km"] >= 0


def test_a_replaced_layer_is_used(ran: Ran, tmp_path: Path) -> None:
    """A user's own raster takes the place of a layer."""
    path = tmp_path / "slope.tif"
    _write_raster(path, 7.0)
    other = again(ran, tmp_path / "out", {"layers.replace": f"{{slope_pct: {path}}}"}, quick=True)
    assert {s["slope_pct"] for s in other.sites()} == {7.0}


def _write_raster(path: Path, value: float) -> None:
    profile = {"driver": "GTiff", "height": 30, "width": 50, "count": 1, "dtype": "float32", "crs": "EPSG:5070"}
    transform = rasterio.transform.from_origin(-2_400_000, 3_200_000, 100_000, 100_000)
    with rasterio.open(path, "w", transform=transform, **profile) as target:
        target.write(np.full((30, 50), value, np.float32), 1)


def test_no_room_for_a_campus_is_the_users_error(ran: Ran, tmp_path: Path) -> None:
    """When the gates leave nothing, the message says what to loosen."""
    with pytest.raises(ConfigError, match=r"No campus of 1000 acres fits.*Loosen exclusions"):
        again(ran, tmp_path / "out", {"exclusions.far_from_grid.above": "0"})


def test_gates_and_context_layers_are_opened_once() -> None:
    """The list of layers to open has no repeats and covers criteria and gates."""
    config = load_config(DEFAULT).config
    needed = layers_needed(config)
    assert len(needed) == len(set(needed))
    assert {g.layer for g in config.exclusions.values()} | set(config.flat_criteria()) <= set(needed)


def test_kept_acres_are_those_of_the_land_left(ran: Ran, tmp_path: Path) -> None:
    """Computed and read again, the raster is the one that a field makes of the percentages."""
    stack = open_stack(
        DataPackage(DATA), file := load_config(DEFAULT, COARSE), layers_needed(file.config), cache_folder=ran.cache
    )
    expected = Field.of(stack.land, np.zeros(stack.land.size, np.float32), land_left(stack)).acres
    assert all(np.array_equal(kept_acres(stack), expected) for _ in range(2))
    assert expected.max() > 0


def test_changed_breakpoints_do_not_fill_the_cache(ran: Ran, tmp_path: Path) -> None:
    """Only the newest matrices of values stay."""
    for worst in ("0.41", "0.42", "0.43"):
        again(ran, tmp_path / "out", {"criteria.water.drought_share.ramp.worst": worst}, quick=True)
    assert len(list(ran.cache.rglob("values-*.npy"))) == 2


def test_results_of_an_earlier_run_do_not_linger(ran: Ran, tmp_path: Path) -> None:
    """A run without own sites removes the own sites of the run before."""
    listing = tmp_path / "mine.csv"
    listing.write_text("lat,lon\n32.5,-99.79\n")
    again(ran, tmp_path / "out", sites=listing, quick=True)
    assert (tmp_path / "out" / "own_sites.geojson").exists()
    again(ran, tmp_path / "out", quick=True)
    assert not (tmp_path / "out" / "own_sites.geojson").exists()


def test_a_parcel_comes_back_as_drawn(ran: Ran, tmp_path: Path) -> None:
    """The outline of a user's parcel is the user's, not that of the cells."""
    best = ran.sites()[0]
    corner = [round(best["lon"], 4), round(best["lat"], 4)]
    ring = [corner, [corner[0] + 0.01, corner[1]], [corner[0], corner[1] + 0.01], corner]
    path = tmp_path / "parcel.geojson"
    path.write_text(
        json.dumps({"type": "Polygon", "coordinates": [ring]}).join(['{"type":"Feature","properties":{},"geometry":', "}"])
    )
    again(ran, tmp_path / "out", sites=path, quick=True)
    (feature,) = json.loads((tmp_path / "out" / "own_sites.geojson").read_text())["features"]
    returned = shapely.geometry.shape(feature["geometry"])
    assert shapely.symmetric_difference(returned, shapely.Polygon(ring)).area < 1e-9


def test_the_manifest_says_what_was_computed_and_why(ran: Ran, tmp_path: Path) -> None:
    """A changed weight computes campuses that are new, no layer and no gate; the same run again computes nothing."""
    changed = {"weights.water": "0.3"}
    for _ in range(2):
        again(ran, tmp_path, changed, quick=True)
    same = json.loads((tmp_path / "run.json").read_text())
    assert same["changed_since_the_last_run"] == []
    assert {kind for kind, n in same["recomputed"].items() if n["computed"]} == set()
    again(ran, tmp_path, {"weights.water": "0.31"}, quick=True)
    moved = json.loads((tmp_path / "run.json").read_text())
    assert moved["changed_since_the_last_run"] == ["weights.water: 0.3 -> 0.31"]
    assert moved["recomputed"]["layers"]["computed"] == 0
    assert moved["recomputed"]["exclusions"]["computed"] == 0
    assert moved["recomputed"]["layers"]["kept"] == len(layers_needed(ranking_only(load_config(DEFAULT, COARSE)).config))
    assert sum(moved["recomputed"]["particulars"].values()) == 40
