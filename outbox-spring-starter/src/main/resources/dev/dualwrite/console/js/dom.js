// Elements are made here, and text gets in as text only: nothing that comes from the server is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes that are null, undefined or false are left out; children are nodes, texts, or lists of them. */
export function el(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(key, value === true ? "" : String(value));
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child))));
  return node;
}

/**
 * Makes the children of a node equal to those given, and keeps what is equal already: a button that has the focus, a text
 * that is selected and a checkbox that is ticked survive an update. Children with a data-key stay with their key.
 */
export function show(parent, ...children) {
  const wanted = el("div", null, ...children);
  morphChildren(parent, wanted);
}

function morphChildren(current, wanted) {
  const keyed = new Map();
  for (const child of current.children) {
    if (child.dataset?.key) {
      keyed.set(child.dataset.key, child);
    }
  }
  let place = current.firstChild;
  for (const next of [...wanted.childNodes]) {
    const key = next.dataset?.key;
    const same = key ? keyed.get(key) : place;
    if (same && !(!key && same.dataset?.key) && alike(same, next)) {
      if (same === place) {
        place = place.nextSibling;
      } else {
        current.insertBefore(same, place);
      }
      morph(same, next);
    } else {
      current.insertBefore(next, place);
    }
  }
  while (place) {
    const rest = place.nextSibling;
    place.remove();
    place = rest;
  }
}

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.id === b.id;
}

function morph(current, wanted) {
  if (current.nodeType === Node.TEXT_NODE) {
    if (current.data !== wanted.data) {
      current.data = wanted.data;
    }
    return;
  }
  for (const { name } of [...current.attributes]) {
    // What a person has opened stays open.
    if (!wanted.hasAttribute(name) && !(current.nodeName === "DETAILS" && name === "open")) {
      current.removeAttribute(name);
    }
  }
  for (const { name, value } of wanted.attributes) {
    if (current.getAttribute(name) !== value) {
      current.setAttribute(name, value);
    }
  }
  if (current.nodeName === "INPUT" && current.type === "checkbox") {
    current.checked = wanted.checked;
    current.indeterminate = wanted.indeterminate;
  }
  morphChildren(current, wanted);
}
