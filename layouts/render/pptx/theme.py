"""Theme: an empty deck of our own, 16:9, its colours from the tokens; two layouts, one that opens and one for panels.

The parts are written here rather than kept as a file: a company's accent is one of the theme's colours, and whoever
edits a deck finds our colours and fonts in the menus of their program.
"""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache

from layouts.theme import tokens

FONT = "Segoe UI"
"""The first of the token's families that comes with programs for slides; a deck cannot bring its own."""

INCH = 914_400
WIDE, TALL = 13.333, 7.5
EDGE = 0.6
"""Inches of the page, and of its margin at the left and right."""

SCHEME = {
    "dk1": "ink", "lt1": "surface", "dk2": "band", "lt2": "bg", "accent1": "brand", "accent2": "actual",
    "accent3": "last-year", "accent4": "outline", "accent5": "pos", "accent6": "neg", "hlink": "brand",
    "folHlink": "muted",
}  # fmt: skip
"""The theme's colours and the tokens that they are, `band` being the dark ground of the opening slide; an accent of
the template takes the place of what is ours."""

_SCHEMED = {
    "ink": "tx1", "surface": "bg1", "band": "tx2", "bg": "bg2", "brand": "accent1", "actual": "accent2",
    "last-year": "accent3", "outline": "accent4", "pos": "accent5", "neg": "accent6",
}  # fmt: skip

_NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.presentationml"


def emu(inches: float) -> int:
    """Inches in the unit of slides."""
    return round(inches * INCH)


def paint(colour: str) -> str:
    """A token's name, or a colour as #rrggbb, as XML: the theme's own colour where it has that token."""
    if colour in _SCHEMED:
        return f'<a:schemeClr val="{_SCHEMED[colour]}"/>'
    value = colour if colour.startswith("#") else tokens("light")[colour]
    return f'<a:srgbClr val="{value.removeprefix("#").upper()}"/>'


@lru_cache(maxsize=32)
def blank(accent: str = "") -> bytes:
    """A deck without slides as bytes; `accent` as #rrggbb."""
    master = f'<Relationship Id="rId1" Type="{_OFFICE}/slideMaster" Target="../slideMasters/slideMaster1.xml"/>'
    parts = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _related(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": _presentation(),
        "ppt/_rels/presentation.xml.rels": _related(
            ("slideMaster", "slideMasters/slideMaster1.xml"), ("theme", "theme/theme1.xml")
        ),
        "ppt/theme/theme1.xml": theme(accent),
        "ppt/slideMasters/slideMaster1.xml": _master(),
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": _related(
            ("slideLayout", "../slideLayouts/slideLayout1.xml"),
            ("slideLayout", "../slideLayouts/slideLayout2.xml"),
            ("theme", "../theme/theme1.xml"),
        ),
        "ppt/slideLayouts/slideLayout1.xml": _opening(),
        "ppt/slideLayouts/slideLayout2.xml": _panel(),
        "ppt/slideLayouts/_rels/slideLayout1.xml.rels": _relations(master),
        "ppt/slideLayouts/_rels/slideLayout2.xml.rels": _relations(master),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as written:
        for name, text in parts.items():
            written.writestr(zipfile.ZipInfo(name), text)
    return stream.getvalue()


def theme(accent: str = "") -> str:
    """The theme's part: colours, fonts, and plain ways to fill and to draw an edge."""
    known = dict(tokens("light"))
    if accent:
        known |= {"brand": accent, "band": accent if reads_white(accent) else known["actual"], "actual": accent}
    known.setdefault("band", known["actual"])
    colours = "".join(
        f'<a:{name}><a:srgbClr val="{known[token].removeprefix("#").upper()}"/></a:{name}>'
        for name, token in SCHEME.items()
    )
    font = f'<a:latin typeface="{FONT}" panose="020B0502040204020203"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="9525" cap="flat" cmpd="sng" algn="ctr">{fill}<a:prstDash val="solid"/></a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'{_HEAD}<a:theme {_NAMESPACES} name="Salient"><a:themeElements><a:clrScheme name="Salient">{colours}'
        f'</a:clrScheme><a:fontScheme name="Salient"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont>'
        f'</a:fontScheme><a:fmtScheme name="Salient"><a:fillStyleLst>{fill * 3}</a:fillStyleLst><a:lnStyleLst>'
        f"{line * 3}</a:lnStyleLst><a:effectStyleLst>{effect * 3}</a:effectStyleLst><a:bgFillStyleLst>{fill * 3}"
        "</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )


def reads_white(colour: str) -> bool:
    """Whether white letters can be read on a colour, and it on white: a contrast of 4.5 at least."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05) >= 4.5


def place(x: float, y: float, wide: float, tall: float, tag: str = "a") -> str:
    """Where something lies, in inches from the top left corner."""
    return f'<{tag}:xfrm><a:off x="{emu(x)}" y="{emu(y)}"/><a:ext cx="{emu(wide)}" cy="{emu(tall)}"/></{tag}:xfrm>'


def _presentation() -> str:
    return (
        f'{_HEAD}<p:presentation {_NAMESPACES} saveSubsetFonts="1"><p:sldMasterIdLst><p:sldMasterId id="2147483648" '
        f'r:id="rId1"/></p:sldMasterIdLst><p:sldSz cx="12192000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/>'
        "</p:presentation>"
    )


def _types() -> str:
    parts = (
        ("/ppt/presentation.xml", f"{_TYPE}.presentation.main+xml"),
        ("/ppt/slideMasters/slideMaster1.xml", f"{_TYPE}.slideMaster+xml"),
        ("/ppt/slideLayouts/slideLayout1.xml", f"{_TYPE}.slideLayout+xml"),
        ("/ppt/slideLayouts/slideLayout2.xml", f"{_TYPE}.slideLayout+xml"),
        ("/ppt/theme/theme1.xml", "application/vnd.openxmlformats-officedocument.theme+xml"),
    )
    told = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts)
    return (
        f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{told}</Types>'
    )


def _related(*parts: tuple[str, str]) -> str:
    return _relations(
        "".join(
            f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
            for at, (kind, target) in enumerate(parts, 1)
        )
    )


def _relations(told: str) -> str:
    return (
        f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{told}'
        "</Relationships>"
    )


def _tree(shapes: str) -> str:
    return (
        '<p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>'
        '<a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
        f"{shapes}</p:spTree>"
    )


def _level(size: float, colour: str, *, bold: bool = False, align: str = "l") -> str:
    return (
        f'<a:lvl1pPr marL="0" indent="0" algn="{align}"><a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef>'
        f'<a:spcPts val="0"/></a:spcBef><a:buNone/><a:defRPr sz="{round(size * 100)}" b="{int(bold)}" kern="1200">'
        f'<a:solidFill>{paint(colour)}</a:solidFill><a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/>'
        '<a:cs typeface="+mn-cs"/></a:defRPr></a:lvl1pPr>'
    )


def _placeholder(
    at: int, name: str, kind: str, box: tuple[float, float, float, float], style: str, anchor: str, said: str = ""
) -> str:
    text = said or f'<a:r><a:rPr lang="en-US"/><a:t>{name}</a:t></a:r>'
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{at}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr>'
        f'<p:ph {kind}/></p:nvPr></p:nvSpPr><p:spPr>{place(*box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</p:spPr>"
        f'<p:txBody><a:bodyPr vert="horz" wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}">'
        f"<a:normAutofit/></a:bodyPr><a:lstStyle>{style}</a:lstStyle><a:p>{text}</a:p></p:txBody></p:sp>"
    )


def _block(at: int, name: str, box: tuple[float, float, float, float], colour: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{at}" name="{name}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr>'
        f'{place(*box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>{paint(colour)}</a:solidFill>'
        "<a:ln><a:noFill/></a:ln></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr/></a:p></p:txBody>"
        "</p:sp>"
    )


_NUMBER = (
    '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr lang="en-US"/><a:t>‹#›</a:t></a:fld>'
)

TITLE = (EDGE, 0.68, WIDE - 2 * EDGE, 0.98)
KICKER = (EDGE, 0.33, WIDE - 2 * EDGE, 0.3)
FOOTER = (EDGE, 7.03, 11.0, 0.27)
NUMBER = (WIDE - EDGE - 1.0, 7.03, 1.0, 0.27)
OPENING_TITLE = (4.95, 1.25, WIDE - 4.95 - EDGE, 1.35)
OPENING_SUBTITLE = (4.95, 2.68, WIDE - 4.95 - EDGE, 0.62)
BAND = 4.2
"""Inches of the dark band at the left of the opening slide."""


def _master() -> str:
    shapes = (
        _placeholder(2, "Title", 'type="title"', TITLE, "", "t")
        + _placeholder(3, "Text", 'type="body" idx="1"', KICKER, "", "t")
        + _placeholder(4, "Footer", 'type="ftr" sz="quarter" idx="3"', FOOTER, _level(10, "muted"), "ctr")
        + _placeholder(
            5, "Page", 'type="sldNum" sz="quarter" idx="4"', NUMBER, _level(10, "muted", align="r"), "ctr", _NUMBER
        )
    )
    rest = "".join(
        f'<a:lvl{level}pPr marL="0" indent="0"><a:buNone/><a:defRPr sz="1200"/></a:lvl{level}pPr>'
        for level in range(2, 10)
    )
    other = "".join(
        f'<a:lvl{level}pPr><a:defRPr sz="1200"><a:solidFill>{paint("ink")}</a:solidFill><a:latin typeface="+mn-lt"/>'
        f"</a:defRPr></a:lvl{level}pPr>"
        for level in range(1, 10)
    )
    return (
        f"{_HEAD}<p:sldMaster {_NAMESPACES}><p:cSld><p:bg><p:bgPr><a:solidFill>{paint('surface')}</a:solidFill>"
        f"<a:effectLst/></p:bgPr></p:bg>{_tree(shapes)}</p:cSld>"
        '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" '
        'accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>'
        '<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/><p:sldLayoutId id="2147483650" r:id="rId2"/>'
        '</p:sldLayoutIdLst><p:hf hdr="0" dt="0"/>'
        f"<p:txStyles><p:titleStyle>{_level(24, 'ink', bold=True)}</p:titleStyle><p:bodyStyle>{_level(12, 'muted')}"
        f"{rest}</p:bodyStyle><p:otherStyle>{other}</p:otherStyle></p:txStyles></p:sldMaster>"
    )


def _layout(name: str, kind: str, shapes: str) -> str:
    return (
        f'{_HEAD}<p:sldLayout {_NAMESPACES} type="{kind}" preserve="1"><p:cSld name="{name}">{_tree(shapes)}</p:cSld>'
        "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
    )


def _opening() -> str:
    return _layout(
        "Opening",
        "title",
        _block(6, "Band", (0, 0, BAND, TALL), "band")
        + _block(7, "Accent", (BAND, 0, 0.09, TALL), "brand")
        + _placeholder(2, "Title", 'type="ctrTitle"', OPENING_TITLE, _level(36, "ink", bold=True), "b")
        + _placeholder(3, "Subtitle", 'type="subTitle" idx="1"', OPENING_SUBTITLE, _level(18, "muted"), "t"),
    )


def _panel() -> str:
    return _layout(
        "Panel",
        "obj",
        _block(6, "Accent", (EDGE, 0, 0.9, 0.09), "brand")
        + _block(7, "Line", (EDGE, 6.96, WIDE - 2 * EDGE, 0.01), "line")
        + _placeholder(2, "Title", 'type="title"', TITLE, "", "t")
        + _placeholder(3, "Panel", 'type="body" sz="quarter" idx="13"', KICKER, "", "ctr")
        + _placeholder(4, "Footer", 'type="ftr" sz="quarter" idx="11"', FOOTER, "", "ctr")
        + _placeholder(5, "Page", 'type="sldNum" sz="quarter" idx="12"', NUMBER, "", "ctr", _NUMBER),
    )
