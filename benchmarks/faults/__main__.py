"""Faults against the command line, and whether the table is right afterwards: `python -m benchmarks.faults`.

Every scenario starts real runs (null engine), breaks something, runs the same command again and compares the published
tables with those of an undisturbed run. A line as each try ends, and a Markdown table at the end; exit 1 if a row was
lost or stands twice, or anything else went wrong. Seeds make the same documents and the same choices, not the
same moments. Disks need root, `s3` needs moto (`pip install 'moto[server]'`), `ray` needs tesseract.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from benchmarks.faults import codes, disk, groups, kills, many, poison, ray_processes, s3, stops
from benchmarks.faults.analyst import play
from benchmarks.faults.setting import local_setting
from benchmarks.faults.tables import Result, markdown

MANY_DOCUMENTS = 10_000
FEW_DOCUMENTS = 200
GROUPED_DOCUMENTS = 1_000
EXIT_TERMINATED = 143


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for; None takes the scenario's own number."""

    tries: int | None
    documents: int | None
    seed: int

    def tries_or(self, usual: int) -> int:
        """Tries of a scenario."""
        return self.tries or usual

    def documents_or(self, usual: int) -> int:
        """Documents of a scenario."""
        return self.documents or usual


def _driver(wanted: Wanted) -> Iterator[Result]:
    yield _killed(wanted, "driver", kills.kill_driver)


def _tree(wanted: Wanted) -> Iterator[Result]:
    yield _killed(wanted, "tree", kills.kill_tree)


def _killed(wanted: Wanted, name: str, kill: kills.Kill) -> Result:
    with local_setting(name, wanted.documents_or(FEW_DOCUMENTS), wanted.seed) as setting:
        return kills.measure(setting, name, wanted.tries_or(30), kill, random.Random(wanted.seed))  # noqa: S311


def _s3(wanted: Wanted) -> Iterator[Result]:
    yield s3.measure(wanted.documents_or(FEW_DOCUMENTS), wanted.tries_or(10), wanted.seed)


def _ray(wanted: Wanted) -> Iterator[Result]:
    yield from ray_processes.measure(wanted.documents_or(40), wanted.tries_or(3), wanted.seed)


def _documents(wanted: Wanted) -> Iterator[Result]:
    yield poison.measure(wanted.documents_or(40), wanted.seed)


def _disk(wanted: Wanted) -> Iterator[Result]:
    yield from disk.measure(wanted.documents_or(FEW_DOCUMENTS), wanted.tries_or(3), wanted.seed)


def _two(wanted: Wanted) -> Iterator[Result]:
    yield stops.measure_two(wanted.documents_or(FEW_DOCUMENTS), wanted.tries_or(3), wanted.seed)


def _many(wanted: Wanted) -> Iterator[Result]:
    yield from many.measure(wanted.documents_or(MANY_DOCUMENTS), wanted.seed)


def _groups(wanted: Wanted) -> Iterator[Result]:
    yield from groups.measure(wanted.documents_or(GROUPED_DOCUMENTS))


def _deadline(wanted: Wanted) -> Iterator[Result]:
    yield from stops.measure_deadline(wanted.documents_or(600), wanted.tries_or(3), wanted.seed)


def _codes(wanted: Wanted) -> Iterator[Result]:
    yield from codes.measure(wanted.documents_or(20), wanted.tries_or(50), wanted.seed)


def _analyst(wanted: Wanted) -> Iterator[Result]:
    yield from play.measure(wanted.tries_or(14))


SCENARIOS: dict[str, Callable[[Wanted], Iterable[Result]]] = {
    "driver": _driver,
    "tree": _tree,
    "s3": _s3,
    "ray": _ray,
    "documents": _documents,
    "disk": _disk,
    "two": _two,
    "many": _many,
    "groups": _groups,
    "deadline": _deadline,
    "codes": _codes,
    "analyst": _analyst,
}


def main() -> int:
    """Runs the scenarios asked for, all by default; the exit code says whether all went well."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS), default=list(SCENARIOS), metavar="SCENARIO")
    parser.add_argument("--tries", type=int, help="of each scenario that has tries")
    parser.add_argument("--documents", type=int, help="in each scenario, instead of its own number")
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(EXIT_TERMINATED))  # all that was started is ended
    wanted = Wanted(arguments.tries, arguments.documents, arguments.seed)
    results: list[Result] = []
    for name in arguments.only:
        try:
            results.extend(SCENARIOS[name](wanted))
        except Exception as error:  # noqa: BLE001  the other scenarios are still worth their figures
            traceback.print_exc()
            results.append(Result(name, trouble=[f"the benchmark itself failed: {type(error).__name__}: {error}"]))
    print(f"\n{markdown(results)}")
    return int(any(result.bad for result in results))


if __name__ == "__main__":
    sys.exit(main())
