"""Average prices of industrial customers: by state, and by the utilities whose own average says something."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from sitefinder.compiling.base import NOT_CONUS, Compiler, Product
from sitefinder.compiling.boundaries import COUNTIES_RAW
from sitefinder.compiling.territories import ADJUSTMENT_ID, ERCOT, EXCLUSIVE, INVESTOR_OWNED, LARGE_MWH, SALES_RAW, UTILITY_RAW
from sitefinder.costs.facts import PRICE_BAND

PRICE_RAW = "grid/state_power_price.csv"
#: states whose industrial customers choose their supplier (general knowledge). Measured on form EIA-861 of 2024: others than the
#: local utility sell 50 to 100 % of the industrial energy in each, and nowhere else above 38 % but in Montana (61 %), where
#: choice has been closed to new customers since 2007
RETAIL_CHOICE = frozenset({"CT", "DC", "DE", "IL", "MA", "MD", "ME", "NH", "NJ", "NY", "OH", "PA", "RI", "TX"})
#: owners that stay out of retail choice in those states
_KEPT_OUT = EXCLUSIVE | {"DISTRIBUTION_COOPERATIVE"}
#: part of the sales sheet of form EIA-861 -> sold by others than the owner of the wires: energy alone, and Texas's retailers
OTHER_SUPPLIERS = ("B", "D")
BUNDLED = ("A", "B", "D")
PERCENT = 100.0
MWH_PER_GWH = 1000.0


def compile_power_price(c: Compiler, served: gpd.GeoDataFrame) -> None:
    """Prices by state and by utility.

    Parameters
    ----------
    c : Compiler
    served : GeoDataFrame
        From :func:`sitefinder.compiling.territories.territories`.
    """
    prices = state_prices(pd.read_csv(c.raw(PRICE_RAW)), pd.read_csv(c.raw(SALES_RAW)))
    _state_price(c, prices)
    _utility_price(c, own_prices(served, prices.set_index("state")["industrial_usd_mwh"]))


def state_prices(raw: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """One row per state of the contiguous US, by postal code.

    Parameters
    ----------
    raw : DataFrame
        ``state``, ``ind_usd_mwh``, ``com_usd_mwh``.
    sales : DataFrame
        Sales sheet of form EIA-861: ``state``, ``part``, ``eiaid``, ``ind_mwh``.
    """
    sold = sales[sales["part"].isin(BUNDLED) & (sales["eiaid"] != ADJUSTMENT_ID)]
    others = sold["ind_mwh"].where(sold["part"].isin(OTHER_SUPPLIERS), 0.0).groupby(sold["state"]).sum()
    share = PERCENT * others / sold.groupby("state")["ind_mwh"].sum()
    table = raw[~raw["state"].isin(NOT_CONUS)].sort_values("state", ignore_index=True)
    return pd.DataFrame(
        {
            "state": table["state"],
            "industrial_usd_mwh": table["ind_usd_mwh"],
            "commercial_usd_mwh": table["com_usd_mwh"],
            "retail_choice": table["state"].isin(RETAIL_CHOICE),
            "other_suppliers_pct": table["state"].map(share).round(1),
        }
    )


def own_prices(served: gpd.GeoDataFrame, state_mean: pd.Series) -> gpd.GeoDataFrame:
    """Territories that decide a price, in the order given; where the last one has none of its own the state's mean stands.

    No price of their own: investor-owned utilities in states of retail choice (in Texas within ERCOT), which sell to the few
    large customers that did not choose; less than 1 TWh of bundled industrial sales; averages outside ``PRICE_BAND`` times
    the mean of the state.
    Towns and co-operatives without one are left out, so that they do not hide the utility around them.

    Parameters
    ----------
    served : GeoDataFrame
    state_mean : Series
        USD/MWh by postal code.
    """
    regulated_texas = (served["state"] == "TX") & (served["ba"] != ERCOT)
    chosen = served["state"].isin(RETAIL_CHOICE) & ~served["segment"].isin(_KEPT_OUT) & ~regulated_texas
    relative = served["industrial_usd_mwh"] / served["state"].map(state_mean)
    own = (served["industrial_mwh"] >= LARGE_MWH) & ~chosen & relative.between(*PRICE_BAND)
    decides = own | (served["segment"] == INVESTOR_OWNED) & served["ba"].notna()
    kept = served.assign(price=served["industrial_usd_mwh"].where(own))[decides]
    return gpd.GeoDataFrame(
        {
            "name": kept["name"],
            "eia_id": kept["eia_id"],
            "state": kept["state"],
            "industrial_usd_mwh": kept["price"].round(2),
            "industrial_gwh": (kept["industrial_mwh"] / MWH_PER_GWH).round(1),
        },
        geometry=kept.geometry,
    )


def _state_price(c: Compiler, prices: pd.DataFrame) -> None:
    c.table(
        Product(
            path="grid/state_price.parquet",
            title="Average electricity price by state",
            publisher="US Energy Information Administration, EIA-861",
            vintage="2024",
            licence="public domain (US government)",
            grade="E3",
            caveat="Average revenue of all industrial or commercial customers; a gigawatt customer negotiates its own contract.",
            method=(
                "Revenue divided by sales of all suppliers in the state, delivery included. States of retail choice are written "
                "down by hand."
            ),
            sources=(PRICE_RAW, SALES_RAW),
            fields={
                "state": "postal code",
                "industrial_usd_mwh": "average industrial price, USD/MWh",
                "commercial_usd_mwh": "average commercial price, USD/MWh",
                "retail_choice": "industrial customers choose their supplier",
                "other_suppliers_pct": "share of industrial energy sold by others than the owner of the wires, percent",
            },
        ),
        prices,
    )


def _utility_price(c: Compiler, prices: gpd.GeoDataFrame) -> None:
    c.vector(
        Product(
            path="share_alike/utility_price.parquet",
            title="Average industrial electricity price by utility and state",
            publisher="HIFLD Electric Retail Service Territories; US Energy Information Administration, EIA-861",
            vintage="2024",
            licence="ODbL",
            grade="E3",
            caveat=(
                "Average revenue per MWh, no tariff. Territories overlap: later rows win. A price only with 1 TWh of bundled "
                "industrial sales in the state and 0.7 to 1.4 times its mean; none of investor-owned utilities where customers "
                "choose their supplier, because their bundled sales are those of a few customers. No federal power marketers."
            ),
            method=(
                "Bundled industrial revenue over sales by utility and state; territories cut by state, ordered so that the later "
                "row probably serves the place; outlines simplified by 500 m."
            ),
            sources=(UTILITY_RAW, SALES_RAW, PRICE_RAW, COUNTIES_RAW),
            share_alike=True,
            fields={
                "name": "utility",
                "eia_id": "EIA utility number",
                "state": "postal code of the state that the piece lies in",
                "industrial_usd_mwh": "average industrial price in the state, USD/MWh; null = none of its own",
                "industrial_gwh": "bundled industrial sales in the state, GWh per year; null = none reported",
            },
        ),
        prices,
        quantum_m=10.0,
    )
