"""Run the benchmark, print its tables and write `results.json`.

    python -m benchmarks [training] [growth] [analyses] [dca] [dca_chapter] [lyapunov]
    [slow_points] [book] [machines] [measures] [--quick]

Sections that are not named keep what an earlier run wrote; none named means all. `--quick` runs
tiny sizes to see that everything works, and writes nothing.
"""

import argparse
import importlib
import json
from pathlib import Path

from benchmarks import machine

SECTIONS = (
    "training",
    "growth",
    "analyses",
    "dca",
    "dca_chapter",
    "lyapunov",
    "slow_points",
    "book",
)
ALONE = ("machines", "measures")  # compare nobody, and are run if they are named
RESULTS = Path(__file__).parent / "results.json"


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "sections",
        nargs="*",
        metavar="section",
        help=f"of {', '.join(SECTIONS)}, which are all if none is named; or {', '.join(ALONE)}",
    )
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, to see that it runs; writes nothing"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.sections) - {*SECTIONS, *ALONE}:
        parser.error(
            f"there is no section {', '.join(sorted(unknown))}; choose from "
            f"{', '.join((*SECTIONS, *ALONE))}"
        )
    if not arguments.sections or set(arguments.sections) - {*ALONE, "dca_chapter"}:
        machine.require_packages()
    for name in arguments.sections or SECTIONS:
        section = importlib.import_module(f"benchmarks.{name}")
        made = {"machine": machine.describe(), **section.run(arguments.quick)}
        if not arguments.quick:
            results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
            RESULTS.write_text(json.dumps(results | {name: made}, indent=1) + "\n")
            print(f"\nThe section {name} of {RESULTS.name} is written.")


if __name__ == "__main__":
    main()
