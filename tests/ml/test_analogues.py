"""The known campus a place is most like, by hand-made anchors and by the shipped ones."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sitefinder.layers import REGISTRY
from sitefinder.layers.files import CAMPUS_LABELS, EPOCH_CAMPUSES, MODEL_FILE
from sitefinder.ml.analogues import LEAST_MW, Analogues, find_analogues
from sitefinder.ml.dataset import Presences
from sitefinder.ml.features import FEATURES
from sitefinder.ml.predict import Domain
from sitefinder.ml.store import load

COLUMN = {f.layer: j for j, f in enumerate(FEATURES)}
N_FEATURES = len(FEATURES)


def campus(**layers):
    """Layer values of a campus: 10 everywhere but where told."""
    x = np.full((1, N_FEATURES), 10.0)
    for name, value in layers.items():
        x[0, COLUMN[name]] = value
    return x


@pytest.fixture
def domain():
    """Three campuses in a space where every feature counts the same; the second has no name."""
    open_domain = Domain(np.zeros((1, N_FEATURES)), np.zeros(N_FEATURES), np.full(N_FEATURES, 0.5), 1.0, 1.0)
    x = np.vstack([campus(river_km=3.0), campus(river_km=40.0), campus(relief_m=0.5, river_km=400.0)])
    return Domain(open_domain.place(x), open_domain.centre, open_domain.scale, 1.0, 1.0)


@pytest.fixture
def campuses():
    """The first and the last campus."""
    return Analogues(np.array([0, 2]), ("wet", "dry"), np.array([2121.0, 50.4]))


def test_nearest_named_campus_is_told_with_what_differs_most(domain, campuses):
    """The nearest of all has no name: the nearest with a name, its power, the family, the layer here and there."""
    assert campuses.describe(domain, campus(river_km=40.0)) == ["wet (2121 MW); differs most in water: river_km 40 vs 3"]


def test_each_place_has_its_own_analogue(domain, campuses):
    """Two places, two answers, in their order."""
    texts = campuses.describe(domain, np.vstack([campus(river_km=399.0, relief_m=2.0), campus(river_km=3.0, gas_any_km=0.0)]))
    assert texts == [
        "dry (50 MW); differs most in land: relief_m 2 vs 0.5",
        "wet (2121 MW); differs most in gas: gas_any_km 0 vs 10",
    ]


def test_family_counts_as_a_whole(domain, campuses):
    """Several layers of one family that differ somewhat outweigh a single one of another that differs more."""
    grid = {f.layer: 30.0 for f in FEATURES if REGISTRY[f.layer].spec.family == "grid_capacity" and f.shape == "log"}
    (text,) = campuses.describe(domain, campus(river_km=11.0, **grid))
    assert "differs most in grid_capacity: " in text


def test_unknown_values_are_told_as_unknown(domain, campuses):
    """An unknown place is at the centre, and is not shown as a number."""
    (text,) = campuses.describe(domain, campus(river_km=3.0, town_km=np.nan))
    assert text.endswith("town_km unknown vs 10")


def test_unimportant_layers_never_set_places_apart(domain, campuses):
    """A layer that the model does not use is not told, however much it differs."""
    scale = domain.scale.copy()
    scale[COLUMN["river_km"]] = 0.0
    anchors = domain.anchors.copy()
    anchors[:, COLUMN["river_km"]] = 0.0
    silent = Domain(anchors, domain.centre, scale, 1.0, 1.0)
    (text,) = campuses.describe(silent, campus(river_km=9e3, gas_any_km=11.0))
    assert "gas_any_km 11 vs 10" in text


def test_the_campus_itself_is_the_same_ground(domain, campuses):
    """Nothing to tell apart."""
    assert campuses.describe(domain, campus(river_km=3.0)) == ["wet (2121 MW); same ground"]


def test_without_names_nothing_is_told(domain):
    """A model trained without the named campuses has no analogues."""
    assert Analogues(np.empty(0, np.int64), (), np.empty(0)).describe(domain, campus()) == [None]


def labelled(names, mw):
    """Presences with these names and powers."""
    n = len(names)
    numbers = np.zeros(n)
    return Presences(
        np.arange(n),
        np.zeros((n, 2)),
        np.zeros((n, N_FEATURES)),
        np.array(mw, float),
        numbers,
        np.full(n, "2025-06"),
        np.array(names, object),
        np.zeros(n, np.int32),
    )


def test_only_public_names_of_settled_places_and_enough_power_are_taken(tmp_path):
    """Left out: a name of the map alone, a rough place, too little power, unknown power."""
    pd.DataFrame({"name": ["a", "rough", "small", "unknown"]}).to_parquet(tmp_path / "epoch.parquet")
    positions = ["mapped", "approximate", "address", "address", "mapped"]
    pd.DataFrame({"name": ["a", "rough", "small", "unknown", None], "position": positions}).to_parquet(
        tmp_path / "labels.parquet"
    )
    paths = {EPOCH_CAMPUSES: tmp_path / "epoch.parquet", CAMPUS_LABELS: tmp_path / "labels.parquet"}
    presences = labelled(["mapped only", "rough", "small", "unknown", "a"], [900.0, 900.0, LEAST_MW - 1, np.nan, LEAST_MW])
    analogues = find_analogues(SimpleNamespace(verified=paths.__getitem__), presences)
    assert (analogues.anchor.tolist(), analogues.name, analogues.mw.tolist()) == ([4], ("a",), [LEAST_MW])


def test_shipped_abilene_is_most_like_itself(package):
    """The anchor of Abilene, told by its own layer values, is Abilene."""
    stored = load(package.root / MODEL_FILE)
    at = stored.analogues.name.index("OpenAI Stargate Abilene")
    anchor = stored.domain.anchors[stored.analogues.anchor[at]]
    x = np.array([[stored.domain.layer_value(anchor, j) for j in range(N_FEATURES)]])
    (text,) = stored.analogues.describe(stored.domain, x)
    assert text.startswith("OpenAI Stargate Abilene (2121 MW)")
