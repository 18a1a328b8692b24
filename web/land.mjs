// Land as a hexagonal grid of dots in Equal Earth space, one bit a dot: 2 kB in the page in place of polygons.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {geoContains, geoEqualEarthRaw} from 'd3-geo';
import {feature} from 'topojson-client';

const COLUMNS = 176;
const SOUTH = -56,
  NORTH = 82;
// The map is turned by 11 degrees, so that it is cut in the Bering Strait and not through a land mass.
const ROTATION = 11;
const rad = Math.PI / 180;

export function landDots() {
  const path = createRequire(import.meta.url).resolve('world-atlas/land-110m.json');
  const topology = JSON.parse(readFileSync(path, 'utf8'));
  const shape = feature(topology, topology.objects.land);
  const half = geoEqualEarthRaw(Math.PI, 0)[0];
  const top = geoEqualEarthRaw(0, NORTH * rad)[1],
    bottom = geoEqualEarthRaw(0, SOUTH * rad)[1];
  const dx = (2 * half) / COLUMNS,
    dy = (dx * Math.sqrt(3)) / 2,
    rows = Math.floor((top - bottom) / dy);
  const bits = new Uint8Array(Math.ceil((COLUMNS * rows) / 8));
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < COLUMNS; c++) {
      const x = -half + dx * (c + (r & 1 ? 0.5 : 0) + 0.25),
        y = top - dy * (r + 0.5);
      const [l, p] = geoEqualEarthRaw.invert(x, y);
      if (!(Math.abs(l) <= Math.PI)) continue;
      let lon = l / rad + ROTATION;
      if (lon > 180) lon -= 360;
      if (!geoContains(shape, [lon, p / rad])) continue;
      const i = r * COLUMNS + c;
      bits[i >> 3] |= 1 << (i & 7);
    }
  }
  const round = v => Math.round(v * 1e6) / 1e6;
  return {
    columns: COLUMNS,
    rows,
    top: round(top),
    bottom: round(bottom),
    half: round(half),
    rotation: ROTATION,
    bits: Buffer.from(bits).toString('base64')
  };
}
