"""A chapter as a reader meets it in JupyterLab, in a browser."""

READY = """() => {
    const panel = window.jupyterapp.shell.currentWidget, cells = panel.content.model.cells;
    for (let i = 0; i < cells.length; i++) {
        const cell = cells.get(i);
        if (cell.type === 'code' && cell.sharedModel.source.trim() && cell.executionCount === null)
            return false;
    }
    return panel.context.sessionContext.session.kernel.status === 'idle';
}"""
LOOK = """async () => {
    const content = window.jupyterapp.shell.currentWidget.content, seen = {text: [], errors: []};
    for (let i = 0; i < content.widgets.length; i++) {
        await content.scrollToItem(i);
        await new Promise(done => setTimeout(done, 100));
        const widget = content.widgets[i], model = widget.model;
        if (model.type !== 'code') { seen.text.push(widget.node.innerText); continue; }
        for (let j = 0; j < model.outputs.length; j++) {
            const output = model.outputs.get(j).toJSON();
            if (output.output_type === 'error') seen.errors.push(output.evalue);
        }
    }
    return seen;
}"""


def execute(page, command: str) -> None:
    """A command of JupyterLab's, on the notebook that is open."""
    page.evaluate(f"() => window.jupyterapp.commands.execute('{command}')")


def open_by_double_click(page, address: str, name: str) -> None:
    """Open a chapter from the list of files; what opens is a notebook with a kernel."""
    page.goto(f"{address}/lab?reset")
    page.wait_for_selector(".jp-DirListing-item", timeout=90_000)
    for part in name.split("/"):
        page.locator(f".jp-DirListing-itemText > span:text-is('{part}')").dblclick()
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.ready")


def run_all(page) -> dict[str, list[str]]:
    """Run the chapter; the text of its prose as it is then shown, and the errors of its code."""
    execute(page, "notebook:run-all-cells")
    page.wait_for_function(READY, timeout=540_000)
    page.wait_for_timeout(3_000)  # the numbers in the text come after the last cell
    return page.evaluate(LOOK)


def save(page) -> None:
    """Save it, and end its kernel."""
    execute(page, "docmanager:save")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
