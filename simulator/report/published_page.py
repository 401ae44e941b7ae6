"""Published estimates beside our figures, as a page of the documentation.

``python -m simulator.report.published_page docs/published-estimates.md`` runs the shocks again and
writes the page and the record beside it.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from simulator.backtest.published import FOLDER, Estimate, load_estimates, our_figures
from simulator.experiment.store import replace_text

Record = dict[str, Any]

_INTRODUCTION = """\
Others have put numbers on shocks like those of our scenarios. Hardly any is of the same thing: most
are losses of GDP or of all sales, while this model counts AI chips and prices nothing. Set side by
side are those where the shock can be made the same; what differs stands below each table. Where
the two agree that is no proof, and where they do not, no refutation.
"""

_TABLES: Sequence[tuple[str, Sequence[tuple[str, str]], str]] = (
    (
        "Without the largest supplier (N-1)",
        (
            ("E34", "share:n1_gross:graphite_anode,share:n1_net:graphite_anode"),
            ("E34", "share:n1_gross:ndpr_oxide,share:n1_net:ndpr_oxide"),
            ("E34", "share:n1_gross:dytb_oxide,share:n1_net:dytb_oxide"),
            ("E36", "share:n1_gross:li_chem,share:n1_net:li_chem"),
            ("E36", "share:n1_gross:cobalt,share:n1_net:cobalt"),
            ("E37", "share:top3"),
        ),
        "Ours: what the capacities of all other countries would leave, in % of the planned use of "
        "all (gross), and of all but the largest supplier's own country (net), on 1 October 2025 "
        "and for refined material. Theirs is for 2035, so with plants that are only announced, and "
        "the excerpt does not say whether the leader's own demand falls away with it. They have "
        "one figure for rare earths, we have NdPr and Dy/Tb: by our tables light capacity outside "
        "China could serve all users outside China, since most magnets are made in China, and "
        "heavy capacity half of them. Their figures for lithium, cobalt and rare earths lie "
        "between our gross and net, or between our light and heavy; that for graphite lies above "
        "both of ours, which are of anodes and end in 2028. Top three: theirs is the mean of six "
        "minerals, ours of the five of them that are drawn (no nickel), and the tables merge small "
        "refiners into few nodes, so ours is too high by construction.",
    ),
    (
        "Taiwan",
        (
            ("E32", "share:taiwan:leading,share:korea:leading"),
            ("E30", "run:taiwan-fabs"),
            ("E29", "run:taiwan-blockade"),
            ("E28", "run:taiwan-blockade"),
            ("E26", "run:taiwan-blockade"),
        ),
        "E32 is the share in all capacity below 10 nm; ours that in the planned wafers at 7 nm and "
        "below that go into AI servers, and no Korean logic fab is drawn. E30 is revenue of all "
        "electronics, E29 of all firms that use Taiwanese chips, E28 activity at risk, and E26 GDP "
        "with finance and trade. Ours is the value of the accelerators alone at list prices, "
        "over two years, without what their buyers would have done with them: a part of each of "
        "theirs. A year without fabs costs less than a year of chips at first, since wafers and "
        "packages under way are finished; the rest of the loss comes in the second year. A "
        "blockade holds finished packages back too.",
    ),
    (
        "Gallium and germanium",
        (
            ("E01", "run:gallium"),
            ("E02", "run:germanium"),
            ("E03", "run:gallium-germanium"),
        ),
        "The study shuts China's net exports for a year and solves for prices and the output of "
        "some 400 industries; more than two fifths of its loss are in making semiconductor devices "
        "(E06). Here no logic, memory or package takes gallium; power stages and lasers of servers "
        "do, and germanium is in optical fibre. Our zero rests on three things: stocks of two to "
        "six months, refiners beside China's that make more, and that the tables serve users in "
        "the chain before all others, who go short instead (priority class 2, an estimate: see "
        "[data](data.md)). The study has what we do not: prices (E04, E05), LEDs, radar, infrared "
        "optics, and all chips that are not for AI.",
    ),
    (
        "Rare earths",
        (
            ("E11", "run:rare-earths-75"),
            ("E12", "run:rare-earths-75"),
            ("E13", "run:rare-earths-80"),
            ("E14", "run:rare-earths-80"),
            ("E15", "run:rare-earths-80"),
            ("E17", "run:rare-earths-80"),
        ),
        "Theirs are losses of GDP or output of a country, ours of AI chips. E17 is a full cut, for "
        "Japan alone. Studies of nearly the same cut differ by a factor of three to five among "
        "themselves (E11 against E14). Cars and machines take magnets directly; a fab takes them "
        "through spare parts and new tools and behind months of stock, so ours comes late and "
        "grows with the length of the cut. E16 finds that the loss fades once substitution is "
        "allowed; here only a measure does that.",
    ),
)  # fmt: skip

_THEIRS = {
    "E32": ("advanced share", "Taiwan 92 %, Korea 8 % (below 10 nm)"),
}
"""Where the figure to compare stands in the words of a row: what it is, and the figure."""

_NOT_COMPARED = (
    (("E04", "E05", "E06"), "prices and industries are not in the model"),
    (("E07", "E08", "E09", "E10"), "GDP, weighted by the probabilities of over 1,200 scenarios"),
    (("E16",), "substitution by elasticity; here it is a measure with a date"),
    (("E18",), "all critical minerals and the whole of Japan's industry"),
    (("E19", "E20", "E21"), "GDP of Japan, first order, from the episode of 2010"),
    (("E22", "E23"), "an accounting identity, and a narrative"),
    (("E24", "E25", "E27"), "war and blockade with finance and trade, by country's GDP"),
    (("E31",), "cost of building capacity"),
    (("E33",), "mature chips and cars, which are not drawn"),
    (("E35",), "nickel has no use in the chain"),
    (("E38",), "activity at stake, second-hand"),
    (("E39", "E40", "E41", "E42", "E43", "E44"), "other networks: by firm or region"),
    (("E45", "E46"), "exposures of Europe's imports and manufacturing"),
    (("O01", "O02", "O03", "O04", "O05"), "observations: see the [back-tests](validation.md)"),
    (("O06", "O07"), "inputs of the scenarios gulf-gas and wf6-gap, not results"),
)  # fmt: skip


def published_page(record: Record) -> str:
    """Write the page, in Markdown.

    Parameters
    ----------
    record
        As `simulator.backtest.published.our_figures` makes it.
    """
    known = load_estimates()
    lines = [
        "<!-- Made by `python -m simulator.report.published_page docs/published-estimates.md`; "
        "change the code or the data, not this page. -->",
        "",
        "# Published estimates beside ours",
        "",
        _INTRODUCTION,
        f"Our runs: {record['replications']} replications, seed {record['seed']}, "
        f"{record['days']} days from {record['start']}, when the shock begins; it lasts a year "
        "(`rare-earths-75`: 18 months). Losses are means with the 5 to 95 % range, of AI "
        "accelerators, against the same run without the shock.",
        "",
    ]
    for title, rows, words in _TABLES:
        lines += [f"## {title}", "", _line(("id", "study", "shock", "theirs", "ours"))]
        lines.append(_line(("---",) * 5))
        for name, keys in rows:
            one = known[name]
            study = f"{one.study} ({one.year})" if one.year else one.study
            usual = f"{one.scenario}: {one.metric}", theirs(one)
            what, figure = _THEIRS.get(name, usual)
            lines.append(_line((name, study, what, figure, ours(record, keys))))
        lines += ["", words, ""]
    lines += ["## Not compared", "", _line(("id", "what", "why")), _line(("---",) * 3)]
    for names, why in _NOT_COMPARED:
        what = "; ".join(dict.fromkeys(f"{known[n].study}" for n in names))
        lines.append(_line((", ".join(names), what, why)))
    lines += ["", "## Sources", "", *_sources(known.values())]
    return "\n".join(lines) + "\n"


def theirs(one: Estimate) -> str:
    """A published figure as printed: base, and its range where there is one."""
    given = [f"{value:g}" for value in (one.low, one.base, one.high) if not math.isnan(value)]
    if len(given) == 3:
        text = f"{given[1]} ({given[0]} to {given[2]})"
    else:
        # two numbers of a unit with a semicolon are not the ends of a range
        text = (", " if ";" in one.unit else " to ").join(given) or "no number"
    return f"{text} {one.unit}"


def ours(record: Record, keys: str) -> str:
    """Our figures for a row: shares in %, or the losses of a run."""
    texts = []
    for key in keys.split(","):
        kind, name = key.split(":", 1)
        if kind == "share":
            texts.append(f"{name.replace(':', ' ')}: {record['shares'][name]:.3g} %")
            continue
        run = record["runs"][name]
        texts.append(
            f"{name}: {_range(run['output_loss_pct_year1'])} % of a year's chips, "
            f"{_range(run['output_loss_pct_year2'])} % in the year after, together "
            f"USD {_range(run['output_loss_usd'], 1e9)} bn"
        )
    return "; ".join(texts)


def _range(found: dict[str, float], unit: float = 1.0) -> str:
    low, mean, high = (_short(found[key] / unit) for key in ("p05", "mean", "p95"))
    return f"{mean} ({low} to {high})"


def _short(value: float) -> str:
    # below a thousandth of a per cent, or of a billion, rounding is all there is
    return "0" if abs(value) < 1e-3 else f"{value:.3g}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _sources(rows: Iterable[Estimate]) -> Iterator[str]:
    import csv

    with (FOLDER / "sources.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["id"]: row for row in csv.DictReader(stream)}
    for name in sorted({name for row in rows for name in row.source_id.split(";")}):
        row = known[name]
        facts = ", ".join(part for part in (row["publisher"], row["date"]) if part)
        title = f"[{row['title']}]({row['url']})" if row["url"] else row["title"]
        yield f"- `{name}`: {title}" + (f" ({facts})" if facts else "")


def main(words: Sequence[str]) -> None:
    """Run the shocks and write the page, and beside it the record it is made from."""
    page = Path(words[0])
    record = our_figures()
    replace_text(page.with_suffix(".json"), json.dumps(record, indent=1, allow_nan=False) + "\n")
    replace_text(page, published_page(record))


if __name__ == "__main__":
    main(sys.argv[1:])
