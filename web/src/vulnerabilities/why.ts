// The drawer of one: why it is due when it is, what its risk is made of, which of our machines have it, what was seen of it.
import {day, esc, fixed, num, plain, stamp, visible} from '../format';
import {w} from '../i18n';
import {wu} from '../i18n/parts';
import {href} from '../state';
import {bar, table, type Column, type Row as Line} from '../view/table';
import type {Decision, Factor, Machine, One, Row, When} from './ask';
import {date, deadline, economyOf, epss, hours, kevTag, mono, mut, nameOf, party, rough, withinOf} from './parts';

const UNKNOWN = (): string => `<span class="v-unk1">${wu.worse}</span>`;
const row = (k: string, v: string, cls = ''): string => `<div${cls ? ` class="${cls}"` : ''}><dt>${k}</dt><dd>${v}</dd></div>`;
const sourceOf = (source: string, at: When): string => (wu.sources[source] ?? visible(source)) + (at ? `, ${date(at)}` : '');

/** The machine that the deadline of the list is of: the first with the same one, else the one at most risk. */
const decisive = (one: One, r: Row | undefined): Machine | undefined =>
  one.machines.find(m => m.deadline && r?.deadline && m.deadline.due === r.deadline.due && m.deadline.days === r.deadline.days) ?? one.machines[0];

// ---- why this deadline

function exploited(one: One, d: Decision | undefined): string {
  if (one.kev) return `${kevTag(one.kev)} ${wu.since(date(one.kev.added))}${one.kev.ransomware ? `, <b>${wu.ransomware}</b>` : ''}`;
  if (!d) return one.alerts ? wu.seenNotListed : wu.notListed;
  if (d.exploitation === 'active') return wu.activeBy(sourceOf(d.source, d.at));
  return `${wu.notListed}; ${wu.exploitation[d.exploitation] ?? visible(d.exploitation)}`;
}
function steps(one: One, m: Machine | undefined): string {
  const d = m?.decision,
    unsure = (what: string): boolean => Boolean(d?.unknown.includes(what)),
    answer = (what: string, s: string, more = ''): string => (unsure(what) ? UNKNOWN() : (wu.answers[s] ?? visible(s)) + (more && `, ${more}`));
  const known = unsure('kev') && d?.exploitation !== 'active' ? UNKNOWN() : exploited(one, d);
  const out = [row(wu.step.exploited, known)];
  if (!m || !d) return `<dl class="why">${out.join('')}${row(wu.col.deadline, `<b>${wu.noneOfOurs}</b>`, 'res')}</dl>`;
  out.push(
    row(wu.step.exposed, answer('exposure', d.exposed, wu.exposures[m.exposure] ?? visible(m.exposure))),
    row(wu.step.automatable, answer('automatable', d.automatable)),
    row(wu.step.impact, answer('technical', d.impact)),
    row(wu.step.deployer, (wu.deployer[d.deployer] ?? visible(d.deployer)) + (unsure('human') ? ` <small>${wu.humanUnknown}</small>` : ''))
  );
  const due = m.deadline,
    text = due ? `<b>${withinOf(due.days)}${due.due ? `: ${date(due.due)}` : ''}</b>${due.forensic ? `<br>${wu.forensic}` : ''}` : mut(wu.noDeadline);
  out.push(row(wu.bod(num(d.row)), due?.over ? `${deadline(due, '')}${due.forensic ? `<br>${wu.forensic}` : ''}` : text, 'res'));
  return `<dl class="why">${out.join('')}</dl><p class="note">${wu.of(visible(m.asset))}</p>`;
}

// ---- order inside the decision

/** These two are in the threat already. */
const INSIDE = ['epss', 'peer'];
const FULL = 1_250_000;
function factor(f: Factor): string {
  const says = f.unknown ? UNKNOWN() : mut(f.source === 'here' && !f.at ? wu.notSeen : sourceOf(f.source || 'nobody', f.at));
  return `<tr data-k="${esc(f.factor)}"${INSIDE.includes(f.factor) ? ' class="in"' : ''}><th scope="row">${wu.factors[f.factor] ?? visible(f.factor)}</th><td>${bar(f.value / FULL)}</td><td class="r">${fixed(f.value / 1e6, 2)}</td><td>${says}</td></tr>`;
}
function order(m: Machine): string {
  const heads = [wu.fac.name, wu.fac.bar, wu.fac.value, wu.fac.source].map((h, i) => `<th scope="col"${i === 2 ? ' class="r"' : ''}>${h}</th>`).join('');
  return (
    `<h3>${wu.risk(m.risk === null ? '–' : fixed(m.risk / 1000, m.risk % 1000 ? 1 : 0))}</h3>` +
    `<table class="fac"><caption class="sr">${wu.fac.caption}</caption><thead class="sr"><tr>${heads}</tr></thead><tbody>${m.factors.map(factor).join('')}</tbody></table><p class="note">${wu.product}</p>`
  );
}

// ---- machines

/** What nobody knows is never shown as safe; only what was tried in vain, and what is mended, is quiet. */
const LOUD = ['hit-vulnerable', 'hit-unknown', 'own-source'];
function outcome(m: Machine): string {
  if (!m.outcome) return mut(wu.notHit);
  const text = wu.outcomes[m.outcome] ?? visible(m.outcome);
  return (LOUD.includes(m.outcome) || !wu.outcomes[m.outcome] ? `<b>${text}</b>` : text) + (m.last_hit ? `<br>${mut(date(m.last_hit))}` : '');
}
function machines(one: One): string {
  const rest = one.machines_total - one.machines.length;
  const cols: Column[] = [{h: wu.col.machine}, {h: wu.col.installed}, {h: wu.col.fixed}, {h: wu.col.outcome}];
  const rows = one.machines.map((m, i): Line => ({
    k: `${m.asset} ${m.package} ${i}`,
    cells: [
      `<span title="${plain(m.package)}">${visible(m.asset)}</span><br>${mut(m.owner ? visible(m.owner) : wu.noOwner)}`,
      `${m.installed ? mono(m.installed) : `<b>${wu.unknown}</b>`}<br>${mut(visible(m.package))}`,
      `${m.fixed ? mono(m.fixed) : mut(wu.noFix)}<br>${mut(wu.states[m.state] ?? visible(m.state))}`,
      outcome(m)
    ]
  }));
  const body = one.machines.length ? table(wu.machinesHead, cols, rows, '', 'v-mach') : `<p>${wu.noneHas}</p>`;
  return `<h3>${wu.machinesHead}</h3>${body}<p class="note">${rest > 0 ? `${wu.more(num(rest))} ` : ''}${wu.stays}</p>`;
}

// ---- what was seen, and what is said of it

const filter = (key: string, value: string, shown: string): string =>
  `<button type="button" class="lnk" data-act="filter=${key}:${plain(value)}" title="${plain(w.filterBy(`${key}:${value}`))}">${shown}</button>`;
function seen(one: One, r: Row | undefined): string {
  const o = one.outcomes;
  const came = ([['vulnerable', o.vulnerable], ['unknown', o.unknown], ['patched', o.patched], ['not_installed', o.not_installed], ['own', o.own]] as const)
    .filter(([, n]) => n > 0)
    .map(([k, n]) => row(wu.came[k], k === 'vulnerable' || k === 'unknown' || k === 'own' ? `<b>${num(n)}</b>` : num(n)))
    .join('');
  const from = one.origins
    .map(
      x =>
        `<li data-k="${x.asn} ${esc(x.country)}">${filter('asn', String(x.asn), `<span class="asn">AS${x.asn}</span>`)} <span class="nm">${x.name ? visible(x.name) : mut(w.unnamed)}</span> ${filter('country', x.country || '-', economyOf(x.country))} <b>${num(x.alerts)}</b></li>`
    )
    .join('');
  const others = one.peers
    .map(p => row(party(p.party), `${p.seen ? stamp(p.seen) : wu.noDate}, ${p.proved ? wu.proved : wu.noProof}${p.alerts ? `, ${wu.alerts(num(p.alerts), p.alerts)}` : ''}`))
    .join('');
  const graph = one.alerts
    ? `<div class="v-hours">${hours(one.series, 380, 40)}<p class="axis"><span>${wu.dayAgo}</span><span>${wu.lastHour(num(one.last_hour))}</span></p></div>`
    : `<p>${wu.notSeenHere}</p>`;
  return (
    `<h3>${one.alerts ? wu.seenHead(num(one.alerts), one.alerts) : wu.seenHead0}</h3>${graph}${one.alerts && r?.confidence === 'low' ? `<p class="note">${wu.unsure}</p>` : ''}` +
    (came ? `<dl class="why">${came}</dl>` : '') +
    (from ? `<h4>${wu.networks(num(one.networks), one.networks)}</h4><ul class="v-from">${from}</ul><p class="note">${w.caption}</p>` : '') +
    (others ? `<h4>${wu.peersSaw}</h4><dl class="why">${others}</dl>` : '')
  );
}
const said = (iso: When): string => (iso && !Number.isNaN(Date.parse(iso)) ? `<time datetime="${esc(iso)}">${day(Date.parse(iso))}</time>` : '–');
function about(one: One): string {
  const score = one.cvss === null ? mut(wu.unknown) : `${fixed(one.cvss / 10, 1)} ${mut([wu.severities[one.severity] ?? visible(one.severity), one.cvss_version ? `CVSS ${(one.cvss_version / 10).toFixed(1)}` : ''].filter(Boolean).join(', '))}`;
  return (
    `<h3>${wu.about}</h3>${one.rejected ? `<p><b class="warn">${wu.rejected}</b></p>` : ''}<p class="v-text">${one.text ? visible(one.text) : mut(wu.noText)}</p><dl class="why">` +
    row(wu.severity, score) +
    row(wu.vector, one.vector ? mono(one.vector) : '–') +
    row(wu.cwes, one.cwes ? mono(one.cwes) : '–') +
    row('EPSS', one.epss === null ? mut(wu.unknown) : `${epss(one.epss)}${one.epss_at ? ` ${mut(date(one.epss_at))}` : ''}`) +
    (one.kev ? row('KEV', wu.kevDue(said(one.kev.added), said(one.kev.due))) : '') +
    row(wu.published, said(one.published)) +
    row(wu.modified, said(one.modified)) +
    row(wu.sourcesHead, one.feeds.map(f => `${wu.kinds[f.feed] ?? visible(f.feed)} ${mut(said(f.at))}`).join('<br>') || '–') +
    '</dl>'
  );
}

/** one: undefined while it is asked for, null where nobody ever spoke of it. */
export function why(cve: string, r: Row | undefined, one: One | null | undefined, trouble: string, age: number): string {
  const head =
    `<div class="v-head" data-k="head"><p class="kick">${wu.why}</p><a class="btn v-close" href="${esc(href({sel: ''}))}">${wu.close} <kbd>${wu.esc}</kbd></a></div>` +
    `<h2 id="v-why">${mono(cve)} <span class="nm">${one ? nameOf(one) : r ? nameOf(r) : ''}</span></h2>`;
  if (!one) return head + `<p class="empty">${one === null ? wu.neverHeard : trouble ? wu.failed(trouble) : wu.loading}</p>`;
  const m = decisive(one, r);
  return (
    head +
    (trouble ? `<p><b class="warn">${wu.old(rough(age))}</b></p>` : '') +
    steps(one, m) +
    (m ? order(m) : '') +
    machines(one) +
    seen(one, r) +
    about(one)
  );
}
