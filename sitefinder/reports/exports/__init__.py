"""Results of a finished run in the formats of other programs: spreadsheets, Google Earth, QGIS, ArcGIS, GeoParquet."""
