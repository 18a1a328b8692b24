// The pact as a document: obligations in words, verdicts in the margin, one column for each direction; who signed, and what is annexed.
import {app} from '../app';
import {bytes, day, esc, length, num, percent, stamp, timeTag, visible} from '../format';
import {lang} from '../i18n';
import {wi, wd} from '../i18n/parts';
import {mark, party} from '../incident/state';
import {pacts} from '../incident/watch';
import {read} from '../state';
import {whyNot} from '../trouble';
import {seg} from '../view/table';
import {getVerdict, type Annex, type Judged, type Obligation, type Pact, type Pair, type Reading, type Row, type Severity, type Took} from './ask';
import {figures} from './cards';
import {markOf, worst, precedes, wordOf} from './word';

const PERIODS = ['now', '30d', 'month', 'all'];
const PAUSE = 5_000;
/** The figures of the period that was chosen; those of now come with them. */
let judged: Judged | null = null,
  key = '',
  asked = 0,
  pos = -1,
  trouble = '';

type Shown = {pact: Pact; other: string; self: string};

/** All pairs of a pact and a counterpart, and the one that the address names; else, or when it names none that is here, the one that needs most looking at. */
function pairs(): Shown[] {
  return pacts.documents.flatMap(pact => {
    const self = pact.parties.find(p => p.self)?.id;
    return self === undefined ? [] : pact.parties.filter(p => !p.self).map(p => ({pact, other: p.id, self}));
  });
}
function chosen(all: Shown[]): Shown | undefined {
  const [name, who] = read().pact.split('/'),
    of = all.filter(s => (!name || s.pact.pact === name) && (!who || s.other === who));
  const word = (s: Shown) => {
    const p = pacts.verdict?.pacts.find(j => j.pact === s.pact.pact)?.pairs.find(x => x.bound === s.other);
    return p?.obligations.length ? worst(p, 'now').now.word : 'not applicable';
  };
  return [...(of.length ? of : all)].sort((a, b) => precedes(word(a), word(b)))[0];
}

function want(s: Shown): void {
  const now = performance.now(),
    of = span(s);
  const next = `${s.pact.pact} ${s.other} ${of}`;
  if (next !== key) {
    key = next;
    judged = null;
    trouble = '';
  } else if (now - asked < PAUSE || (app.model.pos === pos && now - asked < 6 * PAUSE) || app.status !== 'live') return;
  asked = now;
  pos = app.model.pos;
  getVerdict({pact: s.pact.pact, party: s.other, period: of})
    .then(
      v => {
        if (key !== next) return;
        judged = v.pacts[0] ?? null;
        trouble = '';
      },
      (e: unknown) => {
        if (key === next) trouble = whyNot(e);
      }
    )
    .finally(() => app.redraw());
}

/** The period that is chosen, as the node takes one; of now nothing but 30 days is told. */
function span(s: Shown): string {
  const {period} = read(),
    today = new Date(app.model.clock()).toISOString().slice(0, 10);
  return period === 'month' ? today.slice(0, 7) : period === 'all' ? `${s.pact.from.slice(0, 10)}..${today}` : '30d';
}

const ours = (r: Row): Reading => (read().period === 'now' ? r.now : r.period);
const theirs = (r: Row): Reading => (read().period === 'now' ? r.theirs_now : r.theirs);
const pairOf = (bound: string): Pair | undefined => judged?.pairs.find(p => p.bound === bound);

/* ---- the verdict of one row in one direction */

function short(r: Reading): string {
  const p = wd;
  if (r.why === 'unmeasured') return p.unmeasured;
  if (r.word === 'open incidents') return p.open(num(r.open));
  if (r.word === 'unknown: partial visibility' && r.coverage_ppm !== undefined) {
    const coverage = percent(r.coverage_ppm / 1e6),
      recall = percent((r.recall_ppm ?? 0) / 1e6);
    // What is too little comes first: of the other there may be all.
    if (r.why === 'recall') return p.partial(r.canaries ? p.littleRecall(recall) : p.noCanaries, p.coverage(coverage));
    return p.partial(p.littleCoverage(coverage), r.canaries ? p.recall(recall) : p.noCanaries);
  }
  return p.short[r.word] ?? wordOf(r.word);
}
const says = (r: Reading, who: string, title = ''): string =>
  `<span class="say1"${title ? ` title="${esc(title)}"` : ''}>${mark(markOf(r.word), `<span title="${esc(wordOf(r.word))}">${short(r)}</span>`)} <small>${who}</small></span>`;
/** What both say, once; what only we can say, as ours; what they see otherwise, both. */
const differs = (r: Row): boolean => theirs(r).why !== 'figures' && theirs(r).word !== ours(r).word;

function margin(id: string, bound: string, toward: string): string {
  const row = pairOf(bound)?.obligations.find(r => r.obligation === id),
    p = wd,
    said = `<span class="sr">${p.directionSaid(party(bound), party(toward))}</span>`;
  if (!row) return `<div class="dir">${said}<span class="mut">–</span></div>`;
  if (differs(row)) return `<div class="dir differ">${said}${says(ours(row), p.we)}${says(theirs(row), p.they)}</div>`;
  const alone = theirs(row).why === 'figures';
  return `<div class="dir">${said}${alone ? says(ours(row), p.we, p.ownFigures) : says(ours(row), p.both)}</div>`;
}

function remark(id: string, s: Shown): string {
  return [s.other, s.self]
    .map(bound => pairOf(bound)?.obligations.find(r => r.obligation === id))
    .filter((r): r is Row => r !== undefined && differs(r))
    .map(r => {
      const about = ours(r).worst ?? ours(r).oldest ?? theirs(r).worst ?? theirs(r).oldest;
      const at = about ? ` ${wd.differAt(`<button type="button" class="lnk" data-act="sel=incident:${esc(s.pact.pact)}/${esc(about)}">${visible(about)}</button>`)}` : '';
      return `<p class="rem">${wd.differ(party(s.other), wordOf(ours(r).word), wordOf(theirs(r).word))}${at}</p>`;
    })
    .join('');
}

/** Of what is told by whoever saw it: how fast it was, and what one's own machines still have. */
function facts(id: string, s: Shown): string {
  return [s.other, s.self]
    .map(bound => [bound, pairOf(bound)?.obligations.find(r => r.obligation === id)] as const)
    .map(([bound, r]) => {
      const t = r?.told,
        k = r?.kev,
        who = party(bound);
      const told = t && (t.count ? wd.told(who, num(t.count), length(t.median_s), length(t.p90_s), num(r.period.late)) : wd.toldNone(who));
      const kev = k && wd.kev(who, num(k.open), num(k.machines), num(k.known), num(k.late), num(k.patch_days));
      return [told, kev].map(x => (x ? `<p class="rem mut">${x}</p>` : '')).join('');
    })
    .join('');
}

/* ---- obligations */

function terms(o: Obligation, all: Severity[]): string {
  const t = wd.threshold,
    out: string[] = [],
    add = (n: number, say: (text: string) => string, text = num(n)): void => void (n && out.push(say(text)));
  if (o.threshold) {
    const h = o.threshold,
      limits: string[] = [];
    if (h.events) limits.push(t.events(num(h.events)));
    if (h.targets) limits.push(t.targets(num(h.targets)));
    if (h.bytes_per_s) limits.push(t.bytes(bytes(h.bytes_per_s)));
    if (h.sensors) limits.push(t.sensors(num(h.sensors)));
    out.push(limits.join(', ') + ' ' + (h.bytes_per_s ? t.for(length(h.window_s)) : t.in(length(h.window_s))), t.grade(num(o.grade)));
  }
  if (o.severity) out.push(visible(o.severity));
  if (o.kind === 'respond')
    for (const s of all) out.push(t.deadlines(visible(s.id), [s.receipt_s, s.acknowledge_s, s.answer_s, s.act_s].map(length).join(', ')));
  add(o.within_s, t.within, length(o.within_s));
  add(o.every_s, t.every, length(o.every_s));
  add(o.answer_s, t.answer, length(o.answer_s));
  add(o.keep_s, t.keep, length(o.keep_s));
  return out.join(' · ');
}

function obligation(o: Obligation, s: Shown): string {
  const more = terms(o, s.pact.severities);
  return (
    `<li class="ob" data-k="${esc(o.id)}"><span class="art">${visible(o.article)}</span><div><p>${visible(o.text)}</p>` +
    `<p class="thr"><b>${visible(o.id)}</b>${more ? ` · ${more}` : ''}</p>${judged ? remark(o.id, s) + facts(o.id, s) : ''}</div>` +
    margin(o.id, s.other, s.self) +
    margin(o.id, s.self, s.other) +
    '</li>'
  );
}

/** What the words of a direction rest on. */
function rests(bound: string, toward: string): string {
  const p = wd,
    rows = pairOf(bound)?.obligations ?? [],
    r = rows.map(ours).find((_, i) => rows[i].kind === 'refrain');
  if (!r) return '';
  const text = r.known
    ? r.canaries
      ? (r.published ? p.seenAsPublished : p.seen)(num(r.sensors ?? 0), r.sensors === 1, percent((r.coverage_ppm ?? 0) / 1e6), num(r.found ?? 0), num(r.canaries), percent((r.recall_ppm ?? 0) / 1e6))
      : figures(r)
    : p.seenAtMost(percent((r.at_most_ppm ?? 0) / 1e6));
  return p.rests(p.direction(party(bound), party(toward)), text);
}

const date = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? visible(iso) : timeTag(iso, day(Date.parse(iso))));

function treaty(s: Shown): string {
  const p = wd,
    d = s.pact;
  const force = d.until ? p.holdsUntil(date(d.from), date(d.until)) : p.holds(date(d.from), length(d.denunciation_s));
  const note = [rests(s.other, s.self), rests(s.self, s.other)].filter(Boolean).join(' ');
  return (
    `<article class="cell treaty${d.obligations.some(o => o.article) ? '' : ' noart'}" tabindex="0" aria-labelledby="h-pact"><h2 id="h-pact">${visible(d.title)}</h2>` +
    `<p class="pre">${force} ${visible(d.statement)} ${d.third_parties ? p.thirdParties : ''}</p>` +
    `<div class="ob oh" aria-hidden="true"><span></span><span>${p.column}</span><span class="dir">${p.direction(party(s.other), party(s.self))}</span>` +
    `<span class="dir">${p.direction(party(s.self), party(s.other))}</span></div>` +
    `<ol class="obs">${d.obligations.map(o => obligation(o, s)).join('')}</ol>${note ? `<p class="mut note1">${note}</p>` : ''}</article>`
  );
}

/* ---- beside it */

const cut = (hex: string): string => `<code title="${esc(hex)}">${visible(hex.slice(0, 8))}…${visible(hex.slice(-4))}</code>`;
const section = (id: string, title: string, body: string): string =>
  `<section class="cell" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>`;

function signatures(d: Pact): string {
  const p = wd;
  const who = d.parties.map(x => {
    // A verifier key is name+id+key: the id is what people compare.
    const id = x.key.split('+')[1] ?? '';
    return `<li data-k="${esc(x.id)}">${id ? mark('ok', p.verified) : mark('unk', p.unsigned)} <b>${visible(x.name || x.id)}</b> <span class="mut">${id ? p.signedOn(date(d.signed_on), `<code>${visible(id)}</code>`) : ''}${
      x.state === 'in force' ? '' : ` ${p.state[x.state] ?? visible(x.state)}${x.ends ? `, ${date(x.ends)}` : ''}`
    }</span></li>`;
  });
  return section('h-sig', p.signatures, `<ul class="sigl">${who.join('')}</ul><p class="mut">${p.bytes(cut(d.sha256))}</p>`);
}

const STEPS = ['acknowledge', 'answer', 'act'] as const;
const LINES = [9, 22];

/** Two lines on the scale of the longest deadline; each deadline a dotted upright. */
function step(name: (typeof STEPS)[number], took: (Took | undefined)[], all: Severity[]): string {
  const due = [...new Set(all.map(s => s[`${name}_s`]))].sort((a, b) => a - b),
    most = due.at(-1) || 1,
    /** The picture is wider by a dot's half to both sides, so that none is cut. */
    x = (s: number): number => Math.round(Math.min(1.28, s / most) * 1000) / 10;
  const lines = took.map((t, i) =>
    t?.count ? `<path d="M${x(t.median_s)} ${LINES[i]}H${x(t.p90_s)}"/><circle cx="${x(t.median_s)}" cy="${LINES[i]}" r="3.2"/><path class="tick" d="M${x(t.p90_s)} ${LINES[i] - 4}v8"/>` : ''
  );
  const figure = (s: number): string => (s > most ? mark('over', length(s)) : length(s)),
    cells = (of: 'median_s' | 'p90_s'): string => took.map(t => (t?.count ? figure(t[of]) : '–')).join('<br>');
  return (
    `<tr data-k="${name}"><th scope="row">${wi.dues[name]}<br><span class="mut">${wd.until(length(most))}</span></th>` +
    `<td><svg class="rt" viewBox="-4 0 136 30" width="136" height="30" aria-hidden="true">${due.map(d => `<path class="duel" d="M${x(d)} 0v30"/>`).join('')}${lines.join('')}</svg></td>` +
    `<td class="r">${cells('median_s')}</td><td class="r">${cells('p90_s')}</td></tr>`
  );
}

function times(s: Shown): string {
  const p = wd,
    both = [pairOf(s.other), pairOf(s.self)];
  if (!both.some(x => x && STEPS.some(k => x.took[k].count))) return section('h-rt', p.times(''), `<p class="empty">${p.noTimes}</p>`);
  const rows = STEPS.map(k => step(k, both.map(x => x?.took[k]), s.pact.severities)).join('');
  const head = `<tr><th scope="col">${p.step}</th><th scope="col">${p.scale}</th><th scope="col" class="r c-t">${p.median}</th><th scope="col" class="r c-t">${p.p90}</th></tr>`;
  const note = p.timesNote(party(s.other), num(both[0]?.notices ?? 0), party(s.self), num(both[1]?.notices ?? 0));
  return section('h-rt', p.times(''), `<table class="times"><caption class="sr">${p.times('')}</caption><thead>${head}</thead><tbody>${rows}</tbody></table><p class="mut">${note}</p>`);
}

/** What an annex declares, to be opened; of many prefixes the node tells the first. */
function space(a: Annex): string {
  const all = [...a.asns.map(n => `AS${n}`), ...a.prefixes],
    rest = a.prefix_count - a.prefixes.length;
  if (!all.length) return '';
  return `<details data-k="space"><summary>${wd.annexSpace}</summary><ul class="space">${all.map(x => `<li>${visible(x)}</li>`).join('')}</ul>${rest > 0 ? `<p class="mut">${wd.annexRest(num(rest))}</p>` : ''}</details>`;
}

function annexes(d: Pact): string {
  const p = wd;
  const items = d.parties.map(x => {
    const a = x.annexes.at(-1);
    if (!a) return `<li data-k="${esc(x.id)}"><b>${p.annexNone(party(x.id))}</b></li>`;
    const state = [p.validFrom(stamp(a.valid_from)), a.witnessed ? p.witnessed(stamp(a.witnessed)) : p.notWitnessed, a.seen_by.length ? p.seenBy(a.seen_by.map(party).join(', ')) : p.seenByNobody];
    return (
      `<li data-k="${esc(x.id)}"><b>${p.annex(party(x.id), num(a.sequence))}</b><span class="mut">` +
      `${p.annexText(num(a.asns.length), num(a.prefix_count), num(a.sensors), a.sensors_hidden)}; ${state.join(', ')}</span>${space(a)}</li>`
    );
  });
  return section('h-an', p.annexes, `<ul class="annex">${items.join('')}</ul>`);
}

function exclusions(d: Pact): string {
  const p = wd;
  const items = d.exclusions.map(e => {
    const list = (of: string[] | undefined, say: (list: string) => string): string => (of?.length ? say(of.map(x => `<span class="asn">${visible(x)}</span>`).join(', ')) : '');
    const what = [list(e.origins, p.exclusionFrom), list(e.targets, p.exclusionTo), list(e.classes, p.exclusionClass)].filter(Boolean).join('; ');
    return `<li data-k="${esc(e.id)}"><b>${visible(e.id)}</b><span class="mut">${[what, e.until ? p.exclusionUntil(date(e.until)) : '', visible(e.why)].filter(Boolean).join('; ')}</span></li>`;
  });
  return section('h-ex', p.exclusions, items.length ? `<ul class="annex">${items.join('')}</ul>` : `<p class="empty">${p.noExclusions}</p>`);
}

/** Who is bound is told; so the notices of a pair are those of the other side. */
function precision(s: Shown): string {
  const p = wd;
  const line = (x: Pair | undefined): string =>
    !x ? '' : x.notices ? p.precise(party(x.toward), num(x.notices - x.withdrawn - x.false_positives), num(x.notices), num(x.withdrawn), num(x.false_positives)) : p.noNotices(party(x.toward));
  return section('h-pr', p.precision, [s.other, s.self].map(b => `<p>${line(pairOf(b))}</p>`).join(''));
}

function switches(all: Shown[], s: Shown): string {
  const p = wd,
    period = seg('period', p.period, PERIODS.map(k => [k, p.periods[k]]), read().period);
  const many = all.length > 1 ? seg('pact', p.choose, all.map(x => [`${x.pact.pact}/${x.other}`, party(x.other)]), `${s.pact.pact}/${s.other}`) : '';
  const query = new URLSearchParams({pact: s.pact.pact, party: s.other, period: span(s), lang});
  return `${many}${period}<a class="btn" href="/report?${esc(query.toString())}" target="_blank" rel="noopener" title="${p.reportTitle}">${p.report}</a>`;
}

export function side(): string {
  const all = pairs(),
    s = chosen(all);
  return s ? switches(all, s) : '';
}
export function kick(): string {
  const s = chosen(pairs());
  return s ? wd.kick(visible(s.pact.pact), num(s.pact.version)) : wd.title;
}

/** How it stands towards us, and how we stand. */
export function headline(): string {
  const s = chosen(pairs()),
    p = wd;
  if (trouble) return p.failed(trouble);
  if (!s) return pacts.turn && !pacts.known ? p.none : p.loading;
  const measured = (bound: string): Reading[] => (pairOf(bound)?.obligations ?? []).map(ours).filter(r => !['unmeasured', 'validity', 'exclusion'].includes(r.why) && r.word !== 'self-reported');
  const them = measured(s.other),
    us = measured(s.self),
    count = (of: Reading[], ...words: string[]): number => of.filter(r => words.includes(r.word)).length;
  if (!judged) return p.loading;
  const over = count(them, 'not answered in time'),
    open = count(them, 'open incidents', 'disputed'),
    unsure = them.filter(r => markOf(r.word) === 'unk').length,
    t = p.theirs,
    who = party(s.other);
  const main = over ? t.over(who, over, them.length) : open ? t.open(who, open, them.length) : unsure ? t.unsure(who, unsure, them.length) : t.fine(who, them.length);
  const own = count(us, 'not answered in time'),
    ownOpen = count(us, 'open incidents', 'disputed');
  return main + (own ? p.ours.over(own) : ownOpen ? p.ours.open(ownOpen) : p.ours.none);
}

export function view(): string {
  const s = chosen(pairs());
  if (!s) return `<p class="cell empty">${pacts.turn && !pacts.known ? wd.none : wd.loading}</p>`;
  want(s);
  return (
    treaty(s) +
    `<aside class="rail side" tabindex="0" aria-label="${wd.title}">${signatures(s.pact)}${times(s)}${annexes(s.pact)}${exclusions(s.pact)}${precision(s)}</aside>`
  );
}
