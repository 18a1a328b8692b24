// Binds the timeline to the page: the pointer reads out a bucket and, pressed, moves the page in time; keys do the same. The figures
// at the right are those of the bucket, or the maxima.
import type {Series} from '../api';
import {app} from '../app';
import {$, fill} from '../dom';
import {chipName, slug, type Filter} from '../filter';
import {dayMonth, hm, length, num} from '../format';
import {w} from '../i18n';
import {read} from '../state';
import {Timeline, type Stroke} from '../timeline';
import {seg, table, type Column, type Row} from './table';

const MINUTE = 60_000,
  HOUR = 3_600_000;
const HOURS: Record<string, number> = {'1h': 1, '6h': 6, '24h': 24, '7d': 168};

export const timeHtml = (): string =>
  `<div class="sh-row"><h2 id="h-tl">${w.timeline(length(300))}</h2><span class="mut hide-s" id="tl-hint"></span><span class="grow"></span><span class="tl-bar" id="tl-bar"></span></div>` +
  `<div class="tl"><ul class="tl-marks" id="tl-marks"></ul><ul class="tl-n" id="tl-n" aria-hidden="true"></ul>` +
  `<div class="tl-box" id="tl" tabindex="0" role="slider" aria-label="${w.timelineLabel(w.ranges[2][1])}" aria-valuemin="0" aria-valuemax="1440">` +
  `<canvas aria-hidden="true"></canvas></div><ul class="tl-m" id="tl-m" aria-hidden="true"></ul></div><div id="tl-table" hidden></div>`;

/** Rows of the table, at most one more where the first begins in the middle. */
const ROWS = 12;

/** Incidents on the timeline: lines, and words above them. */
export type Marks = {strokes: () => Stroke[]; list: (place: (t: number) => number, width: number) => string};

export class TimeView {
  readonly chart: Timeline;
  marks: Marks | null = null;
  private box: HTMLElement;
  private filter: Filter | null = null;
  private seen = '';
  private shown: Series = {step: 300, start: 0, rows: []};
  private down = false;

  constructor() {
    this.box = $('#tl')!;
    this.chart = new Timeline($<HTMLCanvasElement>('canvas', this.box)!);
    const px = (e: PointerEvent): number => e.clientX - this.box.getBoundingClientRect().left;
    const seek = (e: PointerEvent, done: boolean): void => {
      const t = this.chart.when(px(e)) * 1000;
      if (!Number.isNaN(t)) app.seek(t, done);
    };
    this.box.addEventListener('pointerdown', e => {
      if (e.button || !app.model.ready) return;
      this.down = true;
      this.box.setPointerCapture(e.pointerId);
      seek(e, false);
    });
    this.box.addEventListener('pointermove', e => {
      this.move(this.chart.at(px(e)));
      if (this.down) seek(e, false);
    });
    this.box.addEventListener('pointerup', e => {
      if (this.down) seek(e, true);
      this.down = false;
    });
    this.box.addEventListener('pointercancel', e => {
      if (this.down) seek(e, true);
      this.down = false;
    });
    this.box.addEventListener('pointerleave', () => this.move(-1));
    this.box.addEventListener('keydown', e => this.key(e));
  }

  private key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey || !app.model.ready) return;
    const by = e.shiftKey ? HOUR : MINUTE,
      at = app.past?.at() ?? app.now();
    const to: Record<string, number> = {
      ArrowLeft: at - by,
      ArrowDown: at - by,
      ArrowRight: at + by,
      ArrowUp: at + by,
      PageDown: at - 24 * HOUR,
      PageUp: at + 24 * HOUR,
      Home: this.shown.start * 1000,
      End: app.now()
    };
    if (to[e.key] === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    if (app.past || to[e.key] < at) app.seek(to[e.key], true);
  }

  private move(i: number): void {
    if (i === this.chart.cursor) return;
    this.chart.cursor = i;
    this.chart.paint();
    this.words();
  }

  /** What is shown: the day up to now with the moment in it, or, of one that lies before, the day up to that moment. */
  private window(): Series {
    const at = app.past ? app.past.at() / 1000 : NaN,
      now = app.live.series,
      week = read().range === '7d' ? app.week.series : null,
      s = week && !(at < week.start) ? week : at >= now.start && now.rows.length ? now : app.model.series,
      all = s.rows[0]?.length ?? 0,
      n = Math.min(all, (HOURS[read().range] * 3_600) / s.step);
    let first = all - n;
    if (s === now && !Number.isNaN(at)) {
      // Steps of half its length, so that it stands still while time goes on in it.
      const half = (n * s.step) / 2,
        start = Math.floor(at / half) * half - half / 2;
      first = Math.max(0, Math.min(first, Math.round((start - s.start) / s.step)));
    }
    return {step: s.step, start: s.start + first * s.step, rows: n === all ? s.rows : s.rows.map(r => r.slice(first, first + n))};
  }

  render(f: Filter): void {
    this.filter = f;
    const s = (this.shown = this.window()),
      head = app.past ? app.past.at() / 1000 : NaN,
      strokes = this.marks?.strokes() ?? [];
    const key = `${s.start} ${s.rows[0]?.length} ${f.chip} ${Math.round(this.chart.place(head))} ${strokes.map(m => `${m.at}${m.color}`).join()} ${s.rows.map(r => r[r.length - 1] + r[r.length - 2]).join()}`;
    this.chart.head = head;
    this.chart.strokes = strokes;
    if (key !== this.seen) {
      this.seen = key;
      this.chart.show(s, f.chip);
    }
    fill($('#tl-marks'), this.marks?.list(t => this.chart.place(t), this.box.clientWidth) ?? '');
    const tab = read().map === 'table';
    $('.tl')!.hidden = tab;
    $('#tl-table')!.hidden = !tab;
    fill($('#tl-table'), tab ? this.table() : '');
    fill($('#tl-bar'), seg('range', w.range, w.ranges, read().range) + (app.past?.bar() ?? ''));
    this.words();
  }

  /** Steps in a row of the table. */
  private fold(): number {
    return Math.max(1, Math.ceil((this.shown.rows[0]?.length ?? 0) / ROWS));
  }

  /** The same as a table, the newest first; rows keep their times as the window goes on. Each leads to its end. */
  private table(): string {
    const {start, step, rows} = this.shown,
      n = rows[0]?.length ?? 0,
      by = this.fold(),
      skip = Math.round(start / step) % by,
      long = n * step > 43_200;
    const cols: Column[] = [{h: w.col.time}, ...rows.map((_, k): Column => ({h: chipName(app.node?.chips[k] ?? '–'), right: true})), {h: w.col.all, right: true}];
    const list: Row[] = [];
    for (let from = 0, to = by - skip; from < n; from = to, to += by) {
      const end = Math.min(to, n),
        at = [start + from * step, start + end * step],
        counts = rows.map(r => r.slice(from, end).reduce((a, b) => a + b, 0)),
        text = `${long ? dayMonth(at[0] * 1000) + ' ' : ''}${hm(at[0] * 1000)}–${hm(at[1] * 1000)}`;
      list.unshift({
        k: String(at[0]),
        act: `seek=${at[1] * 1000}`,
        sel: this.chart.head >= at[0] && this.chart.head < at[1],
        cells: [text, ...[...counts, counts.reduce((a, b) => a + b, 0)].map(num)]
      });
    }
    return `<div class="scroll" tabindex="0" role="region" aria-labelledby="h-tl">${table(w.timelineTable, cols, list, '–')}</div>`;
  }

  private words(): void {
    const s = this.shown,
      chips = app.node?.chips ?? [],
      f = this.filter;
    if (!s.rows.length) return;
    const n = s.rows[0].length,
      head = Math.floor((this.chart.head - s.start) / s.step),
      i = this.chart.cursor >= 0 ? this.chart.cursor : head >= 0 && head < n ? head : -1;
    const week = n * s.step > 86_400,
      at0 = (k: number): string => hm((s.start + k * s.step) * 1000),
      from = (week ? dayMonth((s.start + i * s.step) * 1000) + ' ' : '') + at0(i),
      to = at0(i + 1);
    const name = (c: string): string => `<li data-row="filter=class:${slug(c)}">${chipName(c)}</li>`;
    // A figure leads to the time it is of.
    const figure = (r: number[], k: number): string => {
      const at = i >= 0 ? i : r.indexOf(Math.max(...r)),
        t = (s.start + (at + 1) * s.step) * 1000;
      return `<li data-k="${k}" data-row="seek=${t}"${i >= 0 ? ' class="at"' : ''}>${num(r[at])}</li>`;
    };
    // Both go by what is shown: a range that is still asked for is not.
    const tab = read().map === 'table';
    fill($('#h-tl'), w.timeline(length(s.step * (tab ? this.fold() : 1))));
    this.box.setAttribute('aria-label', w.timelineLabel(w.ranges.find(([r]) => HOURS[r] * 3_600 === n * s.step)?.[1] ?? length(n * s.step)));
    fill($('#tl-n'), tab ? '' : chips.map(name).join(''));
    fill($('#tl-m'), tab ? '' : s.rows.map(figure).join(''));
    fill($('#tl-hint'), i >= 0 && !tab ? w.timelineAt(from, to) : f && (f.country || f.asn >= 0 || f.address) ? w.timelineAll : tab ? '' : w.timelineHint);
    const at = i < 0 ? n - 1 : i,
      minutes = (n * s.step) / 60;
    this.box.setAttribute('aria-valuemax', String(minutes));
    this.box.setAttribute('aria-valuenow', String(Math.round(Math.max(0, Math.min(minutes, app.past ? (this.chart.head - s.start) / 60 : minutes)))));
    const text = chips.map((c, k) => `${w.chips[slug(c)] ?? c} ${s.rows[k]?.[at] ?? 0}`).join(', ');
    this.box.setAttribute(
      'aria-valuetext',
      w.timelineText((week ? dayMonth((s.start + at * s.step) * 1000) + ' ' : '') + at0(at), at0(at + 1), text)
    );
  }

  stop(): void {
    this.chart.stop();
  }
}
