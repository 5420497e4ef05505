"""Write ``docs/what-it-got-wrong.md``, its record, and the tables of ``docs/learned-score.md``: ``make misses``."""

import argparse
import json
import shutil
from pathlib import Path

from sitefinder.compiling.power_dates import LOOKED
from sitefinder.config import load_config
from sitefinder.pipeline.dated import dated_campuses, dated_facts
from sitefinder.power.backtest import leave_one_out
from sitefinder.reports.misses import date_record, inputs, page, place_record, refreshed

DATA, CACHE, DOCS = Path("data"), Path(".cache"), Path("docs")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backtest", type=Path, default=Path("out/backtest"), help="Folder of the back-test")
    parser.add_argument("--draws", default="400")
    parser.add_argument("--steps", type=int, default=90)
    arguments = parser.parse_args()
    place = place_record(json.loads((arguments.backtest / "backtest.json").read_text(encoding="utf-8")))
    file = load_config("config/default.yaml", {"delivery.draws": arguments.draws})
    campuses, path = dated_campuses(file, None, looked=LOOKED, data=DATA)
    facts = dated_facts(file, campuses, path, data=DATA, cache=CACHE)
    done = leave_one_out(facts, campuses, file.config.section("delivery"), steps=arguments.steps)
    rests_on = inputs(load_config("config/default.yaml"), DATA)
    record = {"inputs": rests_on, "place": place, "dates": date_record(done, LOOKED)}
    (DOCS / "what-it-got-wrong.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (DOCS / "what-it-got-wrong.md").write_text(page(record), encoding="utf-8")
    explained, report = DOCS / "learned-score.md", (arguments.backtest / "backtest.md").read_text(encoding="utf-8")
    explained.write_text(refreshed(explained.read_text(encoding="utf-8"), report), encoding="utf-8")
    shutil.copyfile(arguments.backtest / "backtest.png", DOCS / "backtest.png")
