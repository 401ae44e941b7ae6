"""Reports in a real browser: no complaint, no request, nothing clipped, everything drawn."""

from __future__ import annotations

import subprocess

import pytest

from simulator.report import write_report
from tests.report.browser import Browser, find_chromium

pytestmark = pytest.mark.skipif(
    find_chromium() is None, reason="no Chromium here; PAXSIM_CHROMIUM names one elsewhere"
)
WIDTHS = (390, 1280)
DRAWN = """[...document.querySelectorAll("figure svg")].map(svg => {
  const box = svg.getBoundingClientRect();
  return {shown: svg.checkVisibility(), width: box.width, height: box.height,
          parts: svg.querySelectorAll("path, use, text").length};
})"""
CLIPPED = """[...document.querySelectorAll("figure svg text, td, th, dd, figcaption, p, li")]
  .filter(part => part.checkVisibility() && getComputedStyle(part).clipPath === "none"
          && !part.closest("thead"))
  .map(part => [part.textContent.trim().slice(0, 60), part.getBoundingClientRect()])
  .filter(([text, box]) => text && box.width && (box.left < -1 || box.right > innerWidth + 1))
  .map(([text, box]) => `${text}: ${box.left.toFixed()} to ${box.right.toFixed()}`)"""
COVERED = """(() => {
  const found = [];
  for (const svg of document.querySelectorAll("figure svg")) {
    if (!svg.checkVisibility()) continue;
    const ticks = [...svg.querySelectorAll("g[id*='matplotlib.axis_1'] text")]
      .map(text => text.getBoundingClientRect()).sort((a, b) => a.left - b.left);
    for (let i = 1; i < ticks.length; i++)
      if (Math.abs(ticks[i].top - ticks[i - 1].top) < 2 && ticks[i].left < ticks[i - 1].right)
        found.push(svg.getAttribute("aria-labelledby"));
  }
  return found;
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def check_page(browser, path, figures):
    """Open a page at every width and look at it as a person would."""
    for width in WIDTHS:
        browser.open(path, width)
        drawn = browser.run(DRAWN)
        shown = [one for one in drawn if one["shown"]]
        assert len(shown) == browser.run("document.querySelectorAll('figure').length"), drawn
        assert len(shown) >= figures, (width, drawn)
        for one in shown:
            assert one["width"] > 300
            assert one["height"] > 80
            assert one["parts"] > 8
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run(CLIPPED) == []
        assert browser.run(COVERED) == []
        assert browser.complaints() == []
        assert browser.requests() == [path.resolve().as_uri()]


def test_a_full_report_is_whole_at_both_widths_and_asks_for_nothing(browser, full_run):
    check_page(browser, write_report(full_run), figures=12)


def test_the_first_stop_of_the_keyboard_leads_to_the_answer(browser, full_run):
    browser.open(write_report(full_run), 1280)
    press(browser, "Tab")
    assert browser.run("document.activeElement.className") == "skip"
    assert browser.run("document.activeElement.getBoundingClientRect().left") >= 0
    press(browser, "Enter")
    assert browser.run("location.hash") == "#answer"
    # What scrolls sideways on a phone must be reachable, too.
    assert browser.run("[...document.querySelectorAll('pre')].every(one => one.tabIndex === 0)")


def press(browser, key):
    code = {"Tab": 9, "Enter": 13}[key]
    text = {"text": "\r"} if key == "Enter" else {}
    for kind in ("keyDown", "keyUp"):
        browser.send(
            "Input.dispatchKeyEvent", type=kind, key=key, code=key,
            windowsVirtualKeyCode=code, **(text if kind == "keyDown" else {}),
        )  # fmt: skip


def test_a_report_is_printed_on_paper_without_what_belongs_to_screens(browser, full_run, tmp_path):
    browser.open(write_report(full_run), 1280)
    browser.send("Emulation.setEmulatedMedia", media="print")
    try:
        for part in ("nav", ".skip", "details", ".narrow"):
            shown = f"[...document.querySelectorAll({part!r})].filter(one => one.checkVisibility())"
            count = browser.run(f"{shown}.filter(one => !one.closest('.pair')).length")
            assert count == 0, part
    finally:
        browser.send("Emulation.setEmulatedMedia", media="")
    browser.print(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_scenario_that_tries_runs_no_script_in_a_browser(browser, make_run):
    evil = "</title></svg><script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'>"
    timeline = ((evil, evil, "2025-11-08", None, "shock"),)
    folder = make_run(runs=30, days=400, question=evil, name=evil, timeline=timeline)
    path = write_report(folder)
    browser.open(path, 1280)
    assert browser.run("typeof window.hurt") == "undefined"
    assert browser.requests() == [path.resolve().as_uri()]
    assert browser.complaints() == []


@pytest.mark.slow
def test_reports_of_the_library_are_whole_in_a_browser(browser, tmp_path):
    names = ("china-october-2025", "china-october-2025-suspended")
    for name in names:
        paxsim(tmp_path, "run", name, "-n", "200", "-o", name)
        check_page(browser, tmp_path / name / "report.html", figures=10)
    paxsim(tmp_path, "compare", *names, "-o", "compared")
    check_page(browser, tmp_path / "compared" / "report.html", figures=3)


def paxsim(folder, *words):
    import sys

    line = "import sys; from simulator.cli import main; main(prog_name='paxsim')"
    subprocess.run([sys.executable, "-c", line, *words], cwd=folder, check=True)
