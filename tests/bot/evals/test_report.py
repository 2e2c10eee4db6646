"""The report in a real browser: headless Chromium, driven over WebDriver on loopback."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from bot.evals.compare import compare
from bot.evals.diagnosis import fixes
from bot.evals.record import Record, Row
from bot.evals.report import page

MakeRow = Callable[..., Row]
MakeRecord = Callable[..., Record]
HOSTILE = "Where?</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"><b>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no Chromium with its driver is installed (Debian: chromium and chromium-driver)")
    options = ChromeOptions()
    options.binary_location = chromium
    flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking"
    for flag in flags.split():
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()


@pytest.fixture
def show(browser: Chrome, tmp_path: Path) -> Callable[..., Chrome]:
    """Opens the report of a run as a file, in a window of some width and scheme, with or without scripts."""

    def shown(
        new: Record, old: Record | None = None, *, width: int = 1280, scheme: str = "light", scripts: bool = True
    ) -> Chrome:
        comparison = compare(old, new, name="old.json") if old else None
        mending = fixes([row.diagnosis for row in new.rows], [row.scores["correct"] for row in new.rows])
        path = tmp_path / "report.html"
        path.write_text(page(new, mending, comparison, old), encoding="utf-8")
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        browser.get(path.as_uri())
        return browser

    return shown


@pytest.fixture
def old(make_row: MakeRow, make_record: MakeRecord) -> Record:
    rows = [make_row(f"c{n}", correct=float(n % 3 > 0), confidence=n / 40, ms=10 + n) for n in range(36)]
    none = [make_row(f"n{n}", answerable=False, outcome="not_found", confidence=0.1) for n in range(4)]
    return make_record([*rows, *none])


@pytest.fixture
def new(make_row: MakeRow, make_record: MakeRecord, old: Record) -> Record:
    lost = [make_row(f"c{n}", correct=0.0, confidence=n / 40, ms=10 + n) for n in range(12)]
    return make_record([*lost, *old.rows[12:39], make_row("h", question=HOSTILE, correct=0.0)])


@pytest.fixture
def large(make_row: MakeRow, make_record: MakeRecord) -> Record:
    """More cases than the page writes out: the details of the later ones are packed."""
    rows = [make_row(f"c{n}", question=f"Where {n}?") for n in range(420)]
    return make_record([*rows, make_row("last", question=HOSTILE)])


def visible(opened: Chrome) -> list[str]:
    return [
        node.get_attribute("id") or ""
        for node in opened.find_elements(By.CSS_SELECTOR, ".case:not(.head):not([hidden])")
    ]


def errors(opened: Chrome) -> list[str]:
    """What the browser complained of since the last call."""
    return [entry["message"] for entry in opened.get_log("browser")]  # type: ignore[no-untyped-call]


def counted(opened: Chrome) -> str:
    return opened.find_element(By.CSS_SELECTOR, "#filters output").text


def test_the_page_opens_without_errors_or_requests(show: Callable[..., Chrome], old: Record, new: Record) -> None:
    opened = show(new, old)
    assert errors(opened) == []
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert opened.title == "Evaluation of cases.jsonl"
    assert "Failed: correct" in opened.find_element(By.ID, "verdict").text
    tiles = opened.find_elements(By.CSS_SELECTOR, ".tiles li")
    assert [tile.find_element(By.TAG_NAME, "h2").text for tile in tiles][:3] == ["correct", "token F1", "recall@5"]
    assert "worse" in tiles[0].text
    assert len(opened.find_elements(By.CSS_SELECTOR, "polyline.line")) == 2


def test_cases_are_filtered_found_and_ordered(show: Callable[..., Chrome], old: Record, new: Record) -> None:
    opened = show(new, old)
    form = opened.find_element(By.ID, "filters")
    assert counted(opened) == "40 of 40 cases"
    Select(form.find_element(By.NAME, "state")).select_by_visible_text("wrong")
    wrong = visible(opened)
    assert counted(opened) == f"{len(wrong)} of 40 cases"
    assert len(wrong) == 12 + 8 + 1
    Select(form.find_element(By.NAME, "flip")).select_by_visible_text("got worse")
    assert len(visible(opened)) == 8
    form.find_element(By.NAME, "find").send_keys("c1")
    assert visible(opened) == ["case-1", "case-10", "case-11"]
    opened.find_element(By.CSS_SELECTOR, "[data-cause='wrong despite evidence']").click()
    assert counted(opened) == "21 of 40 cases"
    Select(form.find_element(By.NAME, "order")).select_by_visible_text("slowest first")
    assert visible(opened)[0] == "case-33"


def test_a_case_opens_by_keyboard_and_marks_its_quote(show: Callable[..., Chrome], old: Record, new: Record) -> None:
    opened = show(new, old)
    opened.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert opened.switch_to.active_element.text == "Skip to the cases"
    case = opened.find_element(By.ID, "case-2")
    while opened.switch_to.active_element != case.find_element(By.TAG_NAME, "summary"):
        opened.switch_to.active_element.send_keys(Keys.TAB)
    opened.switch_to.active_element.send_keys(Keys.ENTER)
    assert case.find_element(By.TAG_NAME, "mark").text == "The envoy met Putin in Moscow."
    quoted = case.find_element(By.TAG_NAME, "blockquote").text
    assert quoted == "Rain fell on Monday. The envoy met Putin in Moscow. He left."
    assert "Moscow" in case.find_element(By.CSS_SELECTOR, ".pair section:last-child").text
    assert "evidence" in case.find_element(By.CSS_SELECTOR, ".hits .relevant").text


def test_details_of_a_large_run_are_unpacked_when_opened(show: Callable[..., Chrome], large: Record) -> None:
    opened = show(large)
    case = opened.find_element(By.ID, "case-410")
    assert not case.find_elements(By.TAG_NAME, "mark")
    case.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    WebDriverWait(opened, 20).until(lambda _: case.find_elements(By.TAG_NAME, "mark"))
    assert case.find_element(By.TAG_NAME, "mark").text == "The envoy met Putin in Moscow."
    last = opened.find_element(By.ID, "case-420")
    opened.execute_script("arguments[0].open = true", last)
    WebDriverWait(opened, 20).until(lambda _: last.find_elements(By.TAG_NAME, "mark"))
    assert opened.title == "Evaluation of cases.jsonl"
    assert errors(opened) == []


def test_nothing_in_a_case_becomes_part_of_the_page(show: Callable[..., Chrome], old: Record, new: Record) -> None:
    opened = show(new, old)
    case = opened.find_element(By.ID, "case-39")
    assert HOSTILE in case.find_element(By.TAG_NAME, "summary").text
    assert opened.title == "Evaluation of cases.jsonl"
    assert not opened.find_elements(By.TAG_NAME, "img")


def test_the_essentials_need_no_script(show: Callable[..., Chrome], old: Record, new: Record) -> None:
    opened = show(new, old, scripts=False)
    assert not opened.find_element(By.ID, "filters").is_displayed()
    assert "Failed: correct" in opened.find_element(By.ID, "verdict").text
    case = opened.find_element(By.ID, "case-1")
    case.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    assert case.find_element(By.TAG_NAME, "mark").is_displayed()
    assert "Without JavaScript there are no filters" in opened.find_element(By.TAG_NAME, "main").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_either_scheme(show: Callable[..., Chrome], old: Record, new: Record, scheme: str) -> None:
    opened = show(new, old, scheme=scheme)
    ground = colour(opened, "body", "background-color")
    assert (sum(ground) > 600) is (scheme == "light")
    for selector in (
        "body",
        "header p",
        ".tiles .meaning",
        ".change.bad",
        "a[data-cause]",
        ".case i.right",
        ".case i.wrong",
    ):
        assert contrast(colour(opened, selector, "color"), ground) >= 4.5, selector


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_its_window(show: Callable[..., Chrome], old: Record, new: Record, width: int) -> None:
    opened = show(new, old, width=width)
    opened.execute_script("document.getElementById('case-1').open = true")
    assert opened.execute_script("return document.scrollingElement.scrollWidth") <= width


def colour(opened: Chrome, selector: str, name: str) -> list[int]:
    value = opened.find_element(By.CSS_SELECTOR, selector).value_of_css_property(name)
    return [int(part) for part in re.findall(r"\d+", value)[:3]]


def contrast(one: list[int], other: list[int]) -> float:
    """The contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(rgb: list[int]) -> float:
    parts = [value / 255 / 12.92 if value / 255 <= 0.04045 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
