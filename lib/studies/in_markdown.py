"""What is written in Markdown, and shown by JupyterLab, too."""

from markdown_it import MarkdownIt


class InMarkdown:
    """What has `_repr_markdown_`: pages show that. JupyterLab, which takes out of Markdown what
    folds and what has a style, gets HTML.
    """

    def _repr_html_(self) -> str:
        return MarkdownIt("commonmark").enable("table").render(self._repr_markdown_())
