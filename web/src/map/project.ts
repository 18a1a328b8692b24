// Equal Earth (Šavrič, Patterson, Jenny 2018) and great circles: the few formulas the page needs at run time.
import land from 'virtual:land';

const A1 = 1.340264,
  A2 = -0.081106,
  A3 = 0.000893,
  A4 = 0.003796,
  M = Math.sqrt(3) / 2,
  RAD = Math.PI / 180;
export type Point = [number, number];

function raw(lambda: number, phi: number): Point {
  const l = Math.asin(M * Math.sin(phi)),
    l2 = l * l,
    l6 = l2 * l2 * l2;
  return [(lambda * Math.cos(l)) / (M * (A1 + 3 * A2 * l2 + l6 * (7 * A3 + 9 * A4 * l2))), l * (A1 + A2 * l2 + l6 * (A3 + A4 * l2))];
}

export type Projection = {scale: number; left: number; top: number; at: (p: Point) => Point};

/** Fits the land into a box. */
export function projection(width: number, height: number, pad: number): Projection {
  const scale = Math.min((width - 2 * pad) / (2 * land.half), (height - 2 * pad) / (land.top - land.bottom));
  const left = width / 2,
    top = (height - scale * (land.top - land.bottom)) / 2;
  const at = ([lon, lat]: Point): Point => {
    let l = lon - land.rotation;
    if (l < -180) l += 360;
    else if (l > 180) l -= 360;
    const [x, y] = raw(l * RAD, lat * RAD);
    return [left + x * scale, top + (land.top - y) * scale];
  };
  return {scale, left, top, at};
}

/** Points of the great circle between two places, ends included. */
export function greatCircle(a: Point, b: Point, steps: number): Point[] {
  const unit = ([lon, lat]: Point) => [
    Math.cos(lat * RAD) * Math.cos(lon * RAD),
    Math.cos(lat * RAD) * Math.sin(lon * RAD),
    Math.sin(lat * RAD)
  ];
  const u = unit(a),
    v = unit(b),
    d = Math.acos(Math.max(-1, Math.min(1, u[0] * v[0] + u[1] * v[1] + u[2] * v[2])));
  if (d < 1e-6) return Array.from({length: steps + 1}, () => a);
  return Array.from({length: steps + 1}, (_, i): Point => {
    const s = Math.sin((1 - i / steps) * d) / Math.sin(d),
      t = Math.sin((i / steps) * d) / Math.sin(d);
    const [x, y, z] = [0, 1, 2].map(k => s * u[k] + t * v[k]);
    return [Math.atan2(y, x) / RAD, Math.atan2(z, Math.hypot(x, y)) / RAD];
  });
}

let bits: Uint8Array | null = null;
/** The land as dots, into a cleared canvas. */
export function drawLand(x: CanvasRenderingContext2D, width: number, height: number, pad: number, color: string): void {
  bits ??= Uint8Array.from(atob(land.bits), c => c.charCodeAt(0));
  const {scale, left, top} = projection(width, height, pad),
    dx = ((2 * land.half) / land.columns) * scale,
    dy = dx * M;
  const r = Math.max(0.9, dx * 0.27);
  x.clearRect(0, 0, width, height);
  x.fillStyle = color;
  x.beginPath();
  for (let row = 0; row < land.rows; row++) {
    for (let c = 0; c < land.columns; c++) {
      const i = row * land.columns + c;
      if (!((bits[i >> 3] >> (i & 7)) & 1)) continue;
      const px = left - land.half * scale + dx * (c + (row & 1 ? 0.5 : 0) + 0.25),
        py = top + dy * (row + 0.5);
      x.moveTo(px + r, py);
      x.arc(px, py, r, 0, 6.3);
    }
  }
  x.fill();
}

/** Places beyond the cut of the map (Antarctica) have no point on it. */
export const onMap = (p: Point): boolean => p[1] > -56 && p[1] < 82;
