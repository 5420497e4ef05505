"""Gas: pipelines that could feed on-site generation."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.built import Built
from sitefinder.layers.files import PIPELINES
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

#: radius within which a second pipeline still counts as a second tap
SECOND_TAP_KM = 10.0


@layer(
    layer_id="gas_interstate_km",
    family="gas",
    title="Distance to an interstate gas pipeline",
    unit="km",
    meaning="Distance from the cell centre to the nearest interstate natural-gas transmission pipeline.",
    better="low",
    valid=(0.0, 1500.0),
    sources=(PIPELINES,),
    grade="E2",
    caveat="No diameter or spare capacity; Tallgrass Interstate (NE, KS, CO, WY) is missing from the source.",
)
def gas_interstate_km(sources: Sources) -> Built:
    """Distance with the pipeline's name."""
    lines = sources.features(PIPELINES)
    chosen = lines[lines["kind"] == "interstate"]
    return sources.distance_km(chosen.geometry.values, chosen["pipeline"].tolist())


@layer(
    layer_id="gas_any_km",
    family="gas",
    title="Distance to any gas transmission pipeline",
    unit="km",
    meaning="Distance to the nearest interstate or intrastate pipeline; gathering lines do not count.",
    better="low",
    valid=(0.0, 1500.0),
    sources=(PIPELINES,),
    grade="E2",
    caveat="As for interstate pipelines; intrastate systems feed power stations in Texas, Louisiana, California and Oklahoma.",
)
def gas_any_km(sources: Sources) -> Built:
    """Distance with the pipeline's name."""
    lines = sources.features(PIPELINES)
    chosen = lines[lines["kind"] != "gathering"]
    return sources.distance_km(chosen.geometry.values, chosen["pipeline"].tolist())


@layer(
    layer_id="gas_pipelines_10km",
    family="gas",
    title="Distinct gas pipelines within 10 km",
    unit="pipelines",
    meaning="Number of differently named interstate or intrastate pipelines with a segment within 10 km of the cell centre.",
    better="high",
    valid=(0.0, 60.0),
    sources=(PIPELINES,),
    grade="E2",
    caveat="Different names can belong to one owner; parallel lines of one company count once.",
)
def gas_pipelines_10km(sources: Sources) -> np.ndarray:
    """Count of names."""
    lines = sources.features(PIPELINES)
    chosen = lines[lines["kind"] != "gathering"]
    group = chosen["pipeline"].astype("category").cat.codes.to_numpy()
    return sources.groups_within_km(chosen.geometry.values, group, SECOND_TAP_KM)
