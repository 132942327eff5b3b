"""A form as a browser would send it: what stands in it when the page is loaded, until somebody types something else."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """The successful controls of one form, by name."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside: Form | None = None
        self._text = ""  # the name of the textarea or select that is open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = Form(found.get("action", ""))
            self.forms.append(self._inside)
        elif self._inside is None:
            return
        elif tag == "input":
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self._inside.values[found["name"]] = found.get("value", "")
        elif tag in ("textarea", "select"):
            self._text = found["name"]
            self._inside.values[self._text] = ""
        elif tag == "option" and "selected" in found and self._text:
            self._inside.values[self._text] = found.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._inside is not None and self._text and self.get_starttag_text() is not None:
            tag = (self.get_starttag_text() or "").lower()
            if tag.startswith("<textarea"):
                self._inside.values[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        elif tag in ("textarea", "select"):
            self._text = ""


def form_at(page: str, action: str) -> Form:
    """The form of a page that is sent to this address; its token stands among the values."""
    parser = _Forms()
    parser.feed(page)
    return next(each for each in parser.forms if each.action == action)
