"""Load networks and scenarios by name or path; packaged ones are found from any folder."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import InputError, Problem, invalid
from simulator.spec.assemble import assemble, raise_all
from simulator.spec.countries import DATA
from simulator.spec.csv_io import RawTable, parse_csv
from simulator.spec.dataset import Dataset
from simulator.spec.messages import did_you_mean, nearest
from simulator.spec.references import Check
from simulator.spec.tables import REQUIRED_TABLES, TABLES
from simulator.spec.yaml_io import parse_yaml, read_text

if TYPE_CHECKING:
    from simulator.spec.scenario import Scenario, ScenarioInfo


def dataset_names() -> list[str]:
    """Names of the packaged networks, sorted."""
    return sorted(path.name for path in DATA.iterdir() if (path / "facilities.csv").is_file())


def load_dataset(name_or_path: str | Path) -> Dataset:
    """Load a network.

    Parameters
    ----------
    name_or_path
        Name of a packaged network such as ``"alliance"``, or a folder of CSV tables.

    Raises
    ------
    InputError
        With every problem in any of the tables.
    """
    dataset, problems = read_dataset(name_or_path, Path())
    raise_all(problems)
    return dataset


def read_dataset(name_or_path: str | Path, relative_to: Path) -> tuple[Dataset, list[Problem]]:
    """Load a network with its problems; a folder is looked for from ``relative_to``.

    Raises
    ------
    InputError
        When there is no such network or folder.
    """
    folder, name, packaged = find_folder(name_or_path, relative_to)
    try:
        stamps = tuple((path.name, *_stamp(path)) for path in _tables_in(folder))
    except OSError:  # reading it says what is wrong
        return read_folder(folder, name, graded=packaged)
    dataset, problems = _read_once(folder.resolve(), name, packaged, stamps)
    return dataset, list(problems)


@lru_cache(maxsize=4)
def _read_once(
    folder: Path, name: str, graded: bool, stamps: tuple[object, ...]
) -> tuple[Dataset, tuple[Problem, ...]]:
    """A folder as it is now; studies read one many times. Datasets are never changed."""
    dataset, problems = read_folder(folder, name, graded=graded)
    return dataset, tuple(problems)


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size


def _tables_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.csv"))


def find_folder(name_or_path: str | Path, relative_to: Path) -> tuple[Path, str, bool]:
    """Find the folder of a network: path, name in messages, and whether it is a packaged one.

    Raises
    ------
    InputError
        When there is no such network or folder.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, str) and text in dataset_names():
        return DATA / text, text, True
    folder = relative_to / Path(name_or_path).expanduser()
    if not folder.is_dir():
        if folder.exists():
            raise invalid("network", text, "is a file, not a folder of CSV tables")
        hint = did_you_mean(text, dataset_names(), "packaged networks")
        raise invalid("network", text, f"no such network or folder; {hint}")
    if not text.strip() or not any((folder / f"{table}.csv").exists() for table in TABLES):
        rule = "is no folder of tables such as facilities.csv"
        remedy = f"name one, or a packaged network: {', '.join(dataset_names())}"
        raise invalid("network", text, rule, remedy)
    return folder, text, False


def read_folder(
    folder: Path, name: str, *, graded: bool = False, extra: Sequence[Check] = ()
) -> tuple[Dataset, list[Problem]]:
    """Read all tables of a folder.

    Parameters
    ----------
    folder
        Where the CSV files are.
    name
        Name of the dataset, and of the folder in messages.
    graded
        Whether each row must name a source and a grade.
    extra
        Further checks.
    """
    problems: list[Problem] = []
    tables: dict[str, RawTable] = {}
    missing: dict[str, RawTable] = {}  # tables that one with a misspelt name may be
    for path in _tables_in(folder):
        file = f"{name.rstrip('/')}/{path.name}"
        if path.stem not in TABLES:
            hint = did_you_mean(path.stem, TABLES, "known tables")
            problems.append(Problem(path.stem, None, f"unknown table; {hint}", "", file))
            for table in nearest(path.stem, TABLES):
                missing.setdefault(table, unreadable())
            continue
        try:
            tables[path.stem] = parse_csv(read_text(path, file), path.stem, file)
        except InputError as error:
            problems += error.problems
            tables[path.stem] = unreadable()
    for table in REQUIRED_TABLES:
        if table not in tables and table not in missing:
            file = f"{name.rstrip('/')}/{table}.csv"
            problems.append(Problem(table, None, "missing table", f"add {table}.csv", file))
            tables[table] = unreadable()
    tables = {**missing, **tables}
    ordered = {table: tables[table] for table in TABLES if table in tables}
    dataset, found = assemble(name, ordered, graded=graded, extra=extra)
    return dataset, [*problems, *found]


def unreadable() -> RawTable:
    """Stand-in for a table that could not be read; nothing is reported for lack of its rows."""
    return RawTable(doubtful=True)


def load_scenario(
    name_or_path: str | Path, overrides: Mapping[str, str] | Sequence[str] = ()
) -> Scenario:
    """Load a scenario file and its network.

    Parameters
    ----------
    name_or_path
        Name of a packaged scenario such as ``"china-october-2025"``, or a YAML file; with
        ``#variant`` at the end, a variant of it. Text of more than one line is the YAML itself.
    overrides
        Values that replace what the file says, ``{"seed": "7"}`` or ``["seed=7"]``.

    Raises
    ------
    InputError
        With every problem in the file and in the tables.
    """
    from simulator.spec.scenario import parse_scenario

    if isinstance(name_or_path, str) and "\n" in name_or_path:
        return parse_scenario(name_or_path, overrides=overrides)
    name, variant = split_variant(name_or_path)
    path, shown = find_scenario(name)
    return parse_scenario(
        read_text(path, shown),
        file=shown,
        folder=path.parent,
        overrides=overrides,
        path=path,
        variant=variant,
    )


def scenario_loader(name_or_path: str | Path) -> Callable[[Mapping[str, str]], Scenario]:
    """Read a scenario file once, to load it many times with other overrides.

    Raises
    ------
    InputError
        As `load_scenario` does, at once or when the result is called.
    """
    from simulator.spec.composition import Source, compose
    from simulator.spec.scenario import scenario_of

    name, variant = split_variant(name_or_path)
    path, shown = find_scenario(name)
    source = Source(path.parent, path)
    composed = compose(parse_yaml(read_text(path, shown), shown), source, variant)

    def load(overrides: Mapping[str, str]) -> Scenario:
        own = replace(
            composed,
            data=copy.deepcopy(composed.data),
            places=dict(composed.places),
            keys=dict(composed.keys),
        )
        return scenario_of(own, folder=path.parent, overrides=overrides, path=path)

    return load


def load_variants(
    name_or_path: str | Path, overrides: Mapping[str, str] | Sequence[str] = ()
) -> dict[str, Scenario]:
    """Load all variants of a scenario file by name, in the order of the file.

    Parameters
    ----------
    name_or_path, overrides
        See `load_scenario`.

    Raises
    ------
    InputError
        With every problem in the file and in the tables, or if it has no variants.
    """
    names = list_variants(name_or_path)
    if not names:
        rule, remedy = "has no variants", "add some: variants: {deeper: {shocks: ...}}"
        raise invalid("variants", None, f"{name_or_path} {rule}", remedy)
    return {name: load_scenario(f"{name_or_path}#{name}", overrides) for name in names}


def list_variants(name_or_path: str | Path) -> list[str]:
    """Names of the variants of a scenario file, in its order.

    Raises
    ------
    InputError
        If there is no such file, or it is not valid YAML.
    """
    from simulator.spec.composition import variant_names

    path, shown = find_scenario(name_or_path)
    return variant_names(parse_yaml(read_text(path, shown), shown))


def list_scenarios() -> list[ScenarioInfo]:
    """Packaged scenarios, sorted by name, with the question that each answers."""
    from simulator.spec.scenario import scenario_info

    folder = scenario_folder()
    found = [scenario_info(path, f"scenarios/{path.name}") for path in folder.glob("*.yaml")]
    return sorted(found, key=lambda info: info.name)


def scenario_folder() -> Path:
    """Folder of the packaged scenarios: in the wheel, else beside the package."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def split_variant(name_or_path: str | Path, folder: Path = Path()) -> tuple[str | Path, str | None]:
    """Take ``file.yaml#variant`` apart; a file whose own name has a ``#`` stays whole."""
    text = str(name_or_path)
    stem, mark, variant = text.rpartition("#")
    if not mark or not stem or (folder / Path(text).expanduser()).exists():
        return name_or_path, None
    return (stem if isinstance(name_or_path, str) else Path(stem)), variant


def find_scenario(name_or_path: str | Path, folder: Path = Path()) -> tuple[Path, str]:
    """Path of a scenario, and its name in messages; paths are relative to ``folder``."""
    text = str(name_or_path)
    packaged = scenario_folder() / f"{text}.yaml"
    bare = isinstance(name_or_path, str) and "/" not in text and "\\" not in text
    if bare and packaged.is_file():
        return packaged, f"scenarios/{packaged.name}"
    path = folder / Path(name_or_path).expanduser()
    if path.exists() or not bare or path.suffix in (".yaml", ".yml"):
        return path, str(path) if folder != Path() else text
    names = [item.stem for item in scenario_folder().glob("*.yaml")]
    found = nearest(text, names)
    hint = f"did you mean {found[0]!r}?" if found else f"known: {', '.join(sorted(names))}"
    raise invalid("scenario", text, f"no such scenario; {hint}", "or give the path of a YAML file")
