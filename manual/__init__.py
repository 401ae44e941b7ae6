"""Pages of the manual that are made from the package itself, so that they cannot be out of date.

MkDocs calls `manual.hooks`; `PAGES` in `manual.pages` names what is made, and from what.
"""
