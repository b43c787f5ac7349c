"""What names exist and what they take, read from source text: nothing that is described here is imported."""

from nnrun.catalogue.component import Component, Parameter
from nnrun.catalogue.dtypes import dtype_names
from nnrun.catalogue.exclusions import excluded
from nnrun.catalogue.families import (
    SLOTS,
    aliases,
    canonical,
    find,
    first_parameter,
    names,
    of_keras,
    slots_of,
)
from nnrun.catalogue.former_names import past, past_name
from nnrun.catalogue.joined import OwnFile, joined, joined_file, joined_files, joined_find
from nnrun.catalogue.judgement import is_tensor, judge
from nnrun.catalogue.own_components import own, own_find, own_names
from nnrun.catalogue.own_files import read_own_file
from nnrun.catalogue.slots import slot_of

__all__ = [
    "SLOTS",
    "Component",
    "OwnFile",
    "Parameter",
    "aliases",
    "canonical",
    "dtype_names",
    "excluded",
    "find",
    "first_parameter",
    "is_tensor",
    "joined",
    "joined_file",
    "joined_files",
    "joined_find",
    "judge",
    "names",
    "of_keras",
    "own",
    "own_find",
    "own_names",
    "past",
    "past_name",
    "read_own_file",
    "slot_of",
    "slots_of",
]
