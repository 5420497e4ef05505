"""Columns of a site that say where it is, how good, of what shape, and what lies near."""

from __future__ import annotations

from sitefinder.columns import Column as Column
from sitefinder.sites.neighbours import WITHIN_KM
from sitefinder.sites.shape import MULTIPLES

IDENTITY = (
    Column(
        "site_id",
        "",
        "Key of the site: state and 5 km lattice cell of the seed, the same in every run that puts a seed there",
        "candidates",
    ),
    Column("rank", "", "Place in the list, 1 = best", "candidates", 0),
    Column("name", "", "Name of the place: nearest town, or the user's own name", "land/places.parquet"),
    Column("score", "points", "Suitability 0-100: mean over the campus, weighted by buildable acres", "scoring", 2),
    Column(
        "weighted_score",
        "points",
        "Weighted score 0-100 before the learned score is fused in: family scores add up to it",
        "scoring",
        2,
    ),
    Column("ml_score", "points", "Learned score 0-100, on the scale of the weighted one; null when model.share is 0", "ml", 2),
    Column(
        "ml_applicability",
        "share",
        "1 on ground like that of known campuses, 0 where the model has seen nothing like it",
        "ml",
        2,
    ),
    Column("score_if_known", "points", "Score if every unknown criterion turned out at its best", "scoring", 2),
)


PLACE = (
    Column("state", "", "Postal code", "boundaries/counties.parquet"),
    Column("county", "", "County name", "boundaries/counties.parquet"),
    Column("county_fips", "", "Five-digit county code", "boundaries/counties.parquet"),
    Column("rto", "", "Market region of the grid operator", "share_alike/rto_regions.parquet"),
    Column(
        "lat",
        "degrees",
        "Latitude of a point inside: the cell from which the campus grew, to which layer values refer",
        "candidates",
        6,
    ),
    Column("lon", "degrees", "Longitude of that point", "candidates", 6),
    Column("buildable_acres", "acres", "Estimated buildable acres of the footprint", "land", 0),
    Column("footprint_acres", "acres", "Acres of the footprint", "candidates", 0),
)


SHAPE = (
    Column(
        "compactness",
        "",
        "Polsby-Popper compactness of the footprint, 4 pi area / outline^2: 1 = disc; cells reach at most 0.785, a square",
        "campus_shape",
        3,
    ),
    Column(
        "largest_rectangle_acres",
        "acres",
        "Buildable acres in the best rectangle of free land (sides along the grid) that fits into the footprint",
        "campus_shape",
        0,
    ),
    *(
        Column(
            f"expansion_{k}x_acres",
            "acres",
            f"Buildable acres of connected free land, the campus included, within reach of a campus {k} times as large",
            "campus_shape",
            0,
        )
        for k in MULTIPLES
    ),
    Column("expandable_to_x", "", "How many times the acres wanted the land has room for: 5, 2, 1, 0", "campus_shape", 0),
    *(
        Column(
            f"people_{k}km",
            "people",
            f"Residents of the census block groups whose centre of population lies within {k} km of the footprint",
            "land/population.parquet",
            0,
        )
        for k in WITHIN_KM
    ),
    Column(
        "homes_estimate_km",
        "km",
        "Estimated distance to homes: from the footprint to the nearest centre of a block group or town; single farmhouses, "
        "which no layer shows, may be nearer",
        "land/population.parquet, land/places.parquet",
        1,
    ),
)


QUALITY = (
    Column("evidence_grade", "", "E1 law or contract, E2 register, E3 statistic, E4 modelled, E5 proxy: weighted mean", "layers"),
    Column("unknown_points", "points", "Points that unknown criteria could still add", "scoring", 2),
    Column("station_km", "km", "Distance to the climate station: how far the climate evidence reaches", "layers", 0),
    Column("drivers_up", "", "Criteria that earn the most points, with value and unit", "scoring"),
    Column(
        "ml_chance",
        "share",
        "Calibrated chance of the learned score: of places like this one in a sample half campuses, half land, the share that "
        "are campuses (docs/learned-score.md tells how far it is off on held-out ground); null without a model",
        "ml",
        3,
    ),
    Column("ml_drivers", "", "Features that move the learned score most, with value and log-odds; null without a model", "ml"),
    Column(
        "ml_analogue",
        "",
        "Known campus of 50 MW and more that the place is most like in the eyes of the model (names: Epoch AI, CC BY), and the "
        "layer that differs most, here vs there; null without a model",
        "ml, labels/epoch_campuses.parquet",
    ),
    Column("drivers_down", "", "Criteria that lose the most points, with value and unit", "scoring"),
)


NEAREST = (
    Column("nearest_substation_345", "", "Nearest substation of 345 kV or more", "grid/substations.parquet"),
    Column("nearest_gas_interstate", "", "Nearest interstate gas pipeline", "gas/pipelines.parquet"),
    Column("nearest_river", "", "Nearest river with enough flow", "water/rivers.parquet"),
    Column("nearest_exchange", "", "Nearest exchange facility", "fiber/exchange_facilities.parquet"),
    Column("nearest_moratorium", "", "Nearest jurisdiction with a moratorium", "policy/moratoria.parquet"),
)


USER = (
    Column("excluded_by", "", "Gates that exclude all or part of the site's land; empty when free", "exclusions"),
    Column("acres_enough", "", "Whether the land holds the acres that the row, or else the project, needs", "candidates"),
    Column("parcel_acres", "acres", "Acres of the polygon itself; null for a point", "campus_shape", 1),
    Column("parcel_parts", "", "Separate parts of the polygon; null for a point", "campus_shape", 0),
    Column(
        "national_rank",
        "",
        "Rank the site would take in the national list; null if excluded, too small or behind the whole list",
        "candidates",
        0,
    ),
)
