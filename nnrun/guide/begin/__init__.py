"""A first config: from a template, or from a look at somebody's data."""

from nnrun.guide.begin.first import First, from_data, from_template, templates

__all__ = ["First", "from_data", "from_template", "templates"]
