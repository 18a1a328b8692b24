// 24 hours as small multiples: one row a class, each on its own scale, so that a rare class is not flattened by a common one.
import type {Series} from './api';
import {hm} from './format';

const TOP = 4,
  BOTTOM = 20;

export class Timeline {
  cursor = -1;
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

  /** The bucket under a place of the box. */
  at(px: number): number {
    const n = this.series?.rows[0]?.length ?? 0;
    return n ? Math.max(0, Math.min(n - 1, Math.floor((px / this.width) * n))) : -1;
  }

  paint(): void {
    const x = this.x,
      s = this.series;
    if (!x || !s || !s.rows.length) return;
    const css = getComputedStyle(document.documentElement),
      color = (n: string) => css.getPropertyValue('--' + n).trim();
    x.clearRect(0, 0, this.width, this.height);
    this.grid(x, s, color('line'), color('muted'));
    const h = (this.height - TOP - BOTTOM) / s.rows.length;
    s.rows.forEach((row, k) => {
      x.fillStyle = color(this.chosen < 0 ? 'area-mid' : this.chosen === k ? 'area' : 'area-dim');
      this.row(x, row, TOP + (k + 1) * h, h - 2);
      x.fillStyle = color('line');
      x.fillRect(0, Math.round(TOP + (k + 1) * h) - 0.5, this.width, 1);
    });
    if (this.cursor < 0) return;
    const cx = ((this.cursor + 0.5) / s.rows[0].length) * this.width;
    x.fillStyle = color('ink');
    x.fillRect(Math.round(cx) - 0.75, TOP, 1.5, this.height - TOP - BOTTOM);
  }

  private row(x: CanvasRenderingContext2D, row: number[], base: number, h: number): void {
    const max = Math.max(...row),
      w = this.width / row.length;
    if (!max) return;
    x.beginPath();
    for (let i = 0; i < row.length; i++) {
      if (!row[i]) continue;
      // One event in a day must still be seen: never under one pixel.
      const v = Math.max(1, (row[i] / max) * h);
      x.rect(i * w, base - v, w + 0.3, v);
    }
    x.fill();
  }

  private grid(x: CanvasRenderingContext2D, s: Series, line: string, muted: string): void {
    const n = s.rows[0].length,
      end = s.start + n * s.step,
      step = this.width < 500 ? 6 * 3600 : 2 * 3600;
    x.font = '12px Inter, system-ui, sans-serif';
    x.textAlign = 'center';
    x.textBaseline = 'alphabetic';
    for (let t = Math.ceil(s.start / step) * step; t < end; t += step) {
      const px = ((t - s.start) / (end - s.start)) * this.width;
      x.fillStyle = line;
      x.fillRect(Math.round(px), TOP, 1, this.height - TOP - BOTTOM);
      x.fillStyle = muted;
      if (px > 18 && px < this.width - 18) x.fillText(hm(t * 1000), px, this.height - 5);
    }
  }

  stop(): void {
    this.observer.disconnect();
  }
}
