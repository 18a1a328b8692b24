// The page at a moment of the past: the same frames under another address, at a speed. The address of the page holds the moment;
// while it goes on, it is written there every few seconds, so that what is copied or loaded again shows the same.
import {get, HttpError, type Replay} from '../api';
import {app, type Past} from '../app';
import {say} from '../dom';
import {esc, day, hms, local, num, stamp, timeTag} from '../format';
import {w} from '../i18n';
import {wr} from '../i18n/parts';
import {Model} from '../model';
import {href, read, timeOf, timeText} from '../state';
import {LIVE, open, parse} from '../stream';
import {whyNot} from '../trouble';
import {seg} from '../view/table';

const WRITE = 5_000,
  RETRY = 5_000,
  /** Keys that follow each other faster than this ask once. */
  SETTLE = 150,
  /** Who comes so near to now is there. */
  NEAR = 2_000,
  SPEEDS = [1, 10, 60, 300];

const model = new Model();
let source: EventSource | null = null,
  asked = {t: NaN, speed: 1},
  /** As it stands in the address. */
  written = '',
  wrote = 0,
  playing = 1,
  error = '',
  /** The moment that is asked for has not come yet, by the node's clock. */
  ahead = false,
  info: Replay | null = null,
  timer = 0,
  /** While the pointer is down: the newest place it was at, as long as one is asked for. */
  next = NaN,
  scrubbing = false;

const past: Past = {ready: false, speed: 1, jump: 0, at: () => (past.ready ? model.now : asked.t), state, headline, bar, foot};

function stop(): void {
  clearTimeout(timer);
  source?.close();
  source = null;
}

function ask(t: number, speed: number): void {
  stop();
  asked = {t, speed};
  error = '';
  ahead = false;
  if (speed) playing = speed;
  past.ready = false;
  past.speed = speed;
  past.jump++;
  if (!app.past) enter();
  else app.redraw();
  if (document.hidden) return;
  const path = `${LIVE}?at=${timeText(t)}&speed=${speed}`;
  const es = (source = open(
    path,
    m => {
      const f = parse(m);
      if (f && source === es) take(f);
    },
    () => {
      if (source === es) void fail(path);
    },
    text => {
      if (source === es) ended(text);
    }
  ));
}

function enter(): void {
  app.past = past;
  app.paused = false;
  say(wr.said);
  app.redraw();
}

function take(f: NonNullable<ReturnType<typeof parse>>): void {
  model.frame(f);
  model.rate = past.speed;
  if (f.kind === 'snapshot') {
    info = f.data.replay ?? null;
    past.ready = true;
    app.model = model;
    app.redraw();
    if (!Number.isNaN(next)) {
      const t = next;
      next = NaN;
      ask(t, 0);
    }
  } else app.turn();
  if (past.speed && performance.now() - wrote > WRITE) write(model.now, past.speed);
}

function ended(text: string): void {
  stop();
  const why = (JSON.parse(text) as {why: string}).why;
  if (why === 'now') {
    history.replaceState(null, '', href({t: ''}));
    leave();
  } else if (why === 'error') {
    error = wr.broken;
    app.redraw();
  }
}

const refused = (e: HttpError): string => (e.status === 503 ? wr.busy : e.status === 404 ? wr.noPast : whyNot(e));

/** Why there is no stream is in the answer, which the browser keeps from the page; so it is asked for once more. */
async function fail(path: string): Promise<void> {
  stop();
  const t = past.at(),
    speed = past.speed,
    c = new AbortController();
  let again = true;
  try {
    await get(path, c.signal);
    c.abort();
  } catch (e) {
    again = !(e instanceof HttpError) || e.status >= 500;
    error = e instanceof HttpError ? refused(e) : wr.broken;
    // The form of the moment was looked at before it was asked for: what is wrong with it is that it lies ahead.
    ahead = e instanceof HttpError && e.status === 400;
  }
  if (source || !app.past) return;
  app.redraw();
  if (again) timer = window.setTimeout(() => ask(t, speed), error ? RETRY : 500);
}

function write(t: number, speed: number): void {
  written = timeText(t);
  wrote = performance.now();
  history[read().t ? 'replaceState' : 'pushState'](null, '', href({view: 'now', t: written, speed: String(speed)}));
}

/** The address says another moment than is shown. */
export function follow(): void {
  const s = read(),
    t = timeOf(s);
  if (app.past && s.t === written && Number(s.speed) === past.speed) return;
  written = s.t;
  wrote = performance.now();
  ask(t, Number(s.speed));
}

export function leave(): void {
  stop();
  next = NaN;
  if (!app.past) return;
  app.past = null;
  app.model = app.live;
  say(w.said.resumed);
  app.redraw();
}

export function live(): void {
  if (read().t) history.pushState(null, '', href({t: ''}));
  leave();
}

export function move(t: number, speed = app.past ? past.speed : app.paused ? 0 : playing): void {
  if (t >= app.now() - NEAR) return live();
  write(t, speed);
  const soon = app.past && !past.ready;
  stop();
  asked = {t, speed};
  past.ready = false;
  if (!app.past) enter();
  if (soon) timer = window.setTimeout(() => ask(t, speed), SETTLE);
  else ask(t, speed);
  app.redraw();
}

/** The pointer is down on the timeline: moments come one at a time, the newest always; when it is up, time goes on from there. */
export function scrub(t: number, done: boolean): void {
  if (!scrubbing) {
    scrubbing = true;
    if (!app.past) playing = app.paused ? 0 : 1;
    else playing = past.speed;
  }
  if (done) {
    scrubbing = false;
    next = NaN;
    return move(t, playing);
  }
  if (t >= app.now() - NEAR) return;
  if (source && !past.ready) next = t;
  else {
    const speed = playing;
    ask(t, 0);
    playing = speed;
  }
}

export function pause(): void {
  if (!past.ready) return;
  if (!past.speed) return speed(playing || 1);
  const t = Math.floor(model.clock());
  stop();
  model.now = Math.min(t, app.now());
  model.received = performance.now();
  model.rate = past.speed = asked.speed = 0;
  write(model.now, 0);
  say(w.said.paused);
  app.redraw();
}

export function speed(n: number): void {
  const t = past.at();
  write(t, n);
  ask(t, n);
}

document.addEventListener('visibilitychange', () => {
  if (!app.past) return;
  // Nobody looks: time stands still, and the node need not work.
  if (document.hidden) stop();
  else if (!source && (past.speed || !past.ready)) ask(past.at(), past.speed);
});

// ---- words

const clock = (): number => (past.ready ? model.clock() : asked.t);

function state(): string {
  const t = clock(),
    text = `${day(t)} ${hms(t)} UTC`;
  return (
    `<b class="rep">${wr.replay}</b> <span id="clock">${timeTag(new Date(t).toISOString(), text)}${local(t) ? ` <span class="loc">(${local(t)})</span>` : ''}</span>` +
    ` <span class="mut">${error ? '' : past.ready ? (past.speed ? '×' + past.speed : wr.still) : wr.asking}</span>`
  );
}

/** What the figures are of, before the figures. */
function headline(figures: string): string {
  const t = past.at(),
    at = `${day(t)} ${hms(t)} UTC`;
  if (ahead) return `${wr.ahead(at, `${day(app.now())} ${hms(app.now())} UTC`)} <button type="button" class="btn" data-act="live=">${wr.back}</button>`;
  if (error) return wr.failed(at, error);
  if (!past.ready) return wr.wait(at);
  const from = Date.parse(info?.from ?? '');
  if (Number.isNaN(from)) return wr.nothing(at);
  return t <= from ? wr.before(at, stamp(info!.from)) : wr.of(at, figures);
}

function bar(): string {
  const speeds = SPEEDS.map((n): [string, string] => [String(n), '×' + n]);
  return (
    seg('speed', wr.speed, speeds, String(past.speed)) +
    `<button type="button" class="btn" id="to-live" data-act="live=">${wr.back} <kbd>L</kbd></button>`
  );
}

function foot(): string {
  const at = hms(app.now());
  return (
    (info?.erased ? `<span class="warnbit">${wr.erased(num(info.erased), info.erased === 1)}</span>` : '') +
    (info?.left_out ? `<span class="warnbit">${wr.leftOut(num(info.left_out))}</span>` : '') +
    (info?.from ? `<span>${wr.from} <b>${stamp(info.from)}</b></span>` : '') +
    `<span class="asof" title="${esc(wr.asOfTitle)}">${wr.asOf(at)}</span>`
  );
}
