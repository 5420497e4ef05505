"""Moratoria, state incentives and taxes, energy communities, county economy and federal sites."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd

from sitefinder.compiling.base import NOT_CONUS, Compiler, Product, fips, points
from sitefinder.compiling.boundaries import COUNTIES_RAW, county_polygons
from sitefinder.compiling.local_rules import PROJECTS, rule
from sitefinder.compiling.state_costs import TARIFFS_RAW, large_load_terms

MORATORIA_RAW = "policy/local_moratoria.csv"
INCENTIVES_RAW = "policy/state_data_center_incentives.csv"
LAWS_RAW = "policy/state_data_center_policy_2026-10.csv"
TAX_RAW = "policy/state_corporate_tax.csv"
ENERGY_RAW = "policy/energy_communities.csv"
ECONOMY_RAW = "policy/county_economy.parquet"
EMPLOYMENT_RAW = "policy/county_employment.csv"
DOE_RAW = "land/doe_federal_ai_sites.csv"

_DATE = r"(\d{4}-\d{2}-\d{2})"
_UNTIL = re.compile(
    rf"(?:through|until|to|ending|expires|expiring)\s+(?:the earlier of\s+|approximately\s+)?{_DATE}", re.IGNORECASE
)
_END_OF_YEAR = re.compile(r"through (?:the )?end of (\d{4})", re.IGNORECASE)
_UNCHECKED = r"\[(?:VERIFY|CITE)"
#: jurisdictions whose instrument covers a county; it usually binds the unincorporated part only
COUNTY_KINDS = frozenset({"county", "parish"})
#: register entries without a sector are data-center moratoria by their text
DATA_CENTER_SECTORS = frozenset({"data_center", "general"})

#: county codes that no longer exist and the county they belong to today
FORMER_COUNTIES = {"12025": "12086", "51515": "51019"}
#: joint reporting units of Virginia (a county with the cities inside it) and the county that carries the figure
VIRGINIA_UNITS = {
    "51901": "51003",
    "51903": "51005",
    "51907": "51015",
    "51911": "51031",
    "51913": "51035",
    "51918": "51053",
    "51919": "51059",
    "51921": "51069",
    "51923": "51081",
    "51929": "51089",
    "51931": "51095",
    "51933": "51121",
    "51939": "51143",
    "51941": "51149",
    "51942": "51153",
    "51944": "51161",
    "51945": "51163",
    "51947": "51165",
    "51949": "51175",
    "51951": "51177",
    "51953": "51191",
    "51955": "51195",
    "51958": "51199",
}
#: the land value is that of a standard lot of a quarter acre
LOTS_PER_ACRE = 4.0

INCENTIVE = {"Y": "statewide", "Local Only": "local_only", "N": "none"}
#: word in the description -> tax that the incentive touches
TAX_WORDS = {
    "sales": "sales_tax",
    "tpt": "sales_tax",
    "property": "property_tax",
    "income": "income_tax",
    "electricity": "electricity_tax",
    "franchise": "franchise_tax",
    "credits": "tax_credit",
}
_MONEY = re.compile(r"\$(\d+(?:\.\d+)?)M")
_FLOOR = re.compile(r"([\d,]+) sq ft")
_LOAD = re.compile(r"(\d+) MW")

DOE_STATUS = {"selected": "selected", "April 2025": "candidate_2025", "not on the 16": "other_program"}

_PUBLIC = "public domain (US government)"


def compile_policy(c: Compiler) -> None:
    """All products below ``policy/``."""
    counties = county_polygons(c)
    _moratoria(c, counties)
    _state_policy(c, counties)
    _energy_communities(c, counties)
    _county_economy(c, counties)
    _doe_sites(c)


def expiry_date(row: pd.Series) -> str | None:
    """Last date named as the end; else the date plus the fixed term, unless extended; else the end named in the status."""
    stated = _end_dates(row["duration"])
    if stated:
        return max(stated)
    fixed = row["duration_kind"] == "fixed_days" and row["enacted_status"] != "extended"
    if fixed and row["enacted"] is not None and np.isfinite(row["duration_days"]):
        return str((pd.Timestamp(row["enacted"]) + pd.Timedelta(days=row["duration_days"])).date())
    return max(_end_dates(row["current_status"]), default=None)


def _end_dates(text: str | float) -> list[str]:
    years = _END_OF_YEAR.findall(str(text))
    return [str(date) for date in _UNTIL.findall(str(text))] + [f"{year}-12-31" for year in years]


def enactment_date(row: pd.Series) -> str | None:
    """Day on which a moratorium was enacted, ISO; None while it is pending or undated."""
    date = str(row["date_enacted_iso"])
    return date if re.fullmatch(_DATE, date) and row["enacted_status"] != "pending" else None


def _moratoria(c: Compiler, counties: gpd.GeoDataFrame) -> None:
    raw = points(pd.read_csv(c.raw(MORATORIA_RAW)), lon="longitude", lat="latitude")
    raw["kind"] = raw["jurisdiction_type"].str.lower()
    raw["enacted"] = raw.apply(enactment_date, axis=1)
    raw["expires"] = raw.apply(expiry_date, axis=1).where(raw["enacted_status"] != "pending")
    raw[["rule", "rule_since"]] = raw.apply(rule, axis=1, result_type="expand")
    raw["projects"] = raw["moratorium_id"].map(PROJECTS)
    texts = raw[["date_enacted", "duration", "legal_basis", "current_status"]].astype(str)
    unchecked = texts.apply(lambda column: column.str.contains(_UNCHECKED)).any(axis=1)
    raw["verified"] = ~unchecked & ~raw["has_verify_tags"] & raw["date_enacted_uncertainty"].eq("exact")
    raw["covers_data_centers"] = raw["sectors"].map(lambda text: not DATA_CENTER_SECTORS.isdisjoint(json.loads(text)))
    raw["county_wide"] = raw["kind"].isin(COUNTY_KINDS)
    raw = raw.drop(columns="state").rename(columns={"state_abbrev": "state", "enacted_status": "status"})
    raw = raw.sjoin(counties[["fips", "geometry"]], how="left", predicate="within")
    columns = ["moratorium_id", "jurisdiction", "kind", "state", "status", "enacted", "expires"]
    columns += ["covers_data_centers", "fips", "county_wide", "verified"]
    columns += ["rule", "rule_since", "projects", "geometry"]
    c.vector(_moratoria_product(), raw[columns].sort_values("moratorium_id"))


def _moratoria_product() -> Product:
    return Product(
        path="policy/moratoria.parquet",
        title="Local moratoria on data centers",
        publisher="Michael Bommarito, register of local data-center moratoria",
        vintage="2026-04-30",
        licence="CC BY 4.0",
        grade="E3",
        caveat=(
            "Collected from council records and the press to April 2026 and growing fast; absence of a row is no permission. "
            "Points mark the seat of the jurisdiction, not its area; county instruments usually bind unincorporated land only. "
            "Exact wording and exemptions are not coded. Many dates are unconfirmed: see 'verified'."
        ),
        method=(
            "Entries with a place; the expiry is the last date named as the end, else the date plus a fixed term; indefinite "
            "or extended without a date is null. What an ended entry was replaced by, and the projects that entries name, are "
            "coded by hand from their text."
        ),
        sources=(MORATORIA_RAW, COUNTIES_RAW),
        fields={
            "moratorium_id": "identifier in the register",
            "jurisdiction": "place that enacted or considers it",
            "kind": "county, parish, city, town, township, village, tribal, utility authority",
            "state": "postal code",
            "status": "on 2026-04-30: active, extended, pending, expired, rescinded, replaced",
            "enacted": "date of enactment, ISO; null = pending or day unknown",
            "expires": "date of expiry, ISO; null = pending, indefinite or unknown",
            "covers_data_centers": "false = cryptocurrency mining only",
            "fips": "county that contains the point",
            "county_wide": "enacted by the county or parish",
            "verified": "date exact and no open question in the register",
            "rule": (
                "what holds by the register's text: ban, near_ban (not a permitted use, or only far below a campus), ordinance, "
                "moratorium (unless expired since), proposal, none; null = unknown"
            ),
            "rule_since": "since when it holds, ISO; null = day unknown",
            "projects": "contested projects that the entry names, with size, outcome and date where stated; null = none named",
        },
    )


def incentive_kind(text: str | float) -> str | None:
    """Taxes an incentive touches, joined by ';'.

    >>> incentive_kind("Sales and Use Tax Exemption; Property Tax Reduction")
    'property_tax;sales_tax'
    """
    taxes = {tax for word, tax in TAX_WORDS.items() if word in str(text).lower()}
    return ";".join(sorted(taxes)) or None


def minimum_investment(text: str | float) -> str | None:
    """Threshold of an incentive in one form; null where no number is stated.

    >>> minimum_investment("$200M over 5 years; facility of 100,000 sq ft")
    '200 million USD; 100000 sq ft'
    """
    parts = []
    money = sorted({float(m) for m in _MONEY.findall(str(text))})
    if money:
        parts.append("-".join(f"{m:g}" for m in (money if len(money) == 1 else [money[0], money[-1]])) + " million USD")
    parts += [f"{area.replace(',', '')} sq ft" for area in _FLOOR.findall(str(text))]
    parts += [f"{load} MW" for load in _LOAD.findall(str(text))]
    return "; ".join(parts) or None


def _state_policy(c: Compiler, counties: pd.DataFrame) -> None:
    incentives = pd.read_csv(c.raw(INCENTIVES_RAW)).set_index("abbrev")
    tax = pd.read_csv(c.raw(TAX_RAW)).set_index("state")
    states = pd.Index(sorted(counties["state"].unique()))
    laws = pd.read_csv(c.raw(LAWS_RAW)).set_index("state").reindex(states)
    paused = laws["note"].str.contains("paused", na=False)
    laws["sales_tax_exemption"] = laws["sales_tax_exemption"].mask(paused, "paused")
    raw = incentives.reindex(states)
    table = pd.DataFrame(
        {
            "state": states,
            "incentive": raw["tax_incentive"].map(INCENTIVE).to_numpy(),
            "incentive_kind": raw["incentive_type"].map(incentive_kind).to_numpy(),
            "minimum_investment": raw["min_investment"].map(minimum_investment).to_numpy(),
            "corporate_tax_rate": tax["corp_income_tax_rate_2024_at_1e9_net_income"].reindex(states).to_numpy(),
            **{
                name: laws[name].to_numpy()
                for name in ("moratorium_bill", "sales_tax_exemption", "large_load_tariff", "confidence")
            },
        }
    )
    listed = large_load_terms(pd.read_csv(c.raw(TARIFFS_RAW)))["state"]
    c.table(_state_policy_product(), settled(table, listed))


def settled(table: pd.DataFrame, listed: pd.Series) -> pd.DataFrame:
    """The table without contradictions between its sources: of two that disagree the later law, and the tariff that is shown.

    Sales-tax relief that is paused is none for a new applicant. A plain "no" against the list of incentives is believed where its
    coder was sure, and else unknown. A state whose tariff sheet is listed has a large-load tariff.

    Parameters
    ----------
    table : DataFrame
        ``state``, ``incentive``, ``incentive_kind``, ``sales_tax_exemption``, ``large_load_tariff``, ``confidence``.
    listed : Series
        States with a tariff in force for large loads.
    """
    out = table.copy()
    statewide = out["incentive"] == "statewide"
    out.loc[statewide & (out["sales_tax_exemption"] == "paused"), ["incentive", "incentive_kind", "minimum_investment"]] = [
        "paused",
        None,
        None,
    ]
    kinds = out["incentive_kind"].fillna("").str.split(";")
    against = statewide & (out["sales_tax_exemption"] == "no") & kinds.map(lambda k: "sales_tax" in k)
    unsure = against & (out["confidence"] == "low")
    out.loc[unsure, "sales_tax_exemption"] = None
    others = kinds.map(lambda k: ";".join(tax for tax in k if tax not in ("", "sales_tax")) or None)
    gone = against & ~unsure
    out.loc[gone, "incentive_kind"] = others[gone]
    out.loc[gone & others.isna(), "incentive"] = "none"
    out.loc[out["state"].isin(listed), "large_load_tariff"] = "yes"
    return out


def _state_policy_product() -> Product:
    return Product(
        path="policy/state_policy.parquet",
        title="Data-center tax incentives and corporate income tax by state",
        publisher="State statutes, from compiled summaries",
        vintage="2024-2026",
        licence="facts",
        grade="E3",
        caveat=(
            "Compiled from summaries, not from the statutes: conditions (jobs, wages, clean power, sunset) are not coded "
            "and laws of 2026 that cut incentives may be missing. A zero income tax may come with a gross-receipts tax. DC "
            "is unknown. Enacted restrictions are left out: they cannot be read off the bill texts reliably. Bills and "
            "large-load tariffs were coded by hand by others in October 2026 and not checked against the statutes."
        ),
        method="Incentive and thresholds coded from summaries; the tax rate is that on a net income of 1 billion USD. Where two "
        "disagree, a pause or a sure 'no' of October 2026 goes before the list of incentives, an unsure one is unknown, and a "
        "tariff that is listed goes before a 'no'.",
        sources=(INCENTIVES_RAW, TAX_RAW, LAWS_RAW, TARIFFS_RAW, COUNTIES_RAW),
        fields={
            "state": "postal code",
            "incentive": "statewide, local_only, paused (statewide, but for nobody new) or none; null = unknown",
            "incentive_kind": "taxes that the incentive touches, joined by ';'",
            "minimum_investment": (
                "smallest investment, floor area or load, or their range over counties and tiers; null = none stated"
            ),
            "corporate_tax_rate": "corporate income tax rate of 2024, fraction; null = unknown",
            "moratorium_bill": "yes = a bill to stop data centers, or to let localities do so, is pending; null = unknown",
            "sales_tax_exemption": "yes, no, or paused = new applicants get none in October 2026; null = unknown",
            "large_load_tariff": "yes = a utility has a tariff for large loads; null = unknown",
            "confidence": "how sure those who coded the bill and the tariff were: high, med, low",
        },
    )


def _energy_communities(c: Compiler, counties: pd.DataFrame) -> None:
    codes = fips(pd.read_csv(c.raw(ENERGY_RAW))["fips_county"]).replace(FORMER_COUNTIES)
    codes = codes[codes.isin(counties["fips"])].drop_duplicates().sort_values()
    c.table(
        Product(
            path="policy/energy_communities.parquet",
            title="Counties that meet the fossil-employment criterion of energy communities",
            publisher="US Internal Revenue Service / Department of Energy",
            vintage="2023",
            licence=_PUBLIC,
            grade="E1",
            caveat=(
                "One of two conditions of that category: the unemployment rate must also reach the national average in the "
                "year. Coal-closure tracts and brownfields are not included. The bonus goes to generation and storage, not to "
                "the campus."
            ),
            method="County codes brought to the counties of 2018; one row per county.",
            sources=(ENERGY_RAW, COUNTIES_RAW),
            fields={"fips": "county code"},
        ),
        codes.to_frame("fips"),
    )


def _employment(c: Compiler) -> pd.Series:
    raw = pd.read_csv(c.raw(EMPLOYMENT_RAW))
    latest = raw[raw["year"] == raw["year"].max()]
    return latest.set_index(fips(latest["FIPS"]).replace(VIRGINIA_UNITS))["totalemp"]


def _county_economy(c: Compiler, counties: pd.DataFrame) -> None:
    economy = pd.read_parquet(c.raw(ECONOMY_RAW)).drop_duplicates("county_fips").set_index("county_fips")
    lot = economy["land_value_1_4_acre_standardized"].reindex(counties["fips"])
    table = pd.DataFrame(
        {
            "fips": counties["fips"].to_numpy(),
            "land_value_usd_per_acre": (lot.where(lot > 0.0) * LOTS_PER_ACRE).to_numpy(),
            "employment": _employment(c).reindex(counties["fips"]).astype("Int64").array,
        }
    )
    c.table(
        Product(
            path="policy/county_economy.parquet",
            title="Residential land value and employment by county",
            publisher="Federal Housing Finance Agency / AEI (land value); Bureau of Economic Analysis (employment)",
            vintage="2021-2024",
            licence=_PUBLIC,
            grade="E3",
            caveat=(
                "Land under houses on quarter-acre lots: an upper bound for farm land, often by ten times or more; a third of "
                "the counties have none. Virginia's joint units stand on the county; their cities are null."
            ),
            method=(
                "Value of the standard lot times four, values at or below zero dropped; total employment of the latest year "
                "(2021)."
            ),
            sources=(ECONOMY_RAW, EMPLOYMENT_RAW, COUNTIES_RAW),
            fields={
                "fips": "county code",
                "land_value_usd_per_acre": "value of residential land, USD per acre; null = unknown",
                "employment": "full- and part-time jobs in 2021; null = unknown or counted in the surrounding county",
            },
        ),
        table,
    )


def _doe_status(note: str) -> str | None:
    return next((status for start, status in DOE_STATUS.items() if note.startswith(start)), None)


def _doe_sites(c: Compiler) -> None:
    raw = pd.read_csv(c.raw(DOE_RAW))
    raw = points(raw[~raw["state"].isin(NOT_CONUS)], lon="lon", lat="lat").rename(columns={"site": "name"})
    raw["status"] = raw["status_note"].map(_doe_status)
    c.vector(
        Product(
            path="policy/doe_sites.parquet",
            title="Department of Energy sites named for data centers or energy parks",
            publisher="US Department of Energy",
            vintage="2025-2026",
            licence=_PUBLIC,
            grade="E2",
            caveat=(
                "One point per site, good to 1-10 km, no boundaries. The acreage is that of the whole reservation or of an "
                "offered part."
            ),
            method="Sites of the request for information of April 2025 and of the Cleanup to Clean Energy program.",
            sources=(DOE_RAW,),
            fields={
                "name": "site",
                "state": "postal code",
                "status": "selected (2025-07), candidate_2025 (on the list of 16), other_program",
                "approx_acres": "area, acres; null = not stated",
            },
        ),
        raw[["name", "state", "status", "approx_acres", "geometry"]],
        quantum_m=100.0,
    )
