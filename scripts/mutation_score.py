"""Share of small changes of the code that the tests see, module by module.

``python scripts/mutation_score.py --sample 30`` tries so many mutants of each module of ``tests/helpers/mutants.py``, drawn by
a seed, prints those that no test sees, and the score; ``--only kernels/spacing.py`` takes one module, ``--sample 0`` all mutants.
"""

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.helpers.mutants import TARGETS, load_libraries, mutants, survives


def main() -> None:
    """Draw mutants of each module and try them; the tests must pass without any first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=sorted(TARGETS), action="append")
    asked = parser.parse_args()
    load_libraries()
    seen = tried = 0
    for target in asked.only or TARGETS:
        if not survives(None, TARGETS[target]):
            sys.exit(f"The tests of {target} fail without any change.")
        every = mutants(target)
        rng, count = random.Random(asked.seed), min(asked.sample or len(every), len(every))  # noqa: S311 - no secret is drawn
        sample = rng.sample(every, count)
        left = [m for m in sample if survives(m, TARGETS[target])]
        for m in left:
            sys.stdout.write(f"  not seen: {m.target}:{m.line}: {m.change}\n")
        sys.stdout.write(f"{target}: {len(sample) - len(left)} of {len(sample)} sampled of {len(every)}\n")
        sys.stdout.flush()
        seen, tried = seen + len(sample) - len(left), tried + len(sample)
    sys.stdout.write(f"score {100 * seen / tried:.0f} %: {seen} of {tried}\n")


if __name__ == "__main__":
    main()
