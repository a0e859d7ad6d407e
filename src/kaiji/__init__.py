"""kaiji (開示): training-data disclosure, measured on the data and proved at its level."""

__version__ = "0.1.0"
