// Tables and the small marks in them. The first cell of a row holds its button, so that the keyboard reaches every row.
import {esc} from '../format';
import {w} from '../i18n';

export type Column = {h: string; right?: boolean; hide?: boolean; cls?: string; sort?: string; title?: string};
export type Row = {k: string; cells: string[]; act?: string; sel?: boolean; title?: string};

export const bar = (share: number): string =>
  `<span class="bar" aria-hidden="true"><i data-w="${Math.max(0.5, Math.min(1, share) * 100).toFixed(1)}"></i></span>`;

export const seg = (name: string, label: string, options: [value: string, text: string][], current: string): string =>
  `<div class="seg" role="group" aria-label="${esc(label)}">` +
  options.map(([v, t]) => `<button type="button" data-act="${name}=${v}" aria-pressed="${v === current}">${t}</button>`).join('') +
  '</div>';

function head(c: Column, sorted: string): string {
  const cls = [c.right ? 'r' : '', c.cls ?? ''].join(' ').trim(),
    on = c.sort && c.sort === sorted;
  const aria = on ? ` aria-sort="${c.right ? 'descending' : 'ascending'}"` : '';
  const text = c.hide
    ? `<span class="sr">${c.h}</span>`
    : c.sort
      ? `<button type="button" class="sortb" data-act="sort=${c.sort}" title="${esc(w.sortBy(c.h))}">${c.h}${on ? (c.right ? ' ↓' : ' ↑') : ''}</button>`
      : c.h;
  return `<th scope="col"${cls ? ` class="${cls}"` : ''}${aria}${c.title ? ` title="${esc(c.title)}"` : ''}>${text}</th>`;
}

function line(cols: Column[], r: Row): string {
  const cells = r.cells
    .map((c, i) => {
      const k = cols[i].right ? ' class="r"' : '';
      if (i) return `<td${k}>${c}</td>`;
      // The title was escaped where it was made: it may hold foreign text.
      const label = r.title ? ` title="${r.title}"` : '';
      return `<th scope="row"${k}>${r.act ? `<button type="button" class="rowb" data-act="${esc(r.act)}"${label}>${c}</button>` : c}</th>`;
    })
    .join('');
  return `<tr data-k="${esc(r.k)}" class="${r.act ? 'act' : ''}${r.sel ? ' sel' : ''}"${r.act ? ` data-row="${esc(r.act)}"` : ''}>${cells}</tr>`;
}

export function table(caption: string, cols: Column[], rows: Row[], empty: string, cls = '', sorted = ''): string {
  const body = rows.length
    ? rows.map(r => line(cols, r)).join('')
    : `<tr data-k="-"><td class="empty" colspan="${cols.length}">${empty}</td></tr>`;
  return `<table class="${cls}"><caption class="sr">${caption}</caption><thead><tr>${cols.map(c => head(c, sorted)).join('')}</tr></thead><tbody>${body}</tbody></table>`;
}

// A pointer left lying on a list, or a focus left in it, must not hold it for ever.
const REST = 20_000;
let touched = -REST;
for (const kind of ['pointermove', 'keydown', 'wheel'])
  addEventListener(
    kind,
    () => {
      touched = performance.now();
    },
    {passive: true}
  );
/** Somebody is pointing at this list or walking in it. */
export const busy = (box: Element | null): boolean =>
  Boolean(box) && performance.now() - touched < REST && (box!.matches(':hover') || box!.contains(document.activeElement));

const orders = new Map<string, string[]>();
/** Rows keep their places while somebody points at the list: only the figures change, so nobody hits the wrong row. */
export function hold<T extends {k: string}>(box: Element | null, name: string, rows: T[]): T[] {
  const before = orders.get(name);
  if (!busy(box) || !before) {
    orders.set(
      name,
      rows.map(r => r.k)
    );
    return rows;
  }
  const by = new Map(rows.map(r => [r.k, r]));
  const kept = before.map(k => by.get(k)).filter((r): r is T => Boolean(r));
  const known = new Set(before),
    out = [...kept, ...rows.filter(r => !known.has(r.k))].slice(0, Math.max(rows.length, kept.length));
  orders.set(
    name,
    out.map(r => r.k)
  );
  return out;
}
/** A new filter or grouping begins a new order. */
export const unhold = (): void => orders.clear();
