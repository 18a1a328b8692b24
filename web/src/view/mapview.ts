// Binds the map to the page: what is drawn, what pointer and arrow keys read out, what a click filters.
import {app} from '../app';
import {$, fill} from '../dom';
import {chipName, toggle, type Filter} from '../filter';
import {num} from '../format';
import {w} from '../i18n';
import {WorldMap, type Hit} from '../map/map';
import type {Corridor} from '../map/corridors';
import {corridors, drawable, home, places, synthetic} from '../select';
import {economyName, network} from './lists';

const query = new URLSearchParams(location.search);
const CAP = Number(query.get('cap')) || 30;
const MADE = Math.min(5_000, Number(query.get('corridors')) || 0);

export const mapHtml = (): string =>
  `<div class="mapbox" id="map" tabindex="0" role="group" aria-roledescription="${w.mapRole}">` +
  `<canvas aria-hidden="true"></canvas><canvas aria-hidden="true"></canvas><canvas aria-hidden="true"></canvas>` +
  `<span class="demo" id="map-demo"></span><output id="readout" class="readout"></output>` +
  `<ul class="legend" id="legend"></ul></div>`;

/** Lines by how it stands with whose network it is, when there is a pact; else that they say nothing of it. */
function legend(): string {
  const l = w.legend,
    line = (cls: string, text: string, square = ''): string =>
      `<li class="l-cor"><svg width="26" height="10" aria-hidden="true"><path class="${cls}" d="M0 5h26"/>${square}</svg>${text}</li>`;
  const point = `<li><svg width="26" height="10" aria-hidden="true"><circle cx="13" cy="5" r="4"/></svg>${w.legendPoint}</li>`;
  if (!app.verdicts.size) return line('', w.legendCorridor) + point + `<li>${w.noPact}</li>`;
  return (
    line('', l.none) +
    line('l-ok', l.ok) +
    line('l-open', l.open) +
    line('l-over', l.over, '<rect class="l-over" y="1" width="8" height="8"/>') +
    line('l-unk', l.unk) +
    point
  );
}

export class MapView {
  readonly map: WorldMap;
  drawn = 0;
  lost = 0;
  made = false;
  private list: Corridor[] = [];
  private order: Hit[] = [];
  private k = -1;
  private shown = 0;

  constructor(private box: HTMLElement) {
    this.map = new WorldMap(box, CAP);
    this.map.pause(app.paused || app.past !== null);
    const hit = (e: PointerEvent | MouseEvent): Hit => {
      const b = box.getBoundingClientRect();
      return this.map.at(e.clientX - b.left, e.clientY - b.top);
    };
    box.addEventListener('pointermove', e => this.point(hit(e)));
    box.addEventListener('pointerleave', () => this.point({}));
    box.addEventListener('blur', () => this.point({}));
    box.addEventListener('click', e => this.pick(hit(e)));
    box.addEventListener('keydown', e => this.key(e));
  }

  /** Figures change four times a second; the drawing follows once a second, or at once when something was chosen. */
  render(f: Filter, now: boolean): void {
    if (!now && performance.now() - this.shown < 1_000) return;
    this.shown = performance.now();
    const all = corridors(f),
      h = home(),
      p = places(f, all);
    this.list = h ? drawable(all) : [];
    this.lost = p.lost;
    this.made = MADE > 0 && this.list.length > 0;
    const draw = this.made ? synthetic(this.list, MADE) : this.list;
    this.drawn = draw.length;
    this.map.show({home: h, corridors: draw, places: p.places, some: f.any});
    this.box.classList.toggle('points', !h);
    this.order = h ? this.list.map(corridor => ({corridor})) : p.places.map(place => ({place}));
    this.box.setAttribute('aria-label', h ? w.mapLabel(num(draw.length)) : w.pointsOnly(num(p.places.length)));
    fill($('#legend'), legend());
    const demo = $('#map-demo');
    if (demo) demo.textContent = app.node?.demo ? w.demoMap : '';
  }

  private point(h: Hit): void {
    const same = h.corridor?.id === this.map.hover.corridor?.id && h.place?.cc === this.map.hover.place?.cc;
    this.box.classList.toggle('hit', Boolean(h.corridor || h.place));
    if (same) return;
    this.map.hover = h;
    this.map.paint();
    fill($('#readout'), this.text(h));
  }

  private text(h: Hit): string {
    if (h.place) return w.economyRead(economyName(h.place.cc), num(h.place.n), num(app.model.economies.get(h.place.cc)?.[5] ?? 0));
    const c = h.corridor;
    if (!c) return '';
    return (
      w.corridorRead(network(c.asn, c.name), economyName(c.country)) +
      '<br>' +
      w.corridorFigures(num(c.n), chipName(app.node?.chips[c.chip] ?? '')) +
      (app.verdicts.has(c.asn) ? '<br>' + app.verdicts.get(c.asn)!.html : '')
    );
  }

  private pick(h: Hit): void {
    if (h.place) toggle('country', h.place.cc);
    else if (h.corridor && !h.corridor.id.startsWith('made')) toggle('asn', String(h.corridor.asn));
  }

  private key(e: KeyboardEvent): void {
    const n = this.order.length;
    if (e.key.startsWith('Arrow') && n) {
      e.preventDefault();
      e.stopPropagation();
      this.k = (this.k + (e.key === 'ArrowRight' || e.key === 'ArrowDown' ? 1 : this.k < 0 ? n : -1) + n) % n;
      this.point(this.order[this.k]);
    } else if (e.key === 'Enter' && this.order[this.k]) this.pick(this.order[this.k]);
    else if (e.key === 'Escape') this.point({});
  }

  stop(): void {
    this.map.stop();
  }
}
