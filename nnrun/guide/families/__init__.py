"""The families of names, a file each: what it is, where it may stand, and an example of any of its names.

The examples are made by a few rules, and written out where no rule serves; a test checks every one of them.
"""
