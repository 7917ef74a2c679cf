"""A figure that a reader moves in a browser, with an image of it for print."""

import base64
import io
import json

import plotly.graph_objects as go
from matplotlib.figure import Figure


class Interactive(dict):
    """{mime type: content}; a cell that ends with it shows the figure."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        return {"text/plain": "A figure that moves in a browser.", **self}


def interactive(figure: go.Figure, still: Figure) -> Interactive:
    """A figure of plotly with its twin that stands still."""
    image = io.BytesIO()
    still.savefig(image, format="png", dpi=160)
    return Interactive(
        {
            # Through text: arrays then have their short binary form.
            "application/vnd.plotly.v1+json": json.loads(figure.to_json()),
            "image/png": base64.b64encode(image.getvalue()).decode(),
        }
    )
