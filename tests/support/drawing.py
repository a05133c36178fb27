"""The diagram on a page of its own, with the drafts behind it: what an editing page does, without the app around it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page

from explorer.drafts import Draft, edited
from explorer.figures import diagram
from explorer.graph import Graph, GraphError

_PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>body {{ margin: 8px }} {style}</style><div id="root"></div>
<script type="module">{script}
const mount = draw;
const tell = (name, value) => window.python(name, value).then(scene => scene && window.show(scene));
window.show = data => mount({{
  data, parentElement: document.getElementById("root"), setStateValue: tell, setTriggerValue: tell,
}});
window.show({scene});
</script>"""


@dataclass
class Desk:
    """A draft, the page on which it is drawn, and what the page has said."""

    page: Page
    draft: Draft
    drawn: Graph
    steps: int = 3
    told: list[tuple[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def edits(self) -> list[Any]:
        return [value for name, value in self.told if name == "edit"]

    def scene(self, trouble: dict[str, Any] | None = None) -> dict[str, Any]:
        made = diagram.scene(self.drawn, self.steps, controls=("fold", "length", "edit"), limits=(1, 50))
        return {**made, "front": self.steps, "cursor": 1, "selected": None, "trouble": trouble}

    def answer(self, name: str, value: Any) -> dict[str, Any] | None:
        self.told.append((name, value))
        if name != "edit":
            return None
        trouble = None
        try:
            self.draft = edited(self.draft, value)
            self.drawn = self.draft.graph()
        except GraphError as error:
            trouble = {"connections": [], "text": str(error)}
        return self.scene(trouble)

    def show(self, scene: dict[str, Any]) -> None:
        """Hand the page a new scene and wait until it is painted."""
        self.page.evaluate(
            """scene => {
              window.show(scene);
              return new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            }""",
            scene,
        )


def opened(browser: Browser, draft: Draft, **context: Any) -> Desk:
    """A draft's network, to be drawn on."""
    tab = browser.new_context(**{"viewport": {"width": 1100, "height": 720}, "reduced_motion": "reduce", **context})
    page = tab.new_page()
    desk = Desk(page, draft, draft.graph())
    page.on("pageerror", lambda error: desk.errors.append(str(error)))
    page.expose_function("python", desk.answer)
    page.set_content(page_of(desk.scene()))
    page.wait_for_selector(".unroll-diagram[data-state]")
    return desk


def page_of(scene: dict[str, Any]) -> str:
    """The diagram as one page; its script exports one function, which is called here instead."""
    script = diagram.script().replace("export default function (", "function draw(")
    return _PAGE.format(style=diagram.style(), script=script, scene=json.dumps(scene).replace("</", "<\\/"))
