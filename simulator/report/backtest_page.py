"""Back-tests as a page of the documentation, from their record alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Record = dict[str, Any]
Table = tuple[Sequence[str], list[list[str]]]

SCORE_HEADS = (
    "episode", "months", "in the 90 % band", "its width", "model alone", "median off by", "CRPS",
    "level before", "persistence", "year before", "month before",
)  # fmt: skip
SHAPE_HEADS = (
    "episode", "peak before", "depth", "months to trough", "months to return", "zero months",
)  # fmt: skip
_TRAITS = {
    "peak_before": 100.0,
    "depth": 100.0,
    "months_to_trough": 1.0,
    "months_to_return": 1.0,
    "zero_months": 1.0,
}
"""Traits of a flow, and what they are shown in: per cent, or months."""

_INTRODUCTION = """\
Every episode is forecast as it could have been on the day of its announcement: dates, materials and
destinations are known; how much will pass and when is drawn from priors that come from all *other*
cases ([the rules](#how-the-priors-are-made)). The model then says what flows in each month. A test
takes the rows of the tested case out of the history, and another fills them with nonsense; the
forecast stays the same to the last bit.

This is leave-one-out and not a forecast in real time: other cases may be later ones. The network is
that of October 2025, with the plans of that day, so flows are compared as an index, 1 being the
mean month before. And the licence regimes that scenario files offer by name (`new`, `eased`, ...)
were set with all these episodes known; they are not tested here.

**Scores.** *In the 90 % band*: months observed between the 5 and 95 % quantiles of the forecast;
*its width*, on average and in units of the level before, says how much that may mean. *Model
alone*: the same without the lumpiness of single months, which is a prior too and no part of the
model. *Median off by*: the mean distance of the forecast's median from the observed month. *CRPS*:
the mean distance of the forecast from it, less half the distance among its members, in the same
units; lower is better ([Gneiting and Raftery
2007](https://doi.org/10.1198/016214506000001437)). Beside it the same score of naive forecasts: the
*level before*; *persistence*, the last month known at the announcement; the same month a *year
before*, where that was known (our CRPS for these months first); and the *month before* each, which
knows the episode as it goes on, as no forecast made on that day can.
"""

_RULES = """\
With x(m) the index of a series in the m-th month after that of effect, over all cases but the one
tested:

- **wait**, days until the first approved goods: lognormal, by mean and standard deviation of the
  logarithms of the first approvals.
- **first**, share of the planned flow that moves from then to day 90: beta, by the moments of each
  series' mean x from the month of the first approval to the second month.
- **later**, share after day 90: beta, by the moments of each series' mean x in the months 3 to 11.
- **length** of a ban or an outage: lognormal as for the wait. An outage stands still for half of
  it and recovers evenly in the other half.
- **hoarding**: where there is a notice of a week or more. No two cases had both a notice and a
  series, so this is our estimate, the same as in scenarios.
- **lumpiness**: single months scatter around the flow by a lognormal factor of mean 1 with the
  standard deviation that log x has within the months 3 to 11.

Few cases make the spread uncertain too. Each is widened so that the middle nine tenths are those of
the next of n + 1 normal values (Student's t); a beta prior is never wider than a + b = 1.
"""


def backtest_page(record: Record, picture: str = "") -> str:
    """Write the page, in Markdown.

    Parameters
    ----------
    record
        As `simulator.backtest.records.to_record` makes it.
    picture
        File name of the figure, if there is one beside the page.
    """
    episodes = record["episodes"]
    lines = [
        "<!-- Made by `paxsim backtest --markdown docs/validation.md`; change the code or the "
        "data, not this page. -->",
        "",
        "# Validation: back-tests",
        "",
        *_headline(episodes),
        "",
        "See also the [cross-checks](cross-checks.md) with closed forms and other programs, and "
        "[published estimates](published-estimates.md) beside ours.",
        "",
        _INTRODUCTION,
        f"{record['replications']} replications, seed {record['seed']}; "
        f"`{record['command']}` repeats all of it.",
        "",
        *_markdown(score_table(episodes)),
        "",
    ]
    if picture:
        alt = "Small charts of each episode: observed index by month over the band of the forecast"
        lines += [f"![{alt}]({picture})", ""]
    lines += [
        "## Depth, trough and return",
        "",
        "Observed, then the 5, 50 and 95 % quantiles of the forecast. Peak and depth are in % of "
        "the level before; months count from that of effect; a flow is back at 90 %; a zero month "
        "has less than 5 %.",
        "",
        *_markdown(shape_table(episodes)),
        "",
        "## AI chips lost",
        "",
        "No loss of chips is known from any of these episodes (c:hpq-projectblue for quartz, else "
        "analyst-estimate). Loss over the run in % of the run without the event: median, 95 % "
        "quantile, and share of replications above 0.5 %. Smaller stocks of 2019 are in the run of "
        "that year; the other runs have those of October 2025.",
        "",
        *_markdown(loss_table(episodes)),
        "",
        "## Failures",
        "",
        "Listed is every month outside the 90 % band, every naive forecast of that day that was as "
        "good, every trait of the flow outside its range, and a loss of fab starts that nobody "
        "saw. A wide band fails seldom: see its width, and how far off the median is.",
        "",
        *_failures(episodes),
        "",
        "## How the priors are made",
        "",
        _RULES,
        *_markdown(prior_table(episodes)),
        "",
        "## Sources",
        "",
        *(_source(row) for row in record["sources"]),
    ]
    return "\n".join(lines) + "\n"


def score_table(episodes: Iterable[Record]) -> Table:
    """Coverage and CRPS by episode, with a row for all."""
    rows, months, inside, alone = [], 0, 0, 0
    for one in episodes:
        s = one["scores"]
        months, inside = months + s["months"], inside + s["covered"]
        alone += s["covered_model"]
        seasonal = "none known"
        if s["crps_seasonal"] is not None:
            seasonal = (
                f"{_figure(s['crps_where_seasonal'])} against {_figure(s['crps_seasonal'])} "
                f"({_months(s['seasonal_months'])})"
            )
        rows.append(
            [
                one["name"], str(s["months"]), str(s["covered"]), _figure(s["band_width"]),
                str(s["covered_model"]), _figure(_median_error(one["months"])),
                _figure(s["crps"]), _better(s, "level"), _better(s, "persistence"), seasonal,
                _figure(s["crps_last_month"]),
            ]
        )  # fmt: skip
    rows.append(["all", str(months), f"{inside} ({_share(inside, months)})", ""])
    rows[-1] += [f"{alone} ({_share(alone, months)})", *[""] * 6]
    return SCORE_HEADS, rows


def shape_table(episodes: Iterable[Record]) -> Table:
    """Traits of each flow, observed and forecast."""
    rows = []
    for one in episodes:
        s = one["scores"]
        cells = [one["name"]]
        for name, scale in _TRAITS.items():
            if name not in s:
                cells.append("")
                continue
            low, middle, high = (_trait(s[f"{name}_{q}"], scale) for q in ("p05", "p50", "p95"))
            cells.append(f"{_trait(s[name], scale)}: {low} / {middle} / {high}")
        rows.append(cells)
    return SHAPE_HEADS, rows


def loss_table(episodes: Iterable[Record]) -> Table:
    """Losses by case."""
    heads = ("case", "AI chips", "above 0.5 %", "fab starts", "above 0.5 % ")
    rows: dict[str, list[str]] = {}
    for one in episodes:
        s, cells = one["scores"], [one["case"]]
        for name in ("output_loss_pct", "fab_starts_loss_pct"):
            cells.append(f"{_figure(s[f'{name}_p50'])} / {_figure(s[f'{name}_p95'])}")
            cells.append(f"{100 * s[f'{name}_above_half']:.0f} %")
        rows[one["case"]] = cells
    return [head.strip() for head in heads], list(rows.values())


def prior_table(episodes: Iterable[Record]) -> Table:
    """Priors by case, and what they rest on."""
    rows: dict[str, list[list[str]]] = {}
    for one in episodes:
        own = [
            [
                one["case"], prior["name"], _number(prior["number"]),
                ", ".join(f"{v['from']} {v['value']:g}" for v in prior["values"])
                or "analyst-estimate",
            ]
            for prior in one["priors"]
        ]  # fmt: skip
        if one["lumpiness"]:
            own.append([one["case"], "lumpiness", f"{one['lumpiness']:g}", ""])
        rows[one["case"]] = own
    return ("case", "prior", "distribution", "rests on"), [r for own in rows.values() for r in own]


def _headline(episodes: Sequence[Record]) -> list[str]:
    scores = [one["scores"] for one in episodes]
    months, inside, alone = (
        sum(s[name] for s in scores) for name in ("months", "covered", "covered_model")
    )
    better = sum(s["crps"] < s["crps_persistence"] for s in scores)
    level = sum(s["crps"] < s["crps_level"] for s in scores)
    clean = [one["name"] for one in episodes if not one["failures"]]
    return [
        f"**In short.** {inside} of {months} observed months ({_share(inside, months)}) lie in "
        f"the forecast's 90 % band, which is wide; {alone} ({_share(alone, months)}) lie in that "
        "of the model's own flow, without the lumpiness of single months. The forecast beats "
        f"persistence in {better} and the level before in {level} of {len(scores)} episodes by "
        "CRPS. "
        + (
            f"Without a failure by the rules below: {', '.join(clean)}."
            if clean
            else "No episode is without a failure."
        )
    ]


def _failures(episodes: Iterable[Record]) -> Iterable[str]:
    for one in episodes:
        yield f"**{one['title']}** (`{one['name']}`). Known before: {one['known_limits']}."
        yield ""
        yield from (f"- {text}" for text in one["failures"] or ["none"])
        yield ""


def _markdown(table: Table) -> list[str]:
    heads, rows = table
    return [_line(heads), _line(["---"] * len(heads)), *map(_line, rows)]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _source(row: Record) -> str:
    facts = ", ".join(part for part in (row["publisher"], row["date"]) if part)
    title = f"[{row['title']}]({row['url']})" if row["url"] else row["title"]
    return f"- `{row['id']}`: {title}" + (f" ({facts})" if facts else "")


def _better(scores: Record, name: str) -> str:
    naive = scores[f"crps_{name}"]
    return f"{_figure(naive)}{'' if scores['crps'] < naive else ' (better)'}"


def _number(number: Record) -> str:
    rest = ", ".join(f"{key} {value:g}" for key, value in number.items() if key != "distribution")
    return f"{number['distribution']}, {rest}"


def _trait(value: float | str, scale: float) -> str:
    return value if isinstance(value, str) else f"{value * scale:.0f}"


def _months(count: int) -> str:
    return f"{count} month{'' if count == 1 else 's'}"


def _median_error(months: Sequence[Record]) -> float:
    return float(sum(abs(row["p50"] - row["index"]) for row in months) / len(months))


def _figure(value: float) -> str:
    return f"{value:.2f}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "0 %"
