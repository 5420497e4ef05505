"""Columns about how sure a rank is and what it rests on; filled by uncertainty, evidence and reasons."""

from __future__ import annotations

from sitefinder.columns import Column

#: filled by :func:`sitefinder.certainty.ranks.uncertainty_columns`
UNCERTAINTY = (
    *(
        Column(name, "", f"Rank that {share} of the draws do not exceed, among the campuses studied", "uncertainty", 0)
        for name, share in (("rank_p05", "5 %"), ("rank_p50", "half"), ("rank_p95", "95 %"))
    ),
    Column("p_first", "share", "Share of the draws in which the site is first", "uncertainty", 3),
    *(
        Column(f"p_top{k}", "share", f"Share of the draws in which the site is among the first {k}", "uncertainty", 3)
        for k in (10, 50, 100)
    ),
    Column("wins_under", "", "Mean family weights of the draws in which the site is first; null if it never is", "uncertainty"),
)
#: filled by :func:`sitefinder.certainty.presets.preset_columns`
PRESETS = (
    Column("presets", "", "Published sets of weights under which the campuses studied were ranked too", "preset_weights", 0),
    Column("presets_top50", "", "Under how many of them the site is among the first 50", "preset_weights", 0),
    Column("preset_rank_best", "", "Best rank under any of them", "preset_weights", 0),
    Column("preset_rank_worst", "", "Worst rank under any of them", "preset_weights", 0),
)
#: filled by :func:`sitefinder.certainty.evidence.evidence_columns`
EVIDENCE = (
    Column("evidence_site_grade", "", "Weakest grade on which, with all weaker ones, 40 % of the points rests", "evidence"),
    Column("evidence_by_grade", "", "Share of the points earned that rests on each grade of evidence", "evidence"),
    Column("evidence_weak_share", "share", "Share of the points earned on modelled or proxy evidence (E4, E5)", "evidence", 3),
    Column("evidence_weakest_driver", "", "Weakest among the eight criteria that earn most", "evidence"),
    Column("evidence_age_years", "years", "Mean age of the data, by points earned", "evidence", 1),
    Column("evidence_oldest_driver", "", "Oldest data among the eight criteria that earn most", "evidence"),
)
#: filled by :func:`sitefinder.certainty.reasons.counterfactuals`
REASONS = tuple(
    Column(
        f"to_rank_{k}",
        "",
        f"Smallest change of one criterion that somebody could build or decide that lifts the site to rank {k}; null if it is "
        "there or none does",
        "reasons",
    )
    for k in (10, 50)
)
#: filled by :func:`sitefinder.certainty.reasons.driver_words` and :func:`sitefinder.certainty.reasons.precedent_columns`
WHY = (
    Column("why_up", "", "Criteria that earn most: value, points, standing among the campuses studied, source", "reasons"),
    Column("why_down", "", "Criteria that lose most, in the same words", "reasons"),
    Column(
        "precedents",
        "",
        "Contested projects within 80 km by outcome (register: George Ingebretsen, CC BY); null if not in use",
        "policy/community_precedents.parquet",
    ),
    Column(
        "precedents_blocked",
        "share",
        "Share of the decided ones that were blocked or withdrawn; null where they are too few to tell, or not in use",
        "policy/community_precedents.parquet",
        2,
    ),
)
#: all of them, in the order of a sites file
CERTAINTY = UNCERTAINTY + PRESETS + EVIDENCE + REASONS + WHY
#: columns of near_misses.csv, filled by :func:`sitefinder.certainty.reasons.near_misses`
NEAR_MISS = (
    Column("would_rank", "", "Rank the land would take without the gate", "reasons", 0),
    Column("score", "points", "Score of the campus that would grow there", "reasons", 2),
    Column("lat", "degrees", "Latitude of its first cell", "reasons", 6),
    Column("lon", "degrees", "Longitude of its first cell", "reasons", 6),
    Column("state", "", "Postal code", "boundaries/counties.parquet"),
    Column("county", "", "County name", "boundaries/counties.parquet"),
    Column("gate", "", "The only gate that excludes the land", "exclusions"),
    Column("reason", "", "What the gate says", "exclusions"),
    Column("found", "", "Value found and threshold", "exclusions"),
    Column("cure", "", "What would lift the gate", "reasons"),
    Column("acres", "acres", "Buildable acres of the campus", "reasons", 0),
)
