// Under the list: findings by deadline and exposure, and the feeds that all of it rests on.
import {day, esc, hm, num, plain, timeTag, visible} from '../format';
import {wu} from '../i18n/parts';
import {mark} from '../incident/state';
import {table, type Column, type Row as Line} from '../view/table';
import type {Against, All, Feed} from './ask';
import {mut, party, rough, section, withinOf} from './parts';
import {parties} from './select';

const STEPS = 4;
/** Darker by powers: a few and thousands stand in one table. */
const shade = (n: number): number => (n > 0 ? Math.min(STEPS, 1 + Math.floor(Math.log10(n) * 1.9)) : 0);
const PAST = -1;

function heat(all: All): string {
  const cols = all.exposure.columns.map(c => `<th scope="col" class="r">${wu.exposures[c] ?? visible(c)}</th>`).join('');
  const rows = all.exposure.rows
    .map(r => {
      const name = r.days === PAST ? (r.cells.some(n => n > 0) ? mark('over', wu.pastDate) : wu.pastDate) : withinOf(r.days);
      return `<tr data-k="${r.days}"><th scope="row">${name}</th>${r.cells.map(n => `<td class="r h${shade(n)}">${n ? num(n) : '–'}</td>`).join('')}</tr>`;
    })
    .join('');
  return `<table class="heat"><caption class="sr">${wu.exposure}</caption><thead><tr><th scope="col">${wu.col.deadline}</th>${cols}</tr></thead><tbody>${rows}</tbody></table>`;
}

export function exposure(all: All): string {
  const m = all.machines,
    t = Date.parse(m.newest ?? ''),
    without = Math.max(0, m.known - m.listed);
  if (!m.known) return section('v-ex', wu.exposure, `<p class="empty">${wu.toCollect}</p>`);
  const when = Number.isNaN(t) ? '' : timeTag(m.newest!, `${day(t)} ${hm(t)} UTC`);
  const note = [wu.machines(num(m.known), m.known, num(all.findings), all.findings), when && wu.newest(when), without ? `<b>${wu.unlisted(num(without), without)}</b>` : wu.allListed];
  return section('v-ex', wu.exposure, `${heat(all)}<p class="note">${note.filter(Boolean).join(' ')}</p>`);
}

function against(of: Against[], who: string): string {
  const a = of.find(p => p.party === who);
  if (!a || a.state === 'none') return mut(wu.against.none);
  if (a.state === 'differs') return `<b>≠ ${wu.against.differs(num(a.records), a.records)}</b>`;
  return a.state === 'equal' ? wu.against.equal : wu.against.other;
}
function feedName(f: Feed): string {
  const kind = wu.kinds[f.kind] ?? visible(f.kind),
    by = [f.feed !== f.kind ? visible(f.feed) : '', f.from ? wu.from(party(f.from)) : ''].filter(Boolean);
  return kind + (by.length ? `<br>${mut(by.join(', '))}` : '');
}

export function feeds(all: All, known: string[]): string {
  const who = parties(all, known);
  const cols: Column[] = [
    {h: wu.col.feed},
    {h: wu.col.version},
    {h: wu.col.records, right: true},
    {h: wu.col.age, right: true},
    ...who.map((p): Column => ({h: who.length > 1 ? party(p) : wu.copyOf(party(p)), title: esc(wu.copyTitle)}))
  ];
  const rows = all.feeds.map((f): Line => ({
    k: f.feed,
    cells: [
      feedName(f),
      f.version ? `<span title="${plain(f.version)}">${visible(f.version)}</span>` : mut('–'),
      num(f.records),
      `<span title="${esc(wu.takenAt(f.date, f.taken))}">${rough(f.age_s)}</span>${f.stale ? `<br><b class="warn">${wu.stale}</b>` : ''}`,
      ...who.map(p => `<span class="v-by" aria-hidden="true">${party(p)}: </span>${against(f.peers, p)}`)
    ]
  }));
  const late = all.feeds.filter(f => f.stale).length,
    note = !all.feeds.length ? '' : [late ? wu.staleNote(num(late), late) : '', who.length ? '' : wu.nobody].filter(Boolean).join(' ');
  return section('v-fd', wu.feeds, table(wu.feeds, cols, rows, wu.toImport, 'feeds') + (note ? `<p class="note">${note}</p>` : ''));
}
