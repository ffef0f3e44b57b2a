"""The page of a run directory that a stranger wrote: bounded, inside its folder, and inert."""

import shutil

import pytest

from hostile.mutator import mutate

pytestmark = [pytest.mark.keras, pytest.mark.timeout(1800)]

MOST_SECONDS, MOST_MEGABYTES = 15, 1000


def check(done, folder):
    assert done["code"] in (0, 1, 2), done["text"]
    assert "Traceback" not in done["text"], done["text"]
    assert done["processor"] < MOST_SECONDS, done
    assert done["megabytes"] < MOST_MEGABYTES, done
    page = folder / "run" / "report.html"
    if done["code"] == 0:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "http://" not in text.replace("http://www.w3.org/", "")


@pytest.mark.parametrize("seed", range(12))
def test_a_mutated_record_has_a_page_or_is_refused(small, tmp_path, dltrain_in_child, seed):
    shutil.copytree(small, tmp_path, dirs_exist_ok=True)
    for number in range(5):
        mutate(tmp_path / "run", 1000 * seed + number)
    check(dltrain_in_child("report", "run", folder=tmp_path), tmp_path)


def test_nothing_is_written_through_a_link(hostile, dltrain_in_child):
    outside = hostile / "outside"
    outside.mkdir()
    (outside / "roc.svg").write_text("mine")
    shutil.rmtree(hostile / "run" / "figures", ignore_errors=True)
    (hostile / "run" / "figures").symlink_to(outside)
    (hostile / "run" / "report.html").unlink(missing_ok=True)
    (hostile / "run" / "report.html").symlink_to(hostile / "secret")
    done = dltrain_in_child("report", "run", folder=hostile)
    assert (done["code"], [path.name for path in outside.iterdir()]) == (1, ["roc.svg"])
    assert "run/figures: it is a link; remove it" in done["text"]
    (hostile / "run" / "figures").unlink()
    done = dltrain_in_child("report", "run", folder=hostile)
    check(done, hostile)
    assert done["code"] == 0, done["text"]
    assert (hostile / "secret").read_text() == "key: value\n"
    assert not (hostile / "run" / "report.html").is_symlink()


def test_scripts_and_shapes_in_labels_are_text(hostile, dltrain_in_child):
    evil = "</text></svg><script>alert(1)</script>"
    for path in ("signature.json", "metrics.json", "manifest.json"):
        text = (hostile / "run" / path).read_text()
        (hostile / "run" / path).write_text(text.replace('"yes"', f'"{evil}"'))
    done = dltrain_in_child("report", "run", folder=hostile)
    check(done, hostile)
    assert done["code"] == 0, done["text"]
