"""Bring weights in a browser: a file is brought, stepped through, written out, and brought again."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import explorer
from tests.support import look
from tests.support.tabs import address_has, shows, stage

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).resolve().parent / "fixtures" / "weights"


def bring(page: Page, path: Path) -> None:
    button = page.get_by_role("button", name="Bring your own file")
    if button.get_attribute("aria-expanded") != "true":  # it stays open when a file is put away
        button.click()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("button", name="Yours:")).to_be_visible()
    look.settle(page)


def test_a_file_is_brought_written_out_in_another_layout_and_brought_again(opened, tmp_path):
    page = opened("/weights")
    shows(page, steps=12, cursor=12)
    bring(page, FOLDER / "pytorch_lstm_2_both.npz")
    shows(page, steps=5, cursor=5)
    expect(page.get_by_test_id("stAlert").filter(has_text="Reproduced.")).to_be_visible()
    stage(page).focus()
    page.keyboard.press("ArrowLeft")
    shows(page, cursor=4)
    address_has(page, t="4")

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Keras, .npz").click()
    keras = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(keras)
    assert keras.name == "pytorch_lstm_2_both-keras.npz"
    brought = explorer.read_weights(keras)
    assert (brought.report.framework, brought.report.gates) == ("Keras", "i f c o")

    page.get_by_role("button", name="Yours:").click()
    page.get_by_role("button", name="Put it away").click()
    shows(page, steps=12)
    bring(page, keras)
    shows(page, steps=5)
    expect(page.get_by_role("cell", name="i f c o")).to_be_visible()
    expect(page.get_by_test_id("stAlert").filter(has_text="Reproduced.")).to_be_visible()


def test_a_pickle_is_refused_in_words(opened):
    page = opened("/weights")
    page.get_by_role("button", name="Bring your own file").click()
    page.locator("input[type=file]").set_input_files(FOLDER / "pytorch_gru.pt")
    expect(page.get_by_test_id("stAlert").filter(has_text="never opened here")).to_be_visible()
    assert not look.exceptions(page)
