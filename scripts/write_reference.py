"""Write ``docs/reference.md`` from the registers: ``make docs``."""

from pathlib import Path

from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.reports.reference import reference_text

if __name__ == "__main__":
    criteria = list(load_config("config/default.yaml").config.flat_criteria())
    text = reference_text(DataPackage(Path("data")).resources, criteria)
    Path("docs/reference.md").write_text(text, encoding="utf-8")
