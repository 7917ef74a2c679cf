"""JupyterLab for this book: it opens chapters as notebooks on double-click.

jupyter lab --config=.jupyter/lab_config.py
"""

from pathlib import Path

c = get_config()  # noqa: F821 (Jupyter defines it)
c.LabApp.app_settings_dir = str(Path(__file__).parent / "settings")
