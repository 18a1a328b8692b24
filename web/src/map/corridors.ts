// Geometry of the corridors: great circles, lifted a little and fanned, so that parallel ones stay apart.
import type {VerdictMark} from '../app';
import {greatCircle, type Point, type Projection} from './project';

export type Corridor = {id: string; country: string; asn: number; name: string; n: number; chip: number; from: Point; on: boolean; mark: VerdictMark | ''; gone?: boolean};
export type Arc = {c: Corridor; pts: Point[]; path: Path2D; width: number; phase: number; speed: number};

const STEPS = 40;

export const arcWidth = (n: number): number => Math.min(4.2, 0.5 + Math.log10(1 + n) ** 2 * 0.22);

export class ArcSet {
  private cache = new Map<string, Arc>();
  private box = '';

  /** Arcs for these corridors. A corridor keeps its curve while the box and its place in the fan stay the same. */
  update(list: Corridor[], home: Point, pr: Projection, box: string): Arc[] {
    if (box !== this.box) {
      this.cache.clear();
      this.box = box;
    }
    const fan = new Map<string, number>(),
      next = new Map<string, Arc>();
    const arcs = [...list]
      .sort((a, b) => a.asn - b.asn)
      .map(c => {
        const k = fan.get(c.country) ?? 0;
        fan.set(c.country, k + 1);
        const key = `${c.id} ${k}`,
          a = this.cache.get(key) ?? this.make(c, k, home, pr);
        a.c = c;
        a.width = arcWidth(c.n);
        next.set(key, a);
        return a;
      });
    this.cache = next;
    return arcs;
  }

  private make(c: Corridor, k: number, home: Point, pr: Projection): Arc {
    const a = pr.at(c.from),
      b = pr.at(home),
      len = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const nx = -(b[1] - a[1]) / len,
      ny = (b[0] - a[0]) / len;
    // 0, 1, -1, 2, -2 …: the fan opens to both sides and closes again where it would get too wide.
    const off = (((k % 2 ? 1 : -1) * Math.ceil(k / 2)) % 9) * Math.min(9, len * 0.03);
    const pts = greatCircle(c.from, home, STEPS).map((p, j): Point => {
      const q = pr.at(p),
        s = Math.sin((j / STEPS) * Math.PI);
      return [q[0] + nx * off * s, Math.max(5, q[1] + ny * off * s - s * len * 0.025)];
    });
    const path = new Path2D();
    let before: Point | null = null;
    for (const q of pts) {
      // A line over the cut of the map is broken there.
      if (before && Math.abs(q[0] - before[0]) < pr.left) path.lineTo(q[0], q[1]);
      else path.moveTo(q[0], q[1]);
      before = q;
    }
    const h = (c.asn * 2654435761 + c.country.charCodeAt(1) * 97) >>> 0;
    return {c, pts, path, width: 1, phase: (h % 1000) / 1000, speed: 0.05 + (h % 5) * 0.012};
  }
}

/** Where a head stands at a time. */
export function head(a: Arc, seconds: number): Point {
  const u = ((seconds * a.speed + a.phase) % 1) * STEPS,
    i = u | 0,
    f = u - i,
    p = a.pts[i],
    q = a.pts[Math.min(STEPS, i + 1)];
  return Math.abs(q[0] - p[0]) > 200 ? p : [p[0] + (q[0] - p[0]) * f, p[1] + (q[1] - p[1]) * f];
}

/** The nearest arc to a place, at most 9 px away. */
export function nearest(arcs: Arc[], px: number, py: number): Arc | undefined {
  let best: Arc | undefined,
    d = 81;
  for (const a of arcs) {
    for (const q of a.pts) {
      const e = (q[0] - px) ** 2 + (q[1] - py) ** 2;
      if (e < d) {
        d = e;
        best = a;
      }
    }
  }
  return best;
}
