"""Natural-gas transmission pipelines."""

from __future__ import annotations

import geopandas as gpd
import shapely

from sitefinder.compiling.base import CRS, FRAME, Compiler, Product

PIPELINES_RAW = "gas/pipelines.parquet"
#: the source is drawn to about 1 km, so this adds nothing to its error
SIMPLIFY_M = 50.0
QUANTUM_M = 10.0


def compile_gas(c: Compiler) -> None:
    """Gas pipelines."""
    _pipelines(c)


def _pipelines(c: Compiler) -> None:
    raw = gpd.read_parquet(c.raw(PIPELINES_RAW)).to_crs(CRS)
    raw = raw.set_geometry(shapely.set_precision(raw.geometry.values, 1.0, mode="pointwise"))
    raw["kind"] = raw["type"].str.lower()
    raw["geometry"] = shapely.clip_by_rect(raw.geometry.values, *FRAME)
    raw = raw[~raw.geometry.is_empty]
    merged = raw.dissolve(["pipeline", "kind"]).reset_index()[["pipeline", "kind", "geometry"]]
    merged["geometry"] = shapely.simplify(shapely.line_merge(merged.geometry.values), SIMPLIFY_M)
    lines = merged.explode(ignore_index=True)
    lines = lines.set_geometry(shapely.set_precision(lines.geometry.values, QUANTUM_M, mode="pointwise"))
    c.vector(
        Product(
            path="gas/pipelines.parquet",
            title="Interstate and intrastate natural-gas pipelines",
            publisher="US Energy Information Administration, Natural Gas Interstate and Intrastate Pipelines",
            vintage="about 2024",
            licence="public domain (US government)",
            grade="E2",
            caveat=(
                "Routes are generalised, often by 1 km or more. No diameter, pressure or spare capacity. Tallgrass Interstate "
                "(Nebraska, Kansas, Colorado, Wyoming) is missing, and most gathering and distribution lines are."
            ),
            method="Segments joined per pipeline and kind, repeated segments merged, simplified by 50 m; Alaska dropped.",
            sources=(PIPELINES_RAW,),
            fields={"pipeline": "name of the pipeline or operator", "kind": "interstate or intrastate"},
        ),
        lines[lines.length > 0.0],
        quantum_m=QUANTUM_M,
    )
