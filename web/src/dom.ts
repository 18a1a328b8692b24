// The little that takes the place of a framework: query, and patching a subtree from an HTML string.

export const $ = <T extends Element = HTMLElement>(q: string, root: ParentNode = document): T | null => root.querySelector<T>(q);
export const $$ = <T extends Element = HTMLElement>(q: string, root: ParentNode = document): T[] => [...root.querySelectorAll<T>(q)];

const last = new WeakMap<Element, string>();

/**
 * Brings a box to the given HTML and keeps the nodes that stay: a row under the pointer or with the focus
 * is the same element before and after, so that a click that began on it ends on it.
 */
export function fill(box: Element | null, html: string): void {
  if (!box || last.get(box) === html) return;
  last.set(box, html);
  const focus = box.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  const act = focus?.dataset.act;
  const t = document.createElement('template');
  t.innerHTML = html;
  children(box, t.content);
  if (focus && document.activeElement !== focus) {
    const again = focus.isConnected ? focus : act ? $$('[data-act]', box).find(e => e.dataset.act === act) : null;
    again?.focus({preventScroll: true});
  }
}

const keyOf = (n: Node): string | undefined => (n instanceof HTMLElement ? n.dataset.k : undefined);

function children(to: Node, from: Node): void {
  const keyed = new Map<string, Node>();
  for (const n of to.childNodes) {
    const k = keyOf(n);
    if (k !== undefined) keyed.set(k, n);
  }
  let at = to.firstChild;
  for (const want of [...from.childNodes]) {
    const k = keyOf(want);
    const found = k !== undefined ? keyed.get(k) : at && keyOf(at) === undefined && at.nodeName === want.nodeName ? at : undefined;
    if (!found) {
      dress(want);
      to.insertBefore(want, at);
      continue;
    }
    if (found === at) at = at.nextSibling;
    else to.insertBefore(found, at);
    same(found, want);
  }
  while (at) {
    const next = at.nextSibling;
    at.parentNode!.removeChild(at);
    at = next;
  }
}

function same(to: Node, from: Node): void {
  if (to instanceof Element && from instanceof Element) {
    // What the reader opened stays open.
    for (const a of [...to.attributes]) if (a.name !== 'style' && !(a.name === 'open' && to.nodeName === 'DETAILS') && !from.hasAttribute(a.name)) to.removeAttribute(a.name);
    for (const a of from.attributes)
      if (to.getAttribute(a.name) !== a.value) {
        to.setAttribute(a.name, a.value);
        width(to, a.name, a.value);
      }
    children(to, from);
  } else if (to.nodeValue !== from.nodeValue) to.nodeValue = from.nodeValue;
}

// Style attributes are refused by the content security policy; a bar carries its length, a mark its place, as data and gets it here.
function width(e: Element, name: string, value: string): void {
  if (name === 'data-w') (e as HTMLElement).style.inlineSize = value + '%';
  if (name === 'data-x') (e as HTMLElement).style.left = value + 'px';
}
function dress(n: Node): void {
  if (!(n instanceof Element)) return;
  for (const e of [n, ...n.querySelectorAll<HTMLElement>('[data-w],[data-x]')]) for (const k of ['data-w', 'data-x']) if (e.hasAttribute(k)) width(e, k, e.getAttribute(k)!);
}

/** Local settings; a browser that refuses storage just forgets them. */
export function store(key: string, value?: string): string | null {
  try {
    if (value !== undefined) localStorage.setItem('detente.' + key, value);
    return localStorage.getItem('detente.' + key);
  } catch {
    return null;
  }
}

let said = 0,
  waiting = 0;
/** Speaks at most once in ten seconds, and never figures. */
export function say(text: string): void {
  clearTimeout(waiting);
  const wait = Math.max(0, said + 10_000 - Date.now());
  waiting = window.setTimeout(() => {
    said = Date.now();
    const e = $('#say');
    if (e) e.textContent = text;
  }, wait);
}
