// Starts the page: node, stream, turns of drawing, keys and clicks.
import {getNode} from './api';
import {app} from './app';
import {$, say, store} from './dom';
import {add, has, remove, slug, toggle, tokens} from './filter';
import {begin, look, openPeople, takeLink} from './people';
import {pacts, watch} from './incident/watch';
import * as i18n from './i18n';
import {w} from './i18n';
import {alertsView, eventDrawer, helpView, incidentDrawer, replayView, waitsView} from './load';
import {go, isIncident, read} from './state';
import {Stream, type Frame} from './stream';
import {build, pauseMap, render, repaint, stats, tick} from './view/now';
import {unhold} from './view/table';

const TURN = 250;
/** Longer than the pause after which a silent node is asked, so that a quiet one is not called stale. */
const STALE = 14;
const root = document.documentElement,
  params = new URLSearchParams(location.search);
let due = 0,
  drawn = 0,
  spoken = false,
  firing = 0,
  at = location.hash;

const stream = new Stream(onFrame);

function onFrame(f: Frame): void {
  if (app.paused) return;
  const first = !app.live.ready;
  app.live.frame(f);
  const n = app.live.honesty?.alerts?.[0] ?? 0;
  if (n > firing) say(w.alerts.said);
  firing = n;
  if (app.past) return;
  if (first || app.status !== 'live') status();
  if (first) draw(true);
  else turn();
}

/** Draws at most four times a second, and not at all in a hidden tab. */
function turn(): void {
  if (due || document.hidden) return;
  due = window.setTimeout(
    () =>
      requestAnimationFrame(() => {
        due = 0;
        draw(false);
      }),
    Math.max(0, drawn + TURN - performance.now())
  );
}

function draw(now: boolean): void {
  if (document.hidden) return;
  drawn = performance.now();
  const s = read(),
    f = app.filter(),
    until = app.past ? app.past.at() : null;
  const tby = app.node?.assets?.length ? s.tby : 'address',
    frozen = app.paused || app.status === 'stale';
  app.query.want(`${s.q} ${s.by} ${tby} ${app.past?.jump ?? ''}`, f, s.by, tby, until ?? app.model.pos, until, app.node?.chips ?? [], frozen, () => draw(true));
  app.week.want(s.view === 'now' && s.range === '7d', frozen, () => draw(true));
  app.groups.want(f.any || s.view !== 'now' ? 'address' : tby, until ?? app.model.pos, until, frozen, () => draw(true));
  render(now);
}

function status(): void {
  app.silence = stream.heard ? (performance.now() - stream.heard) / 1000 : performance.now() / 1000;
  const before = app.status,
    dead = app.silence > STALE || (stream.failing && app.silence > 5);
  app.status = app.past ? 'past' : app.paused ? 'paused' : dead ? 'stale' : app.model.ready ? 'live' : 'connecting';
  if (app.status !== before) {
    if (app.status === 'stale') {
      say(w.said.stale);
      spoken = true;
      void look();
    } else if (spoken && app.status === 'live') {
      say(w.said.back);
      spoken = false;
    }
    if (!document.hidden) draw(true);
  } else if (!document.hidden && app.status !== 'paused') tick();
  void followPacts();
}

// Incidents are asked for, and the time they are due runs on.
let late = -1;
async function followPacts(): Promise<void> {
  const s = read(),
    close = s.view === 'incidents' || s.view === 'pact' || s.sel.startsWith('incident:'),
    fresh = await watch(close);
  const i = opened && 'follow' in opened ? opened : null;
  if (fresh) {
    if (opened && 'pactsCame' in opened) opened.pactsCame();
    const n = pacts.incidents.filter(x => x.overdue?.length && x.state !== 'CLOSED').length;
    if (late >= 0 && n > late) say(w.said.late);
    late = n;
    i?.follow();
  } else if (!app.paused && !document.hidden) i?.refresh();
  if ((pacts.known || pacts.failed) && !app.paused && !document.hidden && (fresh || close)) draw(true);
}

function pause(): void {
  if (app.past) return void past?.pause();
  app.paused = !app.paused;
  pauseMap(app.paused);
  say(app.paused ? w.said.paused : w.said.resumed);
  // What came in meanwhile was not taken; the whole state is fetched instead.
  if (!app.paused) void stream.ask();
  status();
}

function theme(): void {
  root.dataset.theme = root.dataset.theme === 'light' ? 'dark' : 'light';
  store('theme', root.dataset.theme);
  repaint();
  tick();
}

function act(what: string): void {
  const i = what.indexOf('='),
    k = what.slice(0, i),
    v = what.slice(i + 1),
    j = v.indexOf(':');
  if (k === 'filter') toggle(v.slice(0, j), v.slice(j + 1));
  else if (k === 'drop') {
    const t = tokens().find(x => (x.key ? `${x.key}:${x.value}` : x.value) === v);
    if (t) remove(t);
    $('#q')?.focus();
  } else if (k === 'pause') pause();
  else if (k === 'speed') past?.speed(Number(v));
  else if (k === 'live') past?.live();
  else if (k === 'seek') app.seek(Number(v), true);
  else if (k === 'all') go({all: read().all === v ? '' : v});
  else if (k === 'theme') theme();
  else if (k === 'help') void helpView().then(h => h.openHelp());
  else if (k === 'who') void openPeople();
  else if (k === 'waits') void waitsView().then(x => x.open());
  else if (k === 'alerts') void alertsView().then(a => a.open());
  else if (['sel', 'by', 'tby', 'map', 'sort', 'pact', 'period', 'party', 'range', 'cc', 'stay', 'only'].includes(k)) go({[k]: v});
}

// The drawers come with the first event or incident that is opened. There is one place for both.
type Drawer = typeof import('./event/drawer') | typeof import('./incident/drawer');
let opened: Drawer | null = null;
async function drawer(): Promise<void> {
  const kind = read().sel.split(':')[0];
  if (kind !== 'event' && kind !== 'incident') return void opened?.show('');
  const d = kind === 'event' ? await eventDrawer() : await incidentDrawer(),
    sel = read().sel;
  if (!sel.startsWith(kind + ':')) return;
  if (opened && opened !== d) opened.show('');
  opened = d;
  d.show(sel.slice(kind.length + 1));
}

// The past comes when it is first wanted: by the address, the timeline or a key.
let past: typeof import('./replay/replay') | null = null,
  coming: Promise<void> | null = null;
/** What is wanted of it is done in the order in which it was wanted. */
function inPast(what: (p: typeof import('./replay/replay')) => void): void {
  if (past) return what(past);
  coming ??= replayView().then(p => void (past = p));
  void coming.then(
    () => {
      what(past!);
    },
    () => (coming = null)
  );
}
function time(): void {
  if (read().t)
    inPast(p => {
      if (read().t) p.follow();
    });
  else past?.leave();
}
const RANGES = ['1h', '6h', '24h', '7d'];
/** Keys of time: true when it was one. */
function timeKey(e: KeyboardEvent, t: HTMLElement): boolean {
  const range = RANGES.indexOf(read().range) + (e.key === '[' ? -1 : e.key === ']' ? 1 : NaN);
  if (RANGES[range]) go({range: RANGES[range]});
  else if (e.key.toLowerCase() === 'l' && app.past) past?.live();
  else if (/^Arrow(Left|Right)$/.test(e.key) && (t === document.body || t.closest('#top,.time'))) {
    const by = (e.shiftKey ? 3_600_000 : 60_000) * (e.key === 'ArrowLeft' ? -1 : 1);
    app.seek((app.past?.at() ?? app.now()) + by, true);
  } else return false;
  e.preventDefault();
  return true;
}

function onHash(): void {
  if (location.hash.startsWith('#link=')) return void takeLink().then(() => draw(true));
  const was = at;
  at = location.hash;
  if (was.replace(/sel=[^&]*/, '') !== at.replace(/sel=[^&]*/, '')) unhold();
  time();
  draw(true);
  void drawer();
}

function onKey(e: KeyboardEvent): void {
  const t = e.target as HTMLElement;
  if (e.key === 'Escape') {
    if (t.id === 'q') {
      (t as HTMLInputElement).value = '';
      t.blur();
    } else if (read().sel && !$('dialog[open]')) go({sel: ''});
    return;
  }
  if (t.matches('input,textarea,select') || e.ctrlKey || e.metaKey || e.altKey || store('keys') === 'off') return;
  const chips = app.node?.chips ?? [];
  if (read().view !== 'now' && /^([t/]|[1-8])$/.test(e.key) && !(e.key === 't' && /^(world|cutoff)$/.test(read().view))) return;
  if (read().view === 'now' && app.live.ready && timeKey(e, t)) return;
  if (e.key === ' ' && !t.matches('button,a,summary')) {
    e.preventDefault();
    pause();
  } else if (e.key === 't') go({map: read().map === 'table' ? 'map' : 'table'});
  else if (e.key === '/') {
    e.preventDefault();
    $('#q')?.focus();
  } else if (e.key.toLowerCase() === 'w' && isIncident(read())) go({wide: read().wide ? '' : '1'});
  else if (e.key === '?') void helpView().then(h => h.openHelp());
  else if (e.key === 'i' && pacts.known) go({view: read().view === 'now' ? 'incidents' : 'now', sel: ''});
  else if (/^[1-8]$/.test(e.key) && chips[+e.key - 1]) toggle('class', slug(chips[+e.key - 1]));
}

function onClick(e: MouseEvent): void {
  const t = e.target as HTMLElement,
    b = t.closest<HTMLElement>('[data-act]'),
    r = t.closest<HTMLElement>('[data-row]');
  if (b) act(b.dataset.act!);
  else if (r && !t.closest('a,button') && !String(getSelection())) act(r.dataset.row!);
}

function start(): void {
  root.dataset.theme = params.get('theme') ?? store('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');
  build();
  app.redraw = () => {
    if (!document.hidden) draw(true);
  };
  app.turn = turn;
  app.seek = (t, done) => {
    inPast(p => {
      p.scrub(t, done);
    });
  };
  document.addEventListener('click', onClick);
  document.addEventListener('keydown', onKey);
  document.addEventListener('change', e => {
    const t = e.target as HTMLSelectElement;
    if (t.id === 'lang') i18n.speak(t.value);
  });
  addEventListener('hashchange', onHash);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      status();
      draw(true);
    }
  });
  $('#filter')!.addEventListener('submit', e => {
    e.preventDefault();
    const q = $<HTMLInputElement>('#q')!;
    if (q.value.trim()) add(q.value.trim(), app.node?.chips ?? []);
    q.value = '';
  });
  $('#q')!.addEventListener('keydown', e => {
    const last = tokens().at(-1);
    if ((e as KeyboardEvent).key === 'Backspace' && !$<HTMLInputElement>('#q')!.value && last) remove(last);
  });
  const node = () =>
    getNode().then(
      n => {
        app.node = n;
        draw(true);
      },
      () => {
        setTimeout(node, 2_000);
      }
    );
  const go = (): void => {
    void node();
    stream.start();
    setInterval(status, 1_000);
    time();
    void drawer();
  };
  render(true);
  void begin().then(may => {
    if (may) go();
    draw(true);
  });
}

void i18n.begin(params).then(start);
// For the tests of frames: how many were drawn and how long they took.
Object.assign(window, {__detente: {stats, has}});
