"""Text: the body of a mail as plain text, complete in itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.values.words import Words, words
from layouts.figures import Figure
from layouts.imprint import Pairs
from layouts.render.mail.sheet import Addressee, Drawn, Glance, Sheet


def body_text(sheets: Sequence[Sheet], about: Pairs, locale: str, slot: Callable[[str], str]) -> str:
    """The text for an audience; `slot` gives what stands where each person's part will be."""
    t = words(locale)
    blocks: list[str] = []
    for place, sheet in enumerate(sheets):
        blocks.append("\n".join(part for part in (sheet.title, sheet.line) if part))
        if not place:
            blocks.append(slot("greeting"))
        blocks.append("\n".join(f"- {each}" for each in sheet.sentences))
        if not place:
            blocks.append(slot("own"))
        blocks.append(_figures(sheet.figures, t("Key figures")))
        blocks += [_drawn(each) for each in sheet.pictures]
        blocks.append(_table(sheet.table) if sheet.table else "")
        blocks.append(f"{t('Open the live view')}:\n{sheet.link}" if sheet.link else "")
    blocks.append(slot("files"))
    blocks.append("-- \n" + "\n".join(f"{name}: {text}" for name, text in about))
    blocks.append(slot("why"))
    return "\n\n".join(block for block in blocks if block) + "\n"


def addressed_text(to: Addressee, hello: str, locale: str) -> Mapping[str, str]:
    """What is written into each slot."""
    t = words(locale)
    files = [_attached(to, t)] if to.attached else []
    files += [f"{t('Too large to attach; open it here:')} {name}\n{address}" for name, address in to.linked]
    why = [to.why] if to.why else []
    why += [f"{t('Unsubscribe')}: {to.unsubscribe}"] if to.unsubscribe else []
    return {
        "greeting": "\n\n".join((hello, *to.notes)),
        "own": _figures(to.own, t("Your own figures")),
        "files": "\n".join(files),
        "why": "\n".join(why),
    }


def _attached(to: Addressee, t: Words) -> str:
    return t("Attached: {files}", files=", ".join(to.attached))


def _figures(told: Sequence[Figure], title: str) -> str:
    return "\n".join((title.upper(), *(_figure(each) for each in told))) if told else ""


def _figure(figure: Figure) -> str:
    against = ", ".join(f"{label} {text}" for label, text, _ in figure.against)
    return f"{figure.title}: {figure.value}" + (f" ({against})" if against else "") + _state(figure)


def _state(figure: Figure) -> str:
    return f" {figure.state}" if figure.state else ""


def _drawn(drawn: Drawn) -> str:
    head = drawn.title.upper() + (f" ({drawn.unit})" if drawn.unit else "")
    return "\n".join(part for part in (head, drawn.finding, *drawn.rows) if part)


def _table(table: Glance) -> str:
    lines = [table.title.upper(), " | ".join(table.heads)]
    lines += [" | ".join(cell.text for cell in row) for row in table.rows]
    return "\n".join([*lines, *([table.more] if table.more else [])])
