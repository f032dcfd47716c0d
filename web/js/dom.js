// Builds elements. Text goes in as text nodes only: nothing from a document is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * h("a", {href: "#/", class: "back"}, "All debates"). Properties that start with "on" are listeners; null and false
 * are left out; true is an empty attribute. `style` attributes are refused by the Content-Security-Policy: set
 * element.style instead.
 */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for SVG elements. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Text whose direction comes from itself, so that a name in Arabic does not turn the line around it. */
export function bdi(text) {
  return h("bdi", {}, text);
}

/** Text (or a list of texts and elements) for screen readers where the eye has the drawing. */
export function hiddenText(text) {
  return h("span", { class: "visually-hidden" }, text);
}

/** Says something to screen readers, without moving the focus. */
export function announce(text) {
  document.getElementById("live").textContent = text;
}

export function prefersReducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
