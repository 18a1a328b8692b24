// The map of a cut: economies shaded by what of them still reaches each other; a click, or Enter, cuts that one.
import {$, fill} from '../dom';
import {economy} from '../economies';
import {num} from '../format';
import {wc} from '../i18n/parts';
import {WorldMap, type Hit, type Place} from '../map/map';
import type {Corridor} from '../map/corridors';
import {onMap} from '../map/project';
import {reach, type Country, type Row, type World} from './ask';
import {countryName, rangeTenths, tenths} from './parts';

/** What the shades stand for: before the cut, or one of the assumptions of who stays. */
export type Shaded = {of: (r: Row) => number; after: boolean};

export const mapHtml = (): string =>
  `<div class="mapbox mini" id="cut-map" tabindex="0" role="group" aria-roledescription="${wc.mapRole}"><canvas aria-hidden="true"></canvas><canvas aria-hidden="true"></canvas><canvas aria-hidden="true"></canvas><output id="cut-read" class="readout"></output></div>`;

export class CutMap {
  private map: WorldMap;
  private order: Place[] = [];
  private rows = new Map<string, Row>();
  private k = -1;

  constructor(
    private box: HTMLElement,
    private cut: (cc: string) => void
  ) {
    this.map = new WorldMap(box, 1);
    this.map.pause(true); // nothing moves here
    const hit = (e: MouseEvent): Hit => {
      const b = box.getBoundingClientRect(),
        h = this.map.at(e.clientX - b.left, e.clientY - b.top);
      return h.place ? {place: h.place} : {};
    };
    box.addEventListener('pointermove', e => this.point(hit(e)));
    box.addEventListener('pointerleave', () => this.point({}));
    box.addEventListener('blur', () => this.point({}));
    box.addEventListener('click', e => this.pick(hit(e)));
    box.addEventListener('keydown', e => this.key(e));
  }

  /** The largest are labelled; those without a place on the map are in the list. */
  render(w: World, cc: string, c: Country | null, shaded: Shaded): void {
    this.rows = new Map(w.countries.map(r => [r.country, r]));
    this.order = [...w.countries]
      .sort((a, b) => b.networks - a.networks)
      .flatMap((r): Place[] => {
        const e = economy(r.country);
        return e && onMap(e.at) ? [{cc: r.country, label: r.country, at: e.at, n: r.networks, on: true, shade: shaded.of(r) / 1e6}] : [];
      });
    const e = economy(cc),
      home = e && onMap(e.at) ? {at: e.at, label: cc} : null;
    this.map.show({home, corridors: home && c ? cuts(c, shaded.after) : [], places: this.order.filter(p => p.cc !== cc), some: false});
    this.box.setAttribute('aria-label', wc.mapLabel(num(this.order.length), countryName(cc)));
  }

  private point(h: Hit): void {
    const same = h.place?.cc === this.map.hover.place?.cc;
    this.box.classList.toggle('hit', Boolean(h.place));
    if (same) return;
    this.map.hover = h;
    this.map.paint();
    const r = h.place && this.rows.get(h.place.cc);
    fill($('#cut-read'), r ? wc.read(countryName(r.country), num(r.networks), tenths(r.before_ppm), rangeTenths(reach(r))) : '');
  }
  private pick(h: Hit): void {
    if (h.place) this.cut(h.place.cc);
  }
  private key(e: KeyboardEvent): void {
    const n = this.order.length;
    if (e.key.startsWith('Arrow') && n) {
      e.preventDefault();
      e.stopPropagation();
      this.k = (this.k + (e.key === 'ArrowRight' || e.key === 'ArrowDown' ? 1 : this.k < 0 ? n : -1) + n) % n;
      this.point({place: this.order[this.k]});
    } else if (e.key === 'Enter' && this.order[this.k]) this.pick({place: this.order[this.k]});
    else if (e.key === 'Escape') this.point({});
  }

  layout(): void {
    this.map.layout();
  }
  stop(): void {
    this.map.stop();
  }
}

/** To the countries with most links over the border; width by their number. */
const cuts = (c: Country, gone: boolean): Corridor[] =>
  c.neighbours.flatMap((n, i) => {
    const e = economy(n.country);
    return e && onMap(e.at) ? [{id: n.country, country: n.country, asn: i, name: '', n: n.transit + n.peers, chip: 0, from: e.at, on: true, mark: '' as const, gone}] : [];
  });
