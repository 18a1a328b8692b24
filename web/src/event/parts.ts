// What, From and Judged of one event. Each step of the attribution names its source and its date.
import type {Event} from '../api';
import {app} from '../app';
import {economy} from '../economies';
import {chipName, slug} from '../filter';
import {day, esc, fixed, hms, local, num, plain, span, timeTag, title, visible} from '../format';
import {pacts} from '../incident/watch';
import {w} from '../i18n';
import {declaredBy} from './declared';
import {we} from '../i18n/parts';

const PROTOCOLS: Record<number, string> = {1: 'ICMP', 6: 'TCP', 17: 'UDP', 47: 'GRE', 50: 'ESP', 58: 'ICMPv6', 132: 'SCTP'};
const mono = (s: string): string => `<span class="asn">${visible(s)}</span>`;
const stamp = (iso: string): string => {
  const t = Date.parse(iso);
  if (Number.isNaN(t)) return visible(iso);
  return timeTag(iso, `${day(t)} ${hms(t)} UTC`) + (local(t) ? ` <span class="mut">(${local(t)})</span>` : '');
};
/** The way to that moment, when it is in sight. */
const then = (iso: string): string => {
  const t = Date.parse(iso);
  return Number.isNaN(t) ? stamp(iso) : `<button type="button" class="lnk" data-act="seek=${t + 1_000}">${stamp(iso)}</button>`;
};
const row = (k: string, v: string): string => `<dt>${k}</dt><dd>${v}</dd>`;
/** A fact that is a filter too. */
const link = (key: string, value: string, shown: string): string =>
  `<button type="button" class="lnk" data-act="filter=${key}:${plain(value)}" title="${plain(w.filterBy(`${key}:${value}`))}">${shown}</button>`;
const endpoint = (address: string, port: number): string =>
  link('address', address, mono(address)) + (port ? ` <span class="mut">${we.port(String(port))}</span>` : '');

function delay(e: Event): string {
  const s = (Date.parse(e.time_seen) - Date.parse(e.time)) / 1000;
  if (Number.isNaN(s)) return '';
  return ` <span class="mut">${s < 0 ? we.before(span(-s)) : we.seen(s < 10 ? `+${fixed(s, 2)} ${w.unit.s}` : '+' + span(s))}</span>`;
}

export function what(e: Event): string {
  const flags = e.flags.length
    ? e.flags.map(f => `<span>${visible(f)}</span> <span class="mut">${we.flagText[f] ?? ''}</span>`).join('<br>')
    : `<span class="mut">${we.noFlags}</span>`;
  const chip = app.node?.chips[e.chip] ?? '';
  const rule = e.rule_name || e.rule ? `${visible(e.rule_name)} ${e.rule ? mono(e.rule) : ''}` : we.noRule;
  return (
    `<dl class="kv">${row(we.klass, `${chip ? link('class', slug(chip), chipName(chip)) : ''} <span class="mut">${visible(e.class)}</span>`)}${row(we.rule, rule)}` +
    row(we.when, then(e.time) + delay(e)) +
    row(
      we.kind,
      `${visible(e.kind)}, ${PROTOCOLS[e.protocol] ?? num(e.protocol)} <span class="mut">${we.sensor.toLowerCase()} ${visible(e.sensor)}</span>`
    ) +
    row(we.severity, we.severityAs(num(e.severity))) +
    row(
      we.target,
      endpoint(e.target.address, e.target.port) +
        (e.target.asn ? ` <span class="mut">AS${e.target.asn} ${visible(e.target.name)}</span>` : '')
    ) +
    row(we.records, e.count > 1 ? we.counted(num(e.count)) : we.one) +
    row(we.flags, flags) +
    '</dl>'
  );
}

/** What is placed: an origin, when it was seen and by whom, and whose it is said to be. */
export type Placed = {origin: Event['origin']; time: string; by: string; party: string};

function declared(e: Placed, step: (h: string, v: string, src: string, when: string) => string): string {
  const c = we.chain,
    by = declaredBy(e.origin.address, e.origin.asn, e.time),
    party = e.party || by?.party;
  if (!party) return step(c.declared, c.nobody, pacts.known ? c.byAnnexes : c.byNone, '');
  const prefix = by?.prefix ? `<br><span class="mut">${c.prefix(mono(by.prefix))}</span>` : '';
  return step(c.declared, c.party(visible(title(party))) + prefix, by ? c.byAnnexNo(String(by.sequence)) : c.byAnnex, '');
}

export const from = (e: Event): string =>
  chain({origin: e.origin, time: e.time, by: we.chain.sourceBy(visible(e.sensor)), party: e.party}) + `<p class="mut">${we.caveat}</p>`;

/** From the address to the party, each step with its source and date. */
export function chain(e: Placed): string {
  const o = e.origin,
    c = we.chain,
    date = visible(o.date),
    source = o.dataset ? c.table(visible(o.dataset)) : c.noTable;
  const step = (h: string, v: string, src: string, when: string): string =>
    `<li><span class="mut">${h}</span><span class="st">${v}</span><span class="src">${src}<br>${when}</span></li>`;
  const name = economy(o.country)?.name ?? '',
    countryBy = o.country_dataset === undefined ? source : o.country_dataset ? c.table(visible(o.country_dataset)) : c.noTable;
  const warn = o.disputed ? ` <span class="warn">${c.disputed}</span>` : '';
  return (
    `<ol class="chain">${step(c.source, endpoint(o.address, o.port), e.by, stamp(e.time))}` +
    step(
      c.announced,
      o.asn
        ? `${link('asn', String(o.asn), `<span class="asn">AS${o.asn}</span>`)} ${visible(o.name)}${o.prefix ? `<br><span class="mut">${c.prefix(mono(o.prefix))}</span>` : ''}`
        : c.noAnnounced,
      source,
      date
    ) +
    step(
      c.registered,
      (o.country ? `${link('country', o.country, mono(o.country))} ${esc(name)}` : c.noCountry) + warn,
      countryBy,
      visible(o.country_date ?? o.date)
    ) +
    declared(e, step) +
    '</ol>'
  );
}

export function judged(e: Event): string {
  const v = we.verdict,
    at = Math.max(0, Math.min(4, e.grade));
  const steps = v.steps
    .map(
      ([k, t], i) =>
        `<li class="${i === at ? 'at' : i < at ? 'yes' : ''}"${i === at ? ' aria-current="step"' : ''}><b>${k}</b><span>${t}</span></li>`
    )
    .join('');
  const says = pacts.known ? `<b>${v.pact}</b> ${v.pactText}` : `<b>${v.none}</b> ${v.text}`;
  return `<p>${says}</p><ol class="ladder" aria-label="${v.gradeLabel}">${steps}</ol><p class="mut">${v.grade} ${v.change(at)}</p>`;
}
