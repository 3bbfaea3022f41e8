// Checks of a page for people who do not see it well: names, structure, contrast. Gives faults.
() => {
  const faults = [];
  const seen = (node) => node.checkVisibility({ checkVisibilityCSS: true });
  const what = (node) => `<${node.localName}${node.id ? ` id=${node.id}` : ""}> ${node.textContent.trim().slice(0, 40)}`;
  const textOf = (ids) => ids.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");

  const nameOf = (node) => {
    const by = node.getAttribute("aria-labelledby");
    if (by) return textOf(by).trim();
    const own = node.getAttribute("aria-label");
    if (own) return own.trim();
    if (node.labels?.length) return [...node.labels].map((one) => one.textContent).join(" ").trim();
    return ["BUTTON", "A", "SUMMARY"].includes(node.tagName) ? node.textContent.trim() : "";
  };
  for (const node of document.querySelectorAll("input, select, textarea, button, a[href], summary, [role=region]")) {
    if (seen(node) && !nameOf(node)) faults.push(`no name: ${what(node)}`);
  }
  for (const node of document.querySelectorAll("form, section, fieldset, table, [tabindex='0']")) {
    const named = nameOf(node) || node.querySelector(":scope > legend, :scope > caption")?.textContent.trim();
    if (seen(node) && !named && node.localName !== "pre" && node.id !== "key-form") faults.push(`no name: ${what(node)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) faults.push(`id twice: ${id}`);
  for (const attribute of ["for", "aria-describedby", "aria-labelledby", "list"]) {
    for (const node of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of node.getAttribute(attribute).split(" ")) {
        if (!document.getElementById(id)) faults.push(`${attribute} leads nowhere: ${what(node)}`);
      }
    }
  }
  if (!document.documentElement.lang) faults.push("no language");
  for (const one of ["header", "nav", "main", "footer", "h1"]) {
    if (document.querySelectorAll(one).length !== 1) faults.push(`not one ${one}`);
  }
  let level = 0;
  for (const node of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!seen(node)) continue;
    const next = Number(node.localName[1]);
    if (next > level + 1) faults.push(`from h${level} to ${what(node)}`);
    level = next;
  }

  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const part = (one) => (one / 255 <= 0.03928 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const found = rgba(getComputedStyle(one).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const ratio = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  let compared = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !seen(node) || node.closest("meter, noscript, :disabled")) continue;
    const found = ratio(rgba(getComputedStyle(node).color), behind(node));
    compared += 1;
    if (found < 4.5) faults.push(`contrast ${found.toFixed(2)}: ${what(node)}`);
  }
  for (const node of document.querySelectorAll("input, select, textarea")) {
    if (!seen(node) || node.matches(":disabled, [type=range], [type=radio], [type=checkbox]")) continue;
    const style = getComputedStyle(node);
    if (ratio(rgba(style.color), behind(node)) < 4.5) faults.push(`contrast in: ${what(node)}`);
    if (ratio(rgba(style.borderTopColor), behind(node.parentElement)) < 3) faults.push(`faint edge: ${what(node)}`);
  }
  if (!compared) faults.push("no text was compared");
  return [...new Set(faults)];
}
