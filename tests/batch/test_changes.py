"""Only what changed is made again, by content; what is made is what the report makes."""

from __future__ import annotations

import os

from little_notebooks import CHAIN

from .conftest import NOTED, Batches


def test_nothing_changed(made: Batches) -> None:
    before = made.contents()
    done = made.run()
    assert (done.returncode, done.stdout) == (0, "4 studies; nothing had changed\n")
    assert (made.ran(), made.contents()) == ([], before)


def test_touched_files_have_not_changed(made: Batches) -> None:
    for path in [*made.place.notebooks.iterdir(), *made.place.reports.glob("*/effects.csv")]:
        os.utime(path)
    assert made.run().stdout == "4 studies; nothing had changed\n"


def test_the_report_makes_the_same_bytes(made: Batches) -> None:
    """All but the links of pages, which a batch alone has none to lead to; then these too."""
    before = made.contents()
    assert made.place.build().returncode == 0
    after = made.contents()
    assert made.ran() == ["grid-deu", "grid-grp-wld-usa", "one", "two"]
    assert {name: after[name] for name in before if not name.endswith(".html")} == {
        name: content for name, content in before.items() if not name.endswith(".html")
    }
    made.run()
    again = made.contents()
    assert made.ran() == []
    studies = [name for name in before if "batch/" not in name]
    assert {name: again[name] for name in studies} == {name: after[name] for name in studies}
    assert made.run().stdout == "4 studies; nothing had changed\n"


def test_a_changed_study_is_run_alone(made: Batches) -> None:
    made.place.study("two", "FRA")
    assert "3 unchanged, 1 made" in made.run().stdout
    assert made.ran() == ["two"]
    assert b"Exports to FRA" in made.contents()["two/index.html"]


def test_an_output_that_was_changed_or_lost_is_made_again(made: Batches) -> None:
    before = made.contents()
    (made.place.reports / "one" / "effects.csv").write_text("spoilt")
    (made.place.reports / "two" / "figures" / "series.svg").unlink()
    assert "2 unchanged, 2 made" in made.run().stdout
    assert made.ran() == ["one"]
    assert made.contents() == before


def test_a_changed_page_needs_no_notebook(made: Batches) -> None:
    (made.place.reports / "one" / "index.html").unlink()
    assert "3 unchanged, 1 made" in made.run().stdout
    assert made.ran() == []


def test_a_changed_notebook_runs_for_every_study(made: Batches) -> None:
    made.place.write("03_model", *CHAIN["03_model"], NOTED, "'the same tables'")
    assert "0 unchanged, 4 made" in made.run().stdout
    assert len(made.ran()) == 4
