"""Constants and unit conversions: the only place where a conversion factor is written.

Sources: NIST Handbook 44 appendix C (length, area, volume); the remaining constants name their source beside them.
"""

M_PER_KM = 1000.0
#: metres in a statute mile
M_PER_MILE = 1609.344
M_PER_FOOT = 0.3048
#: US survey foot, of state planes before 2022
M_PER_SURVEY_FOOT = 1200.0 / 3937.0
M_PER_INCH = M_PER_FOOT / 12.0
MW_PER_GW = 1000.0
#: degrees Rankine at 0 F
FAHRENHEIT_ABSOLUTE = 459.67
#: square metres in an international acre
M2_PER_ACRE = 4046.8564224
M2_PER_KM2 = 1.0e6
#: square metres per square mile
M2_PER_MI2 = M_PER_MILE**2
#: cubic metres in a US liquid gallon
M3_PER_GALLON = 0.003785411784
L_PER_M3 = 1000.0
S_PER_DAY = 86_400.0
S_PER_HOUR = 3600.0
S_PER_YEAR = 365.25 * S_PER_DAY
KW_PER_MW = 1000.0
USD_PER_MUSD = 1.0e6
HOURS_PER_DAY = S_PER_DAY / S_PER_HOUR
HOURS_PER_YEAR = S_PER_YEAR / S_PER_HOUR
MONTHS_PER_YEAR = 12
#: million dollars in a billion
MUSD_PER_BUSD = 1000.0
#: a hundredth of one percent, the unit of margins on loans
BASIS_POINT = 1.0e-4
#: cubic metres per second in one million US gallons per day
M3S_PER_MGD = 1.0e6 * M3_PER_GALLON / S_PER_DAY
#: mean radius of the Earth, km (IUGG)
KM_PER_EARTH_RADIUS = 6371.0088
#: one-way delay of light in glass, microseconds per km (refractive index about 1.47)
FIBER_US_PER_KM = 4.9


def km_to_miles(km: float) -> float:
    """Kilometres to statute miles.

    >>> round(km_to_miles(1.609344), 6)
    1.0
    """
    return km * M_PER_KM / M_PER_MILE


def m2_to_acres(area_m2: float) -> float:
    """Square metres to acres.

    >>> round(m2_to_acres(1.0e6), 2)
    247.11
    """
    return area_m2 / M2_PER_ACRE


def mgd_to_m3s(flow_mgd: float) -> float:
    """Million US gallons per day to cubic metres per second.

    >>> round(mgd_to_m3s(1.0), 6)
    0.043813
    """
    return flow_mgd * M3S_PER_MGD


def runoff_to_m3s(depth_mm_per_year: float, area_km2: float) -> float:
    """Mean discharge of a basin from its annual runoff depth.

    >>> round(runoff_to_m3s(484.4, 3186.8), 2)
    48.92
    """
    return depth_mm_per_year / 1000.0 * area_km2 * M2_PER_KM2 / S_PER_YEAR
