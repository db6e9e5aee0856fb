"""Page: a slide of the deck with its title, its panel, what stands at its head and foot, and its notes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.parts.chart import ChartPart
from pptx.util import Emu

from app.values.words import language_of, words
from layouts.handout import Handout
from layouts.native.chart import NativeChart
from layouts.render.pptx import theme
from layouts.render.pptx.chart_xml import chart_xml
from layouts.render.pptx.fitting import fitted, plain, width_of
from layouts.render.pptx.shapes import NAMESPACES, Box, Line, Run, text_box
from layouts.render.pptx.theme import EDGE, WIDE, emu
from layouts.render.pptx.workbook import sheet_of, workbook

CONTENT: Box = (EDGE, 1.78, WIDE - 2 * EDGE, 4.98)
"""Where a panel's answer stands."""

ARROW = "↗"
"""Stands where a click leads out of the deck."""

TITLE_SIZES = (26, 24, 22, 20, 18, 16, 14)
LANGUAGES = {"en": "en-GB", "de": "de-DE", "fr": "fr-FR"}
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


@dataclass(frozen=True)
class Page:
    """A slide that is being written; `handout` is what the deck is of."""

    slide: Any
    handout: Handout

    def add(self, xml: str) -> None:
        """Put a shape on top of all others."""
        self.slide.shapes._spTree.append(parse_xml(xml))

    def number(self) -> int:
        """The number of the next shape."""
        return int(self.slide.shapes._next_shape_id)

    def link(self, address: str) -> str:
        """The id under which runs of text lead there; empty for what is no address outside the deck."""
        if not address.startswith(("https://", "http://")):
            return ""
        return str(self.slide.part.relate_to(plain(address), RELATIONSHIP_TYPE.HYPERLINK, is_external=True))

    def write(self, name: str, box: Box, lines: Sequence[Line], **look: Any) -> None:
        """Put a box of text."""
        self.add(text_box(self.number(), f"{name} {self.number()}", box, lines, **look))

    def draw(self, chart: NativeChart, name: str, said: str, box: Box, *, bare: bool = False) -> None:
        """Put a chart that can be edited, with its cells."""
        package = self.slide.part.package
        sheet = sheet_of(chart)
        part = ChartPart.load(
            PackURI(str(package.next_partname(ChartPart.partname_template))), CHART_TYPE, package,
            chart_xml(chart, sheet, box[2], box[3], bare=bare),
        )  # fmt: skip
        part.chart_workbook.update_from_xlsx_blob(workbook(chart, sheet))
        _spoken_in(part._element, self.handout.context.locale)
        places = [Emu(emu(each)) for each in box]
        frame = self.slide.shapes._add_chart_graphicFrame(
            self.slide.part.relate_to(part, RELATIONSHIP_TYPE.CHART), *places
        )
        describe(frame, name, said)

    def picture(self, content: bytes, name: str, said: str, box: Box) -> float:
        """Put a picture at the right end of a box, as high as the box or as wide; returns its width in inches."""
        shown = self.slide.shapes.add_picture(io.BytesIO(content), 0, 0)
        ratio = shown.width / shown.height
        tall = min(box[3], box[2] / ratio)
        wide = tall * ratio
        shown.width, shown.height = Emu(emu(wide)), Emu(emu(tall))
        shown.left, shown.top = Emu(emu(box[0] + box[2] - wide)), Emu(emu(box[1] + (box[3] - tall) / 2))
        describe(shown._element, name, said)
        return wide

    def finish(self, notes: Sequence[str]) -> None:
        """Write the notes, and say in which language all of it is."""
        frame = self.slide.notes_slide.notes_text_frame
        frame.text = "\n".join(plain(line) for line in notes)
        for element in (self.slide._element, self.slide.notes_slide._element):
            _spoken_in(element, self.handout.context.locale)


def describe(element: Any, name: str, said: str) -> None:
    """What those hear who do not see a graphic."""
    told = element.xpath(".//p:cNvPr")[0]
    told.set("name", plain(name))
    told.set("descr", plain(said))


def restyle_notes(deck: Any, part: str) -> None:
    """Give the notes the deck's own theme instead of the library's."""
    owned = deck.part.notes_master_part.part_related_by(RELATIONSHIP_TYPE.THEME)
    owned._element = parse_xml(part.encode())


def panel_page(deck: Any, handout: Handout, title: str, kicker: str, link: str, logo: bytes) -> Page:
    """A slide for a panel: `title` is what it says, `kicker` what it is of and in which unit."""
    page = Page(deck.slides.add_slide(deck.slide_layouts[1]), handout)
    _titled(page.slide.shapes.title, plain(title))
    _kicker(page, kicker, link, _headed(page, logo))
    _footed(page)
    return page


def _kicker(page: Page, kicker: str, link: str, wide: float) -> None:
    """The line above the title, in what the head leaves; a click on it leads to the live view."""
    left, top, whole, tall = theme.KICKER
    named = next(each for each in page.slide.placeholders if each.placeholder_format.idx == 13)
    if wide < whole:
        named.left, named.top, named.width, named.height = (Emu(emu(each)) for each in (left, top, wide, tall))
    said, size = fitted(plain(kicker), wide - 0.3, tall, (12, 11, 10))
    leads = page.link(link)
    say(named, f"{said} {ARROW}" if leads else said, size)
    if leads:
        told = named._element.xpath(".//p:cNvPr")[0]
        told.append(parse_xml(f'<a:hlinkClick {NAMESPACES} r:id="{leads}"/>'))


def _titled(shape: Any, title: str) -> None:
    say(shape, *fitted(title, theme.TITLE[2], theme.TITLE[3], TITLE_SIZES, bold=True))


def say(shape: Any, text: str, size: float) -> Any:
    """Write into a placeholder; returns the run of text."""
    run = shape.text_frame.paragraphs[0].add_run()
    run.text = text
    run.font.size = Emu(round(size * 12700))
    return run


def _headed(page: Page, logo: bytes) -> float:
    """The company's line and mark, at the right of the head; returns the inches that are left beside them."""
    right, template = WIDE - EDGE, page.handout.template
    if logo:
        right -= page.picture(logo, "Logo", template.name or "Logo", (right - 1.5, 0.22, 1.5, 0.4)) + 0.15
    if template.header:
        wide = min(3.3, width_of(template.header, 10) + 0.1)
        said, size = fitted(plain(template.header), wide, 0.34, (10,))
        line = Line((Run(said, size, "muted"),), "r")
        page.write("Header", (right - wide, 0.26, wide, 0.36), (line,), anchor="ctr")
        right -= wide + 0.15
    return right - EDGE


def _footed(page: Page) -> None:
    """Period, data and page; placeholders of the layout, so that the program can switch them off."""
    for shape in page.slide.slide_layout.placeholders:
        if shape.placeholder_format.idx in (11, 12):
            copied = deepcopy(shape._element)
            copied.xpath(".//p:cNvPr")[0].set("id", str(page.number()))
            style = copied.find(qn("p:txBody")).find(qn("a:lstStyle"))
            for child in list(style):
                style.remove(child)
            page.slide.shapes._spTree.append(copied)
    foot = next(each for each in page.slide.placeholders if each.placeholder_format.idx == 11)
    foot.text_frame.text = fitted(plain(footer(page.handout)), theme.FOOTER[2], theme.FOOTER[3], (10,))[0]


def footer(handout: Handout) -> str:
    """The company's own line, then the period and the version of the data."""
    t, told = words(handout.context.locale), dict(handout.about)
    version = told.get(t("Data version"), "")
    named = f"{t('Data version')} {version}" if version else ""
    return " · ".join(part for part in (handout.template.footer, handout.title, handout.subtitle, named) if part)


def _spoken_in(element: Any, locale: str) -> None:
    language = locale.replace("_", "-") if "-" in locale else LANGUAGES.get(language_of(locale), locale or "en-GB")
    for run in element.iter(qn("a:rPr"), qn("a:endParaRPr"), qn("a:defRPr")):
        run.set("lang", language)
