"""Words of the memo for groups of inputs and limits of the portfolio; no number stands here."""

from __future__ import annotations

from collections.abc import Mapping

#: what goes wrong when a group of inputs alone is at its worse end
WORSE: Mapping[str, str] = {
    "capital": "Capital at its high end",
    "income": "Tenants pay the low price",
    "energy": "Energy and upkeep at their high end",
    "rates": "High interest and short loans",
    "building": "Building takes the longest",
    "load": "Tenants use the least power",
}
#: other ways to choose a set, by their rule
REGRET: Mapping[str, str] = {
    "most valuable that fit": "Taking the most valuable campuses one by one",
    "most valuable": "Taking the most valuable campuses without limits",
}
LIMITS: Mapping[str, str] = {
    "campuses": "number of campuses",
    "spacing_km": "distance between campuses",
    "caps.rto": "campuses per market region",
    "caps.state": "campuses per state",
    "caps.gas_pipeline": "campuses per pipeline",
    "budget_musd": "budget",
    "floor.mw": "megawatts by a date",
    "headroom": "shared headroom at stations",
    "gas_shared": "shared pipelines",
    "water.on": "shared rivers and wastewater",
    "hazards.hurricane_per_decade.share": "share in one hurricane zone",
    "hazards.seismic_pga_pct_g.share": "share in one earthquake zone",
    "hazards.tornado_per_decade.share": "share in one tornado zone",
}
VERDICTS: Mapping[str, str] = {
    "ready on public data": "ready",
    "not shown": "not shown",
    "not ready": "not ready",
}
#: what public data can never show, whatever the site
NOT_KNOWN = (
    "Who the tenants are, what they pay, and how good their credit is. The price above is an assumption for every campus.",
    "What a lender offers. No term here comes from a lender. The map from site risk to interest is our own judgement; "
    "none is published.",
    "The size of the spread on the deemed amount, and whether debt is served before cash is shared. Neither is public.",
    "Firm capacity: what the utility can carry and what the pipeline can spare. Both figures here are estimates.",
    "Title, price of the land, soil, water rights, and property tax and its relief.",
    "Upgrades of the network beyond the station, and permits, in money: no total holds them.",
    "The yen. All money is in dollars; a loan funded in yen adds the exchange rate.",
)


def limit(name: str) -> str:
    """A limit of the portfolio in words; a capped group by its name."""
    for key, words in LIMITS.items():
        if name == key:
            return words
        if name.startswith(f"{key}."):
            return f"{words}, {name[len(key) + 1 :]}"
    return name.replace("_", " ").replace(".", ", ")
