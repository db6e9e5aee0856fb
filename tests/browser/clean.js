// What stands on the page, and what of it is cut off: read by tests/browser/clean.py.
() => {
    const here = element => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.height > 1
            && element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})
            && !element.closest(".visually-hidden, .skip, [inert], .ag-root, code, pre");
    };
    const named = element => {
        const panel = element.closest("[data-panel]");
        const place = panel ? panel.dataset.panel : (element.closest("[id]") || element).id || element.tagName;
        const kind = element.getAttribute("class");
        return `${place} ${element.tagName.toLowerCase()}${kind ? "." + String(kind).trim().replace(/\s+/g, ".") : ""}`;
    };
    const texts = [];
    const cut = [];
    const reach = new Range();
    const told = [];
    // A sentence whose parts are set in bold or as links is one text: that of the box it stands in.
    const sentence = element => {
        let block = element;
        while (getComputedStyle(block).display === "inline" && !block.ownerSVGElement) { block = block.parentElement; }
        return block.ownerSVGElement ? block.textContent : [...block.childNodes]
            .filter(each => each.nodeType === 3 || getComputedStyle(each).display === "inline")
            .map(each => each.textContent).join("").trim();
    };
    const over = (outer, inner) => [
        outer.left - inner.left, inner.right - outer.right, outer.top - inner.top, inner.bottom - outer.bottom,
    ].map(each => Math.max(0, each));
    // Whoever is cut by a box that neither scrolls nor puts an ellipsis is not read; who is in SVG has the figure's box.
    const cutBy = (element, box) => {
        for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
            const style = getComputedStyle(outer);
            if (style.position === "fixed") { return null; }
            const frame = outer.getBoundingClientRect();
            const [left, right, top, bottom] = over(frame, box);
            const wide = Math.max(left, right), tall = Math.max(top, bottom);
            const scrolls = /auto|scroll/.test(style.overflowX) && outer.scrollWidth > outer.clientWidth;
            const rolls = /auto|scroll/.test(style.overflowY) && outer.scrollHeight > outer.clientHeight;
            const hidesWide = /hidden|clip/.test(style.overflowX), hidesTall = /hidden|clip/.test(style.overflowY);
            if (scrolls || rolls) { return null; }
            if (hidesWide && wide > 1.5) {
                return style.textOverflow === "ellipsis" && !outer.matches("h1, h2, .val, .finding")
                    ? null : `${wide.toFixed(0)} px beyond ${named(outer)}`;
            }
            if (hidesTall && tall > 3) { return `${tall.toFixed(0)} px above or below ${named(outer)}`; }
        }
        return null;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, element = node.parentElement;
        const text = node.data.trim();
        if (!text || /^(SCRIPT|STYLE|NOSCRIPT|TITLE)$/i.test(element.tagName)) { continue; }
        if (element.closest(".visually-hidden") && element.checkVisibility()) {
            texts.push([text, named(element), sentence(element)]);
            continue;
        }
        if (!here(element)) { continue; }
        texts.push([text, named(element), sentence(element)]);
        reach.selectNodeContents(node);
        const box = reach.getBoundingClientRect();
        const plot = element.closest(".js-plotly-plot");
        if (plot && element.ownerSVGElement) {
            const most = Math.max(...over(plot.getBoundingClientRect(), element.getBoundingClientRect()));
            if (most > 1.5) { cut.push(`${named(element)}: "${text}" is ${most.toFixed(0)} px outside its figure`); }
            told.push([plot, text, element.getBoundingClientRect(), element]);
            continue;
        }
        const cause = cutBy(element, box);
        if (cause) { cut.push(`${named(element)}: "${text}" is ${cause}`); }
        const style = getComputedStyle(element);
        if (style.display !== "inline" && element.clientWidth && element.scrollWidth > element.clientWidth + 1
            && style.overflowX === "visible") {
            cut.push(`${named(element)}: "${text}" sticks out of its box by ${element.scrollWidth - element.clientWidth} px`);
        }
    }
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        for (const element of document.querySelectorAll(`[${name}]`)) {
            const text = element.getAttribute(name).trim();
            if (text && element.checkVisibility() && !element.closest("svg, .ag-root")) {
                texts.push([text, `${named(element)} ${name}`, text]);
            }
        }
    }
    told.forEach(([plot, text, box, element], at) => {
        for (const [other, upon, over, by] of told.slice(0, at)) {
            const across = Math.min(box.right, over.right) - Math.max(box.left, over.left);
            const down = Math.min(box.bottom, over.bottom) - Math.max(box.top, over.top);
            const tall = Math.min(box.height, over.height);
            if (other === plot && across > 1.5 && down > 0.4 * tall && element.closest("text") !== by.closest("text")) {
                cut.push(`${named(element)}: "${text}" and "${upon}" lie upon each other by ${across.toFixed(0)} px`);
            }
        }
    });
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    if (wide > 0) {
        const widest = [...document.querySelectorAll("main *, .bar *, .under-bar *")].filter(element =>
            element.getBoundingClientRect().right > window.innerWidth + 1 && here(element))[0];
        cut.push(`the page is ${wide} px wider than the window, from ${widest ? named(widest) : "nowhere"} on`);
    }
    const broken = [...document.querySelectorAll("[data-panel][data-state=error]")].map(panel => panel.dataset.panel);
    return {texts, cut: [...new Set(cut)], broken};
}
