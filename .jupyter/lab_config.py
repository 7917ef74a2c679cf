"""JupyterLab for this book: `jupyter lab --config=.jupyter/lab_config.py` opens chapters as notebooks on double-click."""

from pathlib import Path

c = get_config()  # noqa: F821 (Jupyter defines it)
c.LabApp.app_settings_dir = str(Path(__file__).parent / "settings")
