"""Prints what came of the cases, one row for each client.

    python3 clients/table.py FOLDER

The folder has a JSON report of `bedrock-gateway conformance` for each client, under the name of its
language; `none.json` is that of the suite's own calls. Ends with 1 if a client came to another
outcome than the suite itself, in any case.
"""

import json
import statistics
import sys
from pathlib import Path

COLUMNS = ("client", "passed", "failed", "skipped", "as without a client", "median", "first content")
OWN = "none"


def outcomes(report):
    """Of each case, how it ended."""
    return {(result["model"], result["case"]): result["outcome"] for result in report["results"]}


def median(values):
    return f"{statistics.median(values):.1f} ms" if values else "-"


def row(name, report, own):
    """The cells of one client, and the cases that ended otherwise."""
    ended = outcomes(report)
    others = sorted(
        f"{case} of {model or 'the gateway'}: {ended.get((model, case))}"
        for (model, case), outcome in own.items()
        if ended.get((model, case)) != outcome
    )
    calls = [
        call
        for result in report["results"]
        if not result["played"]
        for call in result["calls"]
        if call["answered"]
    ]
    totals = report["totals"]
    first = [call["first_content_ms"] for call in calls if call["first_content_ms"] is not None]
    cells = (
        name,
        totals["passed"],
        totals["failed"],
        totals["skipped"],
        f"{len(own) - len(others)} of {len(own)}",
        median([call["took_ms"] for call in calls]),
        median(first),
    )
    return [str(cell) for cell in cells], others


def main(folder):
    reports = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    own = outcomes(reports[OWN])
    names = [OWN, *(name for name in reports if name != OWN)]
    rows, all_others = [list(COLUMNS)], {}
    for name in names:
        cells, others = row(name, reports[name], own)
        rows.append(cells)
        if others:
            all_others[name] = others
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(COLUMNS))]
    for cells in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    for name, others in all_others.items():
        print(f"\n{name}:", *others, sep="\n  ")
    return 1 if all_others else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
