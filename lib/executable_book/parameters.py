"""The parameters of a build: defaults in the chapters' `parameters` cells, other values in
environment variables.
"""

from collections.abc import Callable, Mapping, Sequence

from executable_book.chapter import Chapter
from executable_book.errors import BookError


def parameter_values(
    chapters: Sequence[Chapter], *, variables: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, str]:
    """The value of each parameter of the book.

    Parameters
    ----------
    chapters : sequence of Chapter
        All chapters.
    variables : mapping
        Environment variable of each parameter (`book_parameters` in `_config.yml`).
    environment : mapping
        The environment; an empty variable counts as unset.

    Raises
    ------
    BookError
        If no chapter has the parameter, chapters disagree on its default, or the default is not
        text.
    """
    values = {}
    for name, variable in variables.items():
        defaults = {
            chapter.docname: chapter.parameters[name]
            for chapter in chapters
            if name in chapter.parameters
        }
        if not defaults:
            raise BookError(
                f"_config.yml: no chapter has the parameter {name!r} of `book_parameters`; "
                "assign it in a cell tagged `parameters` or remove it."
            )
        first, default = next(iter(defaults.items()))
        for docname, other in defaults.items():
            if not isinstance(other, str):
                raise BookError(
                    f"{docname}.md: the default of parameter {name!r} must be text, not {other!r}."
                )
            if other != default:
                raise BookError(
                    f"The default of parameter {name!r} is {default!r} in {first}.md and {other!r} "
                    f"in {docname}.md; "
                    "give both the same."
                )
        values[name] = environment.get(variable) or default
    return values


def injected(chapter: Chapter, values: Mapping[str, str]) -> dict[str, str]:
    """Parameters to put into a chapter: those it has, where the value is not its default anyway."""
    defaults = chapter.parameters
    return {
        name: value
        for name, value in values.items()
        if name in defaults and value != defaults[name]
    }


def checked_banner(check: Callable[..., str] | None, values: Mapping[str, str]) -> str:
    """What stands on top of every page, or '', as the book's `book_check` says.

    It is called as `check(**parameters)` before anything is computed.

    Raises
    ------
    BookError
        With the sentence of the ValueError by which it refuses the parameters.
    """
    try:
        return check(**values) if check else ""
    except ValueError as error:
        raise BookError(str(error)) from None
