// The map: three canvases (land, corridors and points, moving heads). Hue only where a network belongs to a counterpart, and there
// with a dash or a square: no line is told by its colour alone.
import {ArcSet, head, nearest, type Arc, type Corridor} from './corridors';
import {drawLand, projection, type Point, type Projection} from './project';

export type Place = {cc: string; label: string; at: Point; n: number; on: boolean; shade?: number};
export type Scene = {home: {at: Point; label: string} | null; corridors: Corridor[]; places: Place[]; some: boolean};
export type Hit = {corridor?: Corridor; place?: Place};
type Spot = Place & {x: number; y: number; r: number};
type Box = [x0: number, y0: number, x1: number, y1: number];

const PAD = 14;
const FONT = 'Inter, system-ui, sans-serif';
const NAMES = ['ink', 'muted', 'panel', 'land', 'route', 'ok', 'open', 'over', 'unk', 'area-dim', 'area-mid', 'area'] as const;
const GONE = [4, 3];
const DASHES = {'': [], ok: [], open: [7, 4], over: [], unk: [1.5, 4]};
const SQUARE = 10;
/** Shaded points are many on a small map. */
const SMALLER = 0.65;
/** From how much on a point has that shade. */
const SHADES: [from: number, color: (typeof NAMES)[number]][] = [
  [0.95, 'ink'],
  [0.8, 'area'],
  [0.5, 'area-mid'],
  [0, 'area-dim']
];
const hits = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

export class WorldMap {
  stats = {frames: 0, ms: 0, corridors: 0};
  hover: Hit = {};
  paused = false;
  private arcs: Arc[] = [];
  private set = new ArcSet();
  private spots: Spot[] = [];
  private scene: Scene = {home: null, corridors: [], places: [], some: false};
  private layers: CanvasRenderingContext2D[] = [];
  private width = 0;
  private height = 0;
  private pr: Projection | null = null;
  private color = Object.fromEntries(NAMES.map(n => [n, ''])) as Record<(typeof NAMES)[number], string>;
  private raf = 0;
  private last = 0;
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)');
  private readonly observer: ResizeObserver;

  constructor(
    private box: HTMLElement,
    private cap: number
  ) {
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(box);
    this.layout();
    this.raf = requestAnimationFrame(t => this.frame(t));
  }

  /** Sizes the canvases and reads the colours; again when the theme changes. */
  layout(): void {
    this.width = this.box.clientWidth;
    this.height = this.box.clientHeight;
    if (!this.width || !this.height) return;
    const css = getComputedStyle(document.documentElement),
      d = Math.min(2, devicePixelRatio || 1);
    for (const n of NAMES) this.color[n] = css.getPropertyValue('--' + n).trim();
    this.layers = [...this.box.querySelectorAll('canvas')].map(c => {
      c.width = this.width * d;
      c.height = this.height * d;
      c.style.inlineSize = this.width + 'px';
      c.style.blockSize = this.height + 'px';
      const x = c.getContext('2d')!;
      x.scale(d, d);
      return x;
    });
    this.pr = projection(this.width, this.height, PAD);
    drawLand(this.layers[0], this.width, this.height, PAD, this.color.land);
    this.show(this.scene);
  }

  show(scene: Scene): void {
    this.scene = scene;
    const pr = this.pr;
    if (!pr) return;
    this.arcs = scene.home ? this.set.update(scene.corridors, scene.home.at, pr, `${this.width}x${this.height} ${scene.home.at}`) : [];
    this.spots = scene.places.map(p => {
      const [x, y] = pr.at(p.at);
      return {...p, x, y, r: (2.2 + Math.log10(1 + p.n) * 0.9) * (p.shade === undefined ? 1 : SMALLER)};
    });
    this.stats.corridors = this.arcs.length;
    this.paint();
  }

  paint(): void {
    const x = this.layers[1];
    if (!x) return;
    x.clearRect(0, 0, this.width, this.height);
    this.paintArcs(x);
    const taken = this.paintSpots(x);
    this.paintEnds(x);
    this.paintCuts(x);
    this.paintHome(x, taken);
    this.paintLabels(x, taken);
  }

  private focus(): boolean {
    return Boolean(this.hover.corridor || this.hover.place);
  }
  private lit(c: Corridor): boolean {
    if (this.hover.corridor) return this.hover.corridor.id === c.id;
    if (this.hover.place) return this.hover.place.cc === c.country;
    return c.on;
  }

  private paintArcs(x: CanvasRenderingContext2D): void {
    const dims = this.focus() || this.scene.some;
    x.lineCap = x.lineJoin = 'round';
    // What is lit lies on what is not, and a verdict on what has none.
    const order = (a: Arc): number => (dims && this.lit(a.c) ? 2 : 0) + (a.c.mark ? 1 : 0);
    for (const a of [...this.arcs].sort((p, q) => order(p) - order(q))) {
      const mark = a.c.mark,
        strong = dims && this.lit(a.c);
      x.strokeStyle = mark ? this.color[mark] : strong ? this.color.ink : this.color.route;
      x.globalAlpha = strong ? 0.85 : dims ? 0.1 : mark ? 0.8 : 0.36;
      x.lineWidth = mark ? Math.max(1.4, a.width) : a.width;
      x.setLineDash(a.c.gone ? GONE : DASHES[mark]);
      x.stroke(a.path);
    }
    x.setLineDash([]);
    x.globalAlpha = 1;
  }

  private spotLit(s: Spot): boolean {
    if (this.hover.place) return this.hover.place.cc === s.cc;
    if (this.hover.corridor) return this.hover.corridor.country === s.cc;
    return s.on;
  }

  private tone(s: Spot, lit: boolean): string {
    if (s.shade !== undefined) return this.color[SHADES.find(([from]) => s.shade! >= from)![1]];
    return lit && (this.focus() || this.scene.some) ? this.color.ink : this.color.route;
  }

  private paintSpots(x: CanvasRenderingContext2D): Box[] {
    for (const s of [...this.spots].reverse()) {
      const lit = this.spotLit(s);
      x.globalAlpha = lit ? 1 : 0.3;
      x.fillStyle = this.tone(s, lit);
      x.strokeStyle = s.shade === undefined ? this.color.panel : this.color[lit && this.focus() ? 'ink' : 'route'];
      x.lineWidth = s.shade === undefined || (lit && this.focus()) ? 2 : 1;
      x.beginPath();
      x.arc(s.x, s.y, s.r, 0, 6.3);
      x.stroke();
      x.fill();
    }
    x.globalAlpha = 1;
    return this.spots.slice(0, 60).map((s): Box => [s.x - s.r, s.y - s.r, s.x + s.r, s.y + s.r]);
  }

  /** A link that is cut has a cross in its middle. */
  private paintCuts(x: CanvasRenderingContext2D): void {
    x.strokeStyle = this.color.over;
    x.lineWidth = 2;
    for (const a of this.arcs) {
      if (!a.c.gone) continue;
      const [px, py] = a.pts[a.pts.length >> 1];
      x.beginPath();
      for (const d of [4, -4]) {
        x.moveTo(px - 4, py - d);
        x.lineTo(px + 4, py + d);
      }
      x.stroke();
    }
  }

  /** What is past its time ends in a square, over the point of its economy. */
  private paintEnds(x: CanvasRenderingContext2D): void {
    x.fillStyle = this.color.over;
    x.strokeStyle = this.color.panel;
    x.lineWidth = 2;
    for (const a of this.arcs) {
      if (a.c.mark !== 'over') continue;
      const left = a.pts[0][0] - SQUARE / 2,
        top = a.pts[0][1] - SQUARE / 2;
      x.globalAlpha = (this.focus() || this.scene.some) && !this.lit(a.c) ? 0.3 : 1;
      x.strokeRect(left, top, SQUARE, SQUARE);
      x.fillRect(left, top, SQUARE, SQUARE);
    }
    x.globalAlpha = 1;
  }

  private paintHome(x: CanvasRenderingContext2D, taken: Box[]): void {
    const home = this.scene.home;
    if (!home || !this.pr) return;
    const [px, py] = this.pr.at(home.at);
    x.strokeStyle = this.color.ink;
    x.fillStyle = this.color.panel;
    x.lineWidth = 2;
    x.beginPath();
    x.arc(px, py, 6, 0, 6.3);
    x.fill();
    x.stroke();
    x.fillStyle = this.color.ink;
    x.beginPath();
    x.arc(px, py, 2, 0, 6.3);
    x.fill();
    x.font = `600 13px ${FONT}`;
    x.textAlign = 'center';
    x.textBaseline = 'middle';
    x.strokeStyle = this.color.panel;
    x.lineWidth = 4;
    const w = x.measureText(home.label).width / 2,
      y = py > 26 ? py - 16 : py + 18;
    x.strokeText(home.label, px, y);
    x.fillText(home.label, px, y);
    taken.push([px - w - 2, y - 8, px + w + 2, y + 8], [px - 7, py - 7, px + 7, py + 7]);
  }

  /** The largest first; a label that would lie on another or on a point is left out, and is still in the table. */
  private paintLabels(x: CanvasRenderingContext2D, taken: Box[]): void {
    x.font = `500 12px ${FONT}`;
    x.textBaseline = 'middle';
    x.lineWidth = 3;
    x.textAlign = 'left';
    let left = this.width < 400 ? 5 : this.width < 600 ? 8 : 60;
    for (const s of this.spots) {
      const lit = this.spotLit(s),
        forced = this.focus() && lit,
        w = x.measureText(s.label).width;
      const sides: Box[] = [
        [s.x + s.r + 4, s.y - 8, s.x + s.r + 4 + w, s.y + 8],
        [s.x - s.r - 4 - w, s.y - 8, s.x - s.r - 4, s.y + 8]
      ];
      const box = sides.find(b => b[0] > 0 && b[2] < this.width && !taken.some(t => hits(b, t))) ?? (forced ? sides[0] : undefined);
      if (!box || (left-- <= 0 && !forced)) continue;
      taken.push(box);
      x.globalAlpha = lit ? 1 : 0.4;
      x.strokeStyle = this.color.panel;
      x.strokeText(s.label, box[0], s.y);
      x.fillStyle = forced ? this.color.ink : this.color.muted;
      x.fillText(s.label, box[0], s.y);
    }
    x.globalAlpha = 1;
  }

  private frame(t: number): void {
    this.raf = requestAnimationFrame(n => this.frame(n));
    const x = this.layers[2];
    if (!x || this.paused || this.still.matches) return;
    // A little under the period, or rounding would lose every other frame of the screen.
    if (t - this.last < 1000 / this.cap - 2) return;
    this.last = t;
    const begun = performance.now(),
      dims = this.focus() || this.scene.some;
    x.clearRect(0, 0, this.width, this.height);
    x.fillStyle = this.color.ink;
    x.globalAlpha = 0.75;
    x.beginPath();
    for (const a of this.arcs) {
      if (dims && !this.lit(a.c)) continue;
      const [px, py] = head(a, t / 1000),
        r = dims ? 1.6 : 1.05;
      x.moveTo(px + r, py);
      x.arc(px, py, r, 0, 6.3);
    }
    x.fill();
    this.stats.frames++;
    this.stats.ms += performance.now() - begun;
  }

  /** Paused or with reduced motion there are no heads at all. */
  pause(on: boolean): void {
    this.paused = on;
    if (on) this.layers[2]?.clearRect(0, 0, this.width, this.height);
  }

  /** What lies under a place of the box: a point before a line. */
  at(px: number, py: number): Hit {
    const near = this.spots.filter(s => (s.x - px) ** 2 + (s.y - py) ** 2 < (s.r + 6) ** 2);
    if (near.length) return {place: near.reduce((a, b) => ((a.x - px) ** 2 + (a.y - py) ** 2 < (b.x - px) ** 2 + (b.y - py) ** 2 ? a : b))};
    const a = nearest(this.arcs, px, py);
    return a ? {corridor: a.c} : {};
  }

  stop(): void {
    cancelAnimationFrame(this.raf);
    this.observer.disconnect();
  }
}
