"""The language as a JSON Schema of draft 7, which editors read; made from the catalogue, our folders and the sections.

It is as strict as `nnrun check` about names and keys, and never refuses what that accepts. What only the whole config
tells (shapes, columns, `from`) is left to the check.
"""

from nnrun.guide.schema.whole import schema

__all__ = ["schema"]
