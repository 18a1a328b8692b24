// Binds the timeline to the page: pointer and keys read out a bucket, the figures at the right are its values or the maxima.
import {app} from '../app';
import {$, fill} from '../dom';
import {chipName, slug, type Filter} from '../filter';
import {hm, num} from '../format';
import {w} from '../i18n';
import {Timeline} from '../timeline';

export const timeHtml = (): string =>
  `<div class="sh-row"><h2 id="h-tl">${w.timeline}</h2><span class="mut hide-s" id="tl-hint"></span></div>` +
  `<div class="tl"><ul class="tl-n" id="tl-n" aria-hidden="true"></ul>` +
  `<div class="tl-box" id="tl" tabindex="0" role="slider" aria-label="${w.timelineLabel}" aria-valuemin="0" aria-valuemax="287">` +
  `<canvas aria-hidden="true"></canvas></div><ul class="tl-m" id="tl-m" aria-hidden="true"></ul></div>`;

export class TimeView {
  readonly chart: Timeline;
  private box: HTMLElement;
  private filter: Filter | null = null;
  private seen = '';

  constructor() {
    this.box = $('#tl')!;
    this.chart = new Timeline($<HTMLCanvasElement>('canvas', this.box)!);
    this.box.addEventListener('pointermove', e => this.move(this.chart.at(e.clientX - this.box.getBoundingClientRect().left)));
    this.box.addEventListener('pointerleave', () => {
      if (document.activeElement !== this.box) this.move(-1);
    });
    this.box.addEventListener('blur', () => this.move(-1));
    this.box.addEventListener('focus', () => {
      if (this.chart.cursor < 0 && this.box.matches(':focus-visible')) this.move(this.last());
    });
    this.box.addEventListener('keydown', e => this.key(e));
  }

  private last(): number {
    return (app.model.series.rows[0]?.length ?? 0) - 1;
  }

  private key(e: KeyboardEvent): void {
    const by = e.shiftKey ? 12 : 1,
      at = this.chart.cursor < 0 ? this.last() : this.chart.cursor;
    const to =
      e.key === 'ArrowLeft' || e.key === 'ArrowDown'
        ? at - by
        : e.key === 'ArrowRight' || e.key === 'ArrowUp'
          ? at + by
          : e.key === 'Home'
            ? 0
            : e.key === 'End'
              ? this.last()
              : NaN;
    if (Number.isNaN(to)) return;
    e.preventDefault();
    e.stopPropagation();
    this.move(Math.max(0, Math.min(this.last(), to)));
  }

  private move(i: number): void {
    if (i === this.chart.cursor) return;
    this.chart.cursor = i;
    this.chart.paint();
    this.words();
  }

  render(f: Filter): void {
    this.filter = f;
    const s = app.model.series,
      key = `${s.start} ${f.chip} ${s.rows.map(r => r[r.length - 1] + r[r.length - 2]).join()}`;
    if (key !== this.seen) {
      this.seen = key;
      this.chart.show(s, f.chip);
    }
    this.words();
  }

  private words(): void {
    const s = app.model.series,
      i = this.chart.cursor,
      chips = app.node?.chips ?? [],
      f = this.filter;
    if (!s.rows.length) return;
    const from = hm((s.start + i * s.step) * 1000),
      to = hm((s.start + (i + 1) * s.step) * 1000);
    fill($('#tl-n'), chips.map(c => `<li>${chipName(c)}</li>`).join(''));
    fill($('#tl-m'), s.rows.map(r => `<li${i >= 0 ? ' class="at"' : ''}>${num(i >= 0 ? r[i] : Math.max(...r))}</li>`).join(''));
    fill($('#tl-hint'), i >= 0 ? w.timelineAt(from, to) : f && (f.country || f.asn >= 0 || f.address) ? w.timelineAll : w.timelineHint);
    const at = i < 0 ? this.last() : i;
    this.box.setAttribute('aria-valuenow', String(at));
    const text = chips.map((c, k) => `${w.chips[slug(c)] ?? c} ${s.rows[k]?.[at] ?? 0}`).join(', ');
    this.box.setAttribute(
      'aria-valuetext',
      w.timelineText(hm((s.start + at * s.step) * 1000), hm((s.start + (at + 1) * s.step) * 1000), text)
    );
  }

  stop(): void {
    this.chart.stop();
  }
}
