"""Sales tax by state, and what the large-load tariffs of a state ask for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sitefinder.compiling.base import NOT_CONUS, Compiler, Product

TARIFFS_RAW = "policy/large_load_tariffs.csv"
#: a tariff for loads of this many MW and more is one for large loads, whatever it is called
LARGE_MW = 25.0
#: status of a tariff that binds
IN_FORCE = "Active"

#: general sales tax of the state and the population-weighted mean of local rates, percent, January 2025: Tax Foundation,
#: State and Local Sales Tax Rates 2025. State rates were compared with other public tables except those of Utah and Virginia;
#: Louisiana's is the new one of 2025. Local means are general knowledge, checked where that report's text gives the combined
#: rate (LA, TN, AR, WA, AL, WY, ME, WI): good to about 0.3
SALES_TAX_PCT: Mapping[str, tuple[float, float]] = {
    "AL": (4.0, 5.43),
    "AR": (6.5, 2.96),
    "AZ": (5.6, 2.92),
    "CA": (7.25, 1.73),
    "CO": (2.9, 4.96),
    "CT": (6.35, 0.0),
    "DC": (6.0, 0.0),
    "DE": (0.0, 0.0),
    "FL": (6.0, 0.98),
    "GA": (4.0, 3.44),
    "IA": (6.0, 0.94),
    "ID": (6.0, 0.03),
    "IL": (6.25, 2.62),
    "IN": (7.0, 0.0),
    "KS": (6.5, 2.27),
    "KY": (6.0, 0.0),
    "LA": (5.0, 5.12),
    "MA": (6.25, 0.0),
    "MD": (6.0, 0.0),
    "ME": (5.5, 0.0),
    "MI": (6.0, 0.0),
    "MN": (6.875, 1.25),
    "MO": (4.225, 4.19),
    "MS": (7.0, 0.06),
    "MT": (0.0, 0.0),
    "NC": (4.75, 2.25),
    "ND": (5.0, 2.09),
    "NE": (5.5, 1.47),
    "NH": (0.0, 0.0),
    "NJ": (6.625, 0.0),
    "NM": (4.875, 2.77),
    "NV": (6.85, 1.39),
    "NY": (4.0, 4.53),
    "OH": (5.75, 1.54),
    "OK": (4.5, 4.56),
    "OR": (0.0, 0.0),
    "PA": (6.0, 0.34),
    "RI": (7.0, 0.0),
    "SC": (6.0, 1.49),
    "SD": (4.2, 1.91),
    "TN": (7.0, 2.56),
    "TX": (6.25, 1.95),
    "UT": (6.1, 1.32),
    "VA": (5.3, 0.47),
    "VT": (6.0, 0.39),
    "WA": (6.5, 2.93),
    "WI": (5.0, 0.70),
    "WV": (6.0, 0.59),
    "WY": (4.0, 1.44),
}
PERCENT = 100.0


def compile_state_costs(c: Compiler) -> None:
    """Products below ``policy/`` that the cost of a campus needs."""
    _sales_tax(c)
    _large_load_terms(c)


def _sales_tax(c: Compiler) -> None:
    pairs = np.array(list(SALES_TAX_PCT.values())) / PERCENT
    rates = pd.DataFrame({"state": list(SALES_TAX_PCT), "state_rate": pairs[:, 0], "local_rate": pairs[:, 1]})
    c.table(
        Product(
            path="policy/sales_tax.parquet",
            title="General sales tax by state",
            publisher="State statutes, as summarised by the Tax Foundation",
            vintage="2025-01",
            licence="facts",
            grade="E3",
            caveat=(
                "State rates were compared with other public tables, Utah's and Virginia's were not; local means are general "
                "knowledge, good to about 0.3 points. California, Utah and Virginia include the local share that applies "
                "everywhere. What is taxed differs."
            ),
            method="Written down by hand.",
            sources=(),
            fields={
                "state": "postal code",
                "state_rate": "general rate of the state, fraction; 0 = no general sales tax",
                "local_rate": "population-weighted mean of local rates on top, fraction",
            },
        ),
        rates.round(6),
    )


def _large_load_terms(c: Compiler) -> None:
    raw = pd.read_csv(c.raw(TARIFFS_RAW))
    c.table(
        Product(
            path="policy/large_load_terms.parquet",
            title="Terms of large-load tariffs by state",
            publisher="Utility tariff sheets, from a compiled summary",
            vintage="2026-01",
            licence="facts",
            grade="E4",
            caveat=(
                "86 utilities, no citations: indicative. Co-operatives and most municipal utilities are missing; new tariffs "
                "are filed every month. A state without one has none in the summary. Prices are left out."
            ),
            method=(
                "Tariffs in force that are made for data centers or for loads of 25 MW and more; range of their contract "
                "terms and least billed demands by state; utilities in several states count in each."
            ),
            sources=(TARIFFS_RAW,),
            fields={
                "state": "postal code",
                "tariffs": "utilities with such a tariff",
                "years_low": "shortest contract term, years",
                "years_high": "longest contract term, years",
                "least_demand_pct_low": "lowest least billed demand, percent of the contracted or peak demand; 0 = none stated",
                "least_demand_pct_high": "highest least billed demand, percent",
            },
        ),
        large_load_terms(raw),
    )


def large_load_terms(raw: pd.DataFrame) -> pd.DataFrame:
    """One row per state with a tariff for large loads in force."""
    large = raw[(raw["data_center_specific"] | (raw["min_load_mw"] >= LARGE_MW)) & (raw["status"] == IN_FORCE)]
    rows = large.assign(state=large["state"].str.split("/")).explode("state")
    rows = rows[~rows["state"].isin(NOT_CONUS)]
    grouped = rows.groupby("state")
    years, demand = grouped["initial_term_years"], grouped["protections.minimum_demand_pct"]
    table = pd.DataFrame(
        {
            "tariffs": grouped.size().astype(np.int32),
            "years_low": years.min(),
            "years_high": years.max(),
            "least_demand_pct_low": demand.min(),
            "least_demand_pct_high": demand.max(),
        }
    )
    return table.sort_index().reset_index()
