"""Where the templates are: regimes, levels and formats, as files that a lawyer or designer can read."""

from pathlib import Path


def templates_root() -> Path:
    """The folder `disclosure_templates`: of the installed package if it holds one, else of the source tree."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "disclosure_templates"
    return installed if installed.is_dir() else package.parents[1] / "disclosure_templates"


def formats_folder() -> Path:
    """The folder with the templates of the renderers."""
    return templates_root() / "formats"
