"""What a moratorium has become: a ban, rules, nothing, or still a pause; read from the text of the register, entry by entry."""

from __future__ import annotations

import pandas as pd

#: entry that the register calls replaced -> what holds instead and since when (None = day unknown).
#: Read from its columns current_status and outcome on 2026-04-30. near_ban = data centers are not in the list of permitted uses,
#: or only at a size far below a campus; entries about cryptocurrency mining alone are coded too and bind no data center.
REPLACED_BY: dict[str, tuple[str | None, str | None]] = {
    "ca-monterey-park-2026": ("ban", "2026-04-20"),
    "co-logan-county-2025": ("ordinance", "2026-02-17"),
    "ct-groton-2022": ("near_ban", None),
    "ga-athens-clarke-county-2025": ("ordinance", "2026-04-07"),
    "ga-coweta-county-2025": ("ordinance", "2025-12-16"),
    "ga-fayetteville-2026": ("ban", "2026-03-05"),
    "ga-social-circle-2025": ("ordinance", None),
    "ia-jones-county-2024": ("ordinance", None),
    "id-kootenai-county-2025": ("ordinance", None),
    "il-aurora-2025": ("ordinance", "2026-03-24"),
    "in-marshall-county-2025": ("ban", "2026-04-20"),
    "in-white-county-2025": ("ordinance", None),
    "mi-mason-2026": ("none", None),
    "nc-buncombe-county-2023": (None, None),
    "nc-henderson-county-2023": ("ordinance", None),
    "nc-mcdowell-county-2026": ("ban", "2024-01-08"),
    "nd-williams-county-2023": ("ordinance", None),
    "ne-hitchcock-county-2025": ("ordinance", None),
    "ny-dryden-2024": ("near_ban", "2026-02-19"),
    "oh-south-bloomfield-2025": ("near_ban", None),
    "tn-johnson-city-2025": ("ordinance", "2025-06-05"),
    "va-fluvanna-county-2025": ("ordinance", None),
    "wa-douglas-county-2018": ("ordinance", None),
    "wa-east-wenatchee-2018": ("ordinance", None),
    "wa-leavenworth-2018": ("none", None),
    "wa-moses-lake-2018": ("ordinance", None),
    "wa-wenatchee-2018": ("ordinance", None),
}
#: entry -> contested projects that it names, with size, outcome and date where the register has them (column affected_projects
#: on 2026-04-30; proposals of cryptocurrency mining and texts that describe a class of projects are left out)
PROJECTS: dict[str, str] = {
    "ca-monterey-park-2026": "1977 Saturn Street (HMC StratCap, 49.9 MW): withdrawn before 2026-04-01",
    "ga-coweta-county-2025": "Project Peach (320 acres): outcome not stated; Project Sail (Atlas Development, 829 acres, about "
    "900 MW): rezoned 3-2 with 17 conditions on 2026-04-07",
    "ga-dekalb-county-2025": "Ellenwood campus (PCC-DeKalb, 95 acres): outcome not stated",
    "ga-fayetteville-2026": "Crow Holdings, Highway 85 N: denied on 2026-01-27, appeal withdrawn on 2026-03-18",
    "ga-jones-county-2025": "rezoning of 600 acres (developer not named): withdrawn after opposition, day not stated",
    "ga-lamar-county-2025": "site of 985 acres linked to AWS: outcome not stated",
    "ga-monroe-county-2025": "Forsyth Technology Campus: annexed into the City of Forsyth, outcome not stated",
    "ga-troup-county-2025": "Project West (513 acres, nearly 600 MW): outcome not stated",
    "ia-adair-county-2026": "Applied Digital near Adair (200 MW): no approval on record",
    "in-fulton-county-2026": "Decennial Group near Akron (500 MW, 300 acres): outcome not stated",
    "in-shelby-county-2026": "Prologis, Shelbyville: went ahead by annexation and rezoning of the city, day not stated",
    "in-white-county-2025": "project near Wolcott (developer not named): outcome not stated",
    "ks-mcpherson-county-2025": "Midwest Mining / East Coast ASEC (50 MW): outcome not stated",
    "ky-oldham-county-fiscal-court-2025": "Project Lincoln / OC Data Center: withdrawn after opposition, day not stated",
    "la-new-orleans-2026": "MS Solar Grid Data, New Orleans East: outcome not stated",
    "mi-dundee-township-2025": "Project Ironwood (350 acres): outcome not stated",
    "mi-howell-township-2025": "project of about 1 billion USD (developer not named): withdrawn in 2025-12",
    "mi-lowell-township-2026": "Microsoft, Alden Nash Avenue: outcome not stated",
    "mi-springfield-township-2025": "site of 84 acres (developer not named): before any application",
    "mo-st-charles-2025": "Project Cumulus (CRG/Clayco, Highway 370): withdrawn before a vote, before 2026-02-09",
    "nc-apex-2026": "Natelli Investments: withdrawn before the moratorium",
    "nc-chatham-county-2026": "Triangle Innovation Point West: developer sues the county",
    "nd-mercer-county-2026": "River Run Energy Center and campus (Basin Electric, NextEra): outcome not stated",
    "ne-hitchcock-county-2025": "MB Club LLC: conditional use approved on 2025-10-06",
    "ny-lansing-2025": "Cayuga Data Campus (TeraWulf, up to 400 MW): outcome not stated",
    "ny-lysander-2026": "Lysander data center (developer not named): outcome not stated",
    "ny-oneonta-2026": "Eco-Yotta, 357 County Road 9: outcome not stated",
    "oh-ashville-2025": "EdgeConneX near Ashville: outcome not stated",
    "oh-lordstown-2026": "Bristolville 25 Developer: outcome not stated",
    "oh-mount-orab-2026": "DB STU, State Route 32 site (1,200 acres): outcome not stated",
    "oh-sprigg-township-2026": "proposal near the Stuart plant (developer not named): outcome not stated",
    "wa-seattle-2026": "five data centers of four developers (369 MW together): one developer left, outcome not stated",
}
#: words of the duration by which the register tells a lasting prohibition from a pause
LASTING = "not a temporary moratorium"


def rule(row: pd.Series) -> tuple[str | None, str | None]:
    """What holds at a place and since when: ban, near_ban, ordinance, moratorium, proposal, none; None = unknown.

    A moratorium may have run out since: see its expiry.

    Parameters
    ----------
    row : Series
        Entry of the register with ``moratorium_id``, ``enacted_status``, ``duration``, ``current_status`` and ``enacted``.

    Raises
    ------
    KeyError
        An entry is called replaced and is not in ``REPLACED_BY``: read what it was replaced by and add it.
    """
    status = row["enacted_status"]
    if status == "replaced":
        return REPLACED_BY[row["moratorium_id"]]
    if status == "pending":
        return ("none" if str(row["current_status"]).startswith("Rejected") else "proposal"), None
    if status in ("active", "extended"):
        return ("ban" if LASTING in str(row["duration"]) else "moratorium"), row["enacted"]
    return "none", None
