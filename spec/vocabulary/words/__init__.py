"""The declarations of every word, a file a kind; each module here is imported, so that its words are registered."""

from importlib import import_module
from pkgutil import iter_modules

for _module in sorted(info.name for info in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")
