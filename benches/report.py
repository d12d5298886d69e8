"""Turns what benches/run measured into the figures that decide, and these into a text."""

from statistics import median

# (mode, what one unit is, largest ratio of the gateway's CPU to hop + SDK)
MODES = {
    "unary": ("request", 0.8),
    "burst": ("event", 1.0),
    "paced": ("event", None),
}
IDLE_KIB_PER_STREAM = 48
START_RESIDENT_MIB = 30
SERVING_MS = 200
# Above this share of the machine used by strangers, figures are worth little.
NOISE_PERCENT = 5


def summary(result: dict) -> dict:
    """Medians over the rounds, and every target with what was reached."""
    cells = {}
    for record in result["calls"]:
        key = (record["mode"], record["concurrency"])
        cells.setdefault(key, {}).setdefault(record["subject"], []).append(figures(record, result))
    table = [row(key, subject, rounds) for key, subjects in cells.items() for subject, rounds in subjects.items()]
    checks = []
    for name in gateways(result):
        for (mode, concurrency), subjects in cells.items():
            if name in subjects:
                checks += comparisons(name, mode, concurrency, subjects)
        checks += footprint(name, result)
    # What gRPC alone takes, for comparison.
    checks += [it | {"limit": None, "reached": None} for it in footprint("hop", result)]
    return {
        "table": table,
        "checks": checks,
        "noise_percent": max((row["noise_percent"] for row in table), default=0),
    }


def gateways(result: dict) -> list[str]:
    found = [record["subject"] for kind in ("calls", "idle", "startup") for record in result[kind]]
    return [name for name in dict.fromkeys(found) if name not in ("sdk", "hop")]


def figures(record: dict, result: dict) -> dict:
    """One run in comparable figures: CPU in microseconds per unit, times in milliseconds."""
    units = record["calls"] if record["mode"] == "unary" else record["events"]
    if units == 0:
        raise SystemExit(f"nothing was done in {record}: a longer window is needed")
    subject = record["subject"]
    own = "client" if subject == "sdk" else subject
    cpu = {name: seconds / units * 1e6 for name, seconds in record["cpu_seconds"].items()}
    # A paced stream lasts as long as its pauses: there the first event tells.
    times = record["first_event_us"] if record["mode"] == "paced" else record["call_us"]
    strangers = record["machine_cpu_seconds"] - sum(record["cpu_seconds"].values())
    available = record["seconds"] * result["environment"]["cores"]
    return {
        "cpu_us": cpu.pop(own),
        "other_cpu_us": cpu,
        "per_second": units / record["seconds"],
        "p50_ms": quantile(times, "p50", 5),
        "p99_ms": quantile(times, "p99", 50),
        "noise_percent": max(0, strangers) / available * 100,
    }


def quantile(times: dict | None, name: str, least_samples: int) -> float | None:
    return times[name] / 1e3 if times and times["samples"] >= least_samples else None


def row(key: tuple, subject: str, rounds: list[dict]) -> dict:
    names = rounds[0]["other_cpu_us"]
    plain = ("cpu_us", "per_second", "p50_ms", "p99_ms")
    return {
        "mode": key[0],
        "concurrency": key[1],
        "subject": subject,
        **{name: middle([figure[name] for figure in rounds]) for name in plain},
        "cpu_us_range": spread([figure["cpu_us"] for figure in rounds]),
        "other_cpu_us": {name: median(figure["other_cpu_us"][name] for figure in rounds) for name in names},
        "noise_percent": max(figure["noise_percent"] for figure in rounds),
    }


def comparisons(name: str, mode: str, concurrency: int, subjects: dict) -> list[dict]:
    """The gateway beside its parts, round by round: what they share cancels out."""
    unit, limit = MODES[mode]
    rounds = list(zip(subjects[name], subjects["sdk"], subjects["hop"], strict=True))
    ratios = [gateway["cpu_us"] / (hop["cpu_us"] + sdk["cpu_us"]) for gateway, sdk, hop in rounds]
    where = f"{mode} c{concurrency}"
    checks = [check(name, f"{where}: CPU per {unit} / (hop + SDK)", ratios, limit, "")]
    for quantile in ("p50_ms", "p99_ms"):
        added = [
            gateway[quantile] - sdk[quantile]
            for gateway, sdk, _ in rounds
            if gateway[quantile] is not None and sdk[quantile] is not None
        ]
        if added:
            checks.append(check(name, f"{where}: added {quantile[:3]}", added, None, "ms"))
    return checks


def footprint(name: str, result: dict) -> list[dict]:
    idle = [per_stream(record) for record in result["idle"] if record["subject"] == name]
    starts = [record for record in result["startup"] if record["subject"] == name]
    resident = [kib / 1024 for record in starts for kib in record["resident_kib"]]
    serving = [time for record in starts for time in record["serving_ms"]]
    checks = []
    if idle:
        checks.append(check(name, "memory per idle stream", idle, IDLE_KIB_PER_STREAM, "KiB"))
    if starts:
        checks.append(check(name, "memory at start", resident, START_RESIDENT_MIB, "MiB"))
        checks.append(check(name, "start to SERVING", serving, SERVING_MS, "ms"))
    return checks


def check(name: str, what: str, values: list[float], limit: float | None, unit: str) -> dict:
    reached = None if limit is None else median(values) <= limit
    return {
        "subject": name,
        "what": what,
        "median": median(values),
        "range": spread(values),
        "limit": limit,
        "unit": unit,
        "reached": reached,
    }


def per_stream(record: dict) -> float:
    return (record["after_kib"] - record["before_kib"]) / record["streams"]


def middle(values: list) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def spread(values: list[float]) -> list[float]:
    return [min(values), max(values)]


def text(result: dict) -> str:
    """The report for people."""
    found = result["summary"]
    where = result["environment"]
    plan = result["plan"]
    lines = [
        f"{where['commit']}, {where['date']}, {where['processor']}, {where['cores']} cores, {where['rustc']}",
        f"medians of {plan['rounds']} rounds of {plan['seconds']} s; CPU in us of the process per request (unary) "
        "or text event (burst, paced), least and most in brackets;",
        "p50 and p99 of the whole call, in paced streams of the first text event",
        "",
        f"{'':<12}{'':<12}{'CPU us':>9}  {'range':<18}{'per s':>11}{'p50 ms':>9}{'p99 ms':>9}   CPU us of the others",
    ]
    for row in found["table"]:
        others = ", ".join(f"{name} {value:.2f}" for name, value in row["other_cpu_us"].items())
        if row["noise_percent"] > NOISE_PERCENT:
            others += f"   NOISE {row['noise_percent']:.0f} %"
        span = "({:.2f} - {:.2f})".format(*row["cpu_us_range"])
        lines.append(
            f"{row['mode'] + ' c' + str(row['concurrency']):<12}{row['subject']:<12}{row['cpu_us']:>9.2f}  {span:<18}"
            f"{row['per_second']:>11,.0f}{milliseconds(row['p50_ms'])}{milliseconds(row['p99_ms'])}   {others}"
        )
    lines.append("")
    for it in found["checks"]:
        span = "({:.2f} - {:.2f})".format(*it["range"])
        target = "" if it["limit"] is None else f"<= {it['limit']:g} {it['unit']}".ljust(12) + verdict(it)
        value = f"{it['median']:.2f} {it['unit']}"
        lines.append(f"{it['subject']:<12}{it['what']:<44}{value:>12}  {span:<22}{target}".rstrip())
    if found["noise_percent"] > NOISE_PERCENT:
        lines += ["", f"NOISE: strangers used up to {found['noise_percent']:.0f} % of the machine. Repeat when it is quiet."]
    return "\n".join(lines)


def milliseconds(value: float | None) -> str:
    return f"{'-':>9}" if value is None else f"{value:>9.3f}"


def verdict(it: dict) -> str:
    return "reached" if it["reached"] else "MISSED"
