// Small multiples over time: one row a class, each on its own scale, so that a rare class is not flattened by a common one.
import type {Series} from './api';
import {dayMonth, hm} from './format';

const TOP = 4,
  BOTTOM = 20;
/** Between two marks of hours, by how many are shown. */
const GRID = [
  [2, 900],
  [7, 3_600],
  [24, 7_200],
  [Infinity, 86_400]
] as const;

export type Stroke = {at: number; color: string; dash: boolean};

export class Timeline {
  cursor = -1;
  /** The moment that is shown, in seconds; NaN: now, at the end. */
  head = NaN;
  /** Upright lines at moments, in seconds. */
  strokes: Stroke[] = [];
  /** For tests: how often it was drawn. */
  painted = 0;
  private x: CanvasRenderingContext2D | null = null;
  private width = 0;
  private height = 0;
  private series: Series | null = null;
  private chosen = -1;
  private readonly observer: ResizeObserver;

  constructor(private canvas: HTMLCanvasElement) {
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(canvas.parentElement!);
    this.layout();
  }

  layout(): void {
    const box = this.canvas.parentElement!,
      d = Math.min(2, devicePixelRatio || 1);
    this.width = box.clientWidth;
    this.height = box.clientHeight;
    if (!this.width || !this.height) return;
    this.canvas.width = this.width * d;
    this.canvas.height = this.height * d;
    this.canvas.style.inlineSize = this.width + 'px';
    this.canvas.style.blockSize = this.height + 'px';
    this.x = this.canvas.getContext('2d');
    this.x?.scale(d, d);
    this.paint();
  }

  show(series: Series, chosen: number): void {
    this.series = series;
    this.chosen = chosen;
    this.paint();
  }

  private end(): number {
    const s = this.series!;
    return s.start + s.rows[0].length * s.step;
  }

  /** The bucket under a place of the box. */
  at(px: number): number {
    const n = this.series?.rows[0]?.length ?? 0;
    return n ? Math.max(0, Math.min(n - 1, Math.floor((px / this.width) * n))) : -1;
  }

  /** The moment there, in seconds. */
  when(px: number): number {
    const s = this.series;
    return s?.rows.length ? s.start + Math.max(0, Math.min(1, px / this.width)) * (this.end() - s.start) : NaN;
  }

  /** Where a moment is, in px; it may lie outside. */
  place(t: number): number {
    const s = this.series;
    return s?.rows.length ? ((t - s.start) / (this.end() - s.start)) * this.width : NaN;
  }

  paint(): void {
    const x = this.x,
      s = this.series;
    if (!x || !s?.rows.length || document.hidden) return;
    this.painted++;
    const css = getComputedStyle(document.documentElement),
      color = (n: string) => css.getPropertyValue('--' + n).trim();
    x.clearRect(0, 0, this.width, this.height);
    this.grid(x, s, color('line'), color('muted'));
    const h = (this.height - TOP - BOTTOM) / s.rows.length,
      head = this.place(this.head);
    s.rows.forEach((row, k) => {
      x.fillStyle = color(this.chosen < 0 ? 'area-mid' : this.chosen === k ? 'area' : 'area-dim');
      this.row(x, row, TOP + (k + 1) * h, h - 2, head, color('area-dim'));
      x.fillStyle = color('line');
      x.fillRect(0, Math.round(TOP + (k + 1) * h) - 0.5, this.width, 1);
    });
    for (const m of this.strokes) this.upright(x, this.place(m.at), color(m.color), 1.5, m.dash);
    if (this.cursor >= 0) this.upright(x, ((this.cursor + 0.5) / s.rows[0].length) * this.width, color('muted'), 1.5, false);
    if (Number.isNaN(head)) return;
    this.upright(x, head, color('ink'), 3, false);
    x.fillStyle = color('ink');
    x.fillRect(Math.max(0, Math.min(this.width - 9, head - 4.5)), TOP, 9, 6);
  }

  private upright(x: CanvasRenderingContext2D, at: number, color: string, width: number, dash: boolean): void {
    if (!(at >= -1 && at <= this.width + 1)) return;
    x.strokeStyle = color;
    x.lineWidth = width;
    x.setLineDash(dash ? [4, 3] : []);
    x.beginPath();
    const px = Math.max(width / 2, Math.min(this.width - width / 2, at));
    x.moveTo(px, TOP);
    x.lineTo(px, this.height - BOTTOM);
    x.stroke();
    x.setLineDash([]);
  }

  /** What lies behind the moment that is shown is dim: it is still to come. */
  private row(x: CanvasRenderingContext2D, row: number[], base: number, h: number, head: number, later: string): void {
    const max = Math.max(...row),
      w = this.width / row.length,
      bars = (from: number, to: number): void => {
        x.beginPath();
        for (let i = from; i < to; i++) {
          if (!row[i]) continue;
          // One event in a day must still be seen: never under one pixel.
          const v = Math.max(1, (row[i] / max) * h);
          x.rect(i * w, base - v, w + 0.3, v);
        }
        x.fill();
      };
    if (!max) return;
    const n = Number.isNaN(head) ? row.length : Math.max(0, Math.min(row.length, Math.ceil(head / w)));
    bars(0, n);
    x.fillStyle = later;
    bars(n, row.length);
  }

  private grid(x: CanvasRenderingContext2D, s: Series, line: string, muted: string): void {
    const end = this.end(),
      hours = (end - s.start) / 3_600,
      step = GRID.find(g => hours <= g[0])![1] * (this.width < 500 ? 3 : 1);
    x.font = '12px Inter, system-ui, sans-serif';
    x.textAlign = 'center';
    x.textBaseline = 'alphabetic';
    for (let t = Math.ceil(s.start / step) * step; t < end; t += step) {
      const px = ((t - s.start) / (end - s.start)) * this.width;
      x.fillStyle = line;
      x.fillRect(Math.round(px), TOP, 1, this.height - TOP - BOTTOM);
      x.fillStyle = muted;
      if (px > 18 && px < this.width - 18) x.fillText(step < 86_400 ? hm(t * 1000) : dayMonth(t * 1000), px, this.height - 5);
    }
  }

  stop(): void {
    this.observer.disconnect();
  }
}
