// Coverage of declared space, a strip for each prefix: one hue by share, blind struck through; the same as a table.
import {day, dayMonth, esc, hm, num, percent, stamp, timeTag, visible} from '../format';
import {wl} from '../i18n/parts';
import {table, type Column, type Row} from '../view/table';
import {lacking, least, prefixes, type Coverage, type Prefix} from './ask';

const STRIPS = 16,
  W = 8,
  DAY = 86_400_000;
const level = (ppm: number): number => (ppm <= 0 ? 0 : ppm < 700_000 ? 1 : ppm < 900_000 ? 2 : ppm < 990_000 ? 3 : 4);

/** A path a level, not an element a cell: a week of many prefixes is some thousand cells. */
function strip(p: Prefix): string {
  const cells: string[] = ['', '', '', '', ''];
  let blind = '',
    none = '';
  p.steps.forEach((ppm, i) => {
    if (ppm < 0) none += `M${i * W} 19h7.4`;
    else cells[level(ppm)] += `M${i * W} 1h7.4v18h-7.4z`;
    if (ppm === 0) blind += `M${i * W + 1} 18l5.4-16`;
  });
  return (
    `<svg class="hm" viewBox="0 0 ${p.steps.length * W} 20" preserveAspectRatio="none" aria-hidden="true">` +
    cells.map((d, k) => `<path class="k${k}" d="${d}"/>`).join('') +
    `<path class="none" d="${none}"/><path class="blind" d="${blind}"/></svg>`
  );
}

const share = (ppm: number): string => (ppm < 0 ? '–' : percent(ppm / 1e6));
const when = (iso: string): string => (iso ? timeTag(iso, hm(Date.parse(iso))) : '');

/** Where least of it was seen: how much, and from when on. */
function lowest(p: Prefix, c: Coverage): [ppm: number, at: number] | null {
  let at = -1;
  p.steps.forEach((ppm, i) => {
    if (ppm >= 0 && (at < 0 || ppm < p.steps[at])) at = i;
  });
  return at < 0 ? null : [p.steps[at], Date.parse(c.from) + at * c.step_s * 1000];
}

function line(p: Prefix, c: Coverage): string {
  const low = lowest(p, c);
  const label = low ? wl.strip(share(p.period_ppm), share(low[0]), `${day(low[1])} ${hm(low[1])} UTC`) : wl.stripNone;
  const now = p.blind_since ? `<b class="warn">${wl.blindNow}</b>` : p.less_since ? `<b>${wl.partNow(share(p.now_ppm))}</b>` : '';
  return (
    `<li data-k="${esc(p.prefix)}"><span class="asn">${visible(p.prefix)}</span>` +
    `<span class="cov-s" role="img" aria-label="${esc(`${p.prefix}: ${label}`)}">${strip(p)}</span>` +
    `<span class="r">${now} ${share(p.period_ppm)}</span></li>`
  );
}

function axis(c: Coverage): string {
  const from = Date.parse(c.from),
    end = from + c.pacts[0].prefixes[0].steps.length * c.step_s * 1000,
    days: string[] = [];
  for (let t = Math.ceil(from / DAY) * DAY; t < end; t += DAY) days.push(`<span>${dayMonth(t)}</span>`);
  return `<li class="c-axis" data-k="-" aria-hidden="true"><span></span><p class="axis">${days.join('')}</p><span></span></li>`;
}

function words(c: Coverage, all: Prefix[]): string {
  const cols: Column[] = [{h: wl.col.prefix}, {h: wl.col.now, right: true}, {h: wl.col.week, right: true}, {h: wl.col.lowest}, {h: wl.col.since}];
  const rows = all.map((p): Row => {
    const low = lowest(p, c);
    return {
      k: p.prefix,
      cells: [
        `<span class="asn">${visible(p.prefix)}</span>`,
        share(p.now_ppm),
        share(p.period_ppm),
        low ? `${share(low[0])} <span class="mut">${stamp(new Date(low[1]).toISOString())}</span>` : '–',
        p.blind_since ? `${wl.blindNow} ${stamp(p.blind_since)}` : p.less_since ? `${wl.partly} ${stamp(p.less_since)}` : '–'
      ]
    };
  });
  return table(wl.covered, cols, rows, wl.coverageNone, 'wide');
}

function gaps(c: Coverage): string {
  const cols: Column[] = [{h: wl.col.from}, {h: wl.col.until}, {h: wl.col.sensor}, {h: wl.col.why}];
  const rows = c.gaps.map(([a, b, sensor, why], i): Row => ({
    k: a + sensor + i,
    cells: [stamp(a), stamp(b), sensor ? visible(sensor) : wl.allSensors, wl.reasons[why] ?? visible(why)]
  }));
  const more = c.gap_count > c.gaps.length ? `<p class="more">${wl.moreGaps(num(c.gap_count - c.gaps.length))}</p>` : '';
  return `<details data-k="gaps"><summary>${wl.gaps(num(c.gap_count))}</summary>${table(wl.gapsTitle, cols, rows, wl.noGaps, 'wide')}${more}</details>`;
}

export const known = (c: Coverage | null): c is Coverage => Boolean(c && c.pacts.some(p => p.prefixes.length));

/** With what stands beside its head. */
export function strips(c: Coverage): {side: string; body: string} {
  const all = prefixes(c),
    bad = new Set(lacking(c).map(p => p.prefix)),
    // All of them where they are few; else those with something wrong, now or in the week, before the rest.
    shown = all.length <= STRIPS ? all : [...all].sort((a, b) => Number(bad.has(b.prefix)) - Number(bad.has(a.prefix)) || a.period_ppm - b.period_ppm).slice(0, STRIPS),
    p = least(c)!,
    left = all.length - shown.length,
    rest = Math.max(...c.pacts.map(x => x.prefix_count - x.prefixes.length));
  const body =
    `<ul class="cov">${shown.map(x => line(x, c)).join('')}${axis({...c, pacts: [p]})}</ul>` +
    `<p class="mut">${wl.stripNote}${left > 0 ? ' ' + wl.folded(num(left)) : ''}${rest > 0 ? ' ' + wl.notKept(num(rest)) : ''}</p>` +
    `<details data-k="words"><summary>${wl.asTable}</summary>${words(c, all)}</details>` +
    gaps(c);
  const canaries = p.canaries ? wl.canaries(num(p.found), num(p.canaries), percent(p.recall_ppm / 1e6)) : wl.noCanaries;
  return {side: `${wl.week(share(p.period_ppm))} · ${canaries}`, body};
}

/** What of the space is not seen, as the end of the first sentence; "" all is. */
export function lack(c: Coverage): string {
  const [first, ...more] = lacking(c);
  if (!first) return '';
  const since = first.blind_since || first.less_since,
    half = first.now_ppm >= 450_000 && first.now_ppm <= 550_000;
  const what = first.blind_since ? wl.headline.blind : half ? wl.headline.half : wl.headline.seen(share(first.now_ppm));
  return wl.headline.lack(`<span class="asn">${visible(first.prefix)}</span>`, what, when(since), more.filter(p => p.blind_since).length, more.filter(p => !p.blind_since).length);
}
