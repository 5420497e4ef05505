"""Columns of a site that say how many megawatts come by when."""

from __future__ import annotations

from sitefinder.columns import Column as Column
from sitefinder.power.timetable import PATHWAYS, YEARS

#: megawatts by date: of the pathway chosen, then what the others would do, then the station behind the grid pathway
DELIVERY = (
    Column("pathway", "", "Pathway that the columns below are about: grid, onsite_gas or hybrid", "delivery"),
    Column(
        "first_200mw_p50",
        "",
        "Month in which the first 200 MW come in half of the draws, YYYY-MM; null if unknown or after 2040",
        "delivery",
    ),
    *(
        Column(f"full_load_{q}", "", f"Month of full load, YYYY-MM: {share}; null if unknown or after 2040", "delivery")
        for q, share in (("p10", "one draw in ten is earlier"), ("p50", "half are"), ("p90", "one in ten is later"))
    ),
    Column("p_full_by_date", "share", "Share of the draws with full load by project.energise_by; null if unknown", "delivery", 3),
    Column("binding_step", "", "Step that is most often the longest on the critical path to full load", "delivery"),
    *(
        Column(f"mw_{q}_{year}", "MW", f"Megawatts at the end of {year}: {meaning}; null if unknown", "delivery", 0)
        for year in YEARS
        for q, meaning in (("p10", "one draw in ten has less"), ("p50", "half have less"), ("p90", "one in ten has more"))
    ),
    *(
        column
        for p in PATHWAYS
        for column in (
            Column(f"{p}_first_200mw_p50", "", f"first_200mw_p50 of the pathway {p}", "delivery"),
            Column(f"{p}_p_full", "share", f"p_full_by_date of the pathway {p}", "delivery", 3),
        )
    ),
    Column("grid_station", "", "Station of 230 kV or more that typically delivers most by the date; null if unnamed", "grid"),
    Column("grid_station_kv", "kV", "Its voltage class", "grid", 0),
    Column("grid_station_km", "km", "Straight distance to it", "grid", 1),
    *(
        Column(
            f"grid_headroom_mw_{q}",
            "MW",
            f"Estimated load it can take with a line out, {q.upper()}; null if unknown",
            "grid",
            0,
        )
        for q in ("p10", "p50", "p90")
    ),
)
