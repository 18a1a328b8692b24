// What breaks when, on a logarithmic scale of time, and what to move home in which order, as a curve of services that survive.
import {esc, length, num, stamp, visible} from '../format';
import {wc} from '../i18n/parts';
import {mark} from '../incident/state';
import {table, type Column, type Row as Line} from '../view/table';
import type {Service, Services, Step} from './ask';
import {holds, more, note, section, some} from './parts';

const HOUR = 3_600,
  DAY = 24 * HOUR,
  END = 90 * DAY,
  LIMIT = 96;
/** Hours on a logarithmic scale that has a zero, in percent of the width; for ever is the end of it. */
const at = (s: number): number => (s < 0 ? 100 : Math.min(LIMIT, (Math.log10(1 + s / HOUR) / Math.log10(1 + END / HOUR)) * LIMIT));
const pc = (x: number): string => x.toFixed(2) + '%';

const scale = (): string =>
  `<svg class="gax" height="16" aria-hidden="true">` +
  [0, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, END].map(s => `<text x="${pc(at(s))}" y="12"${s ? ' text-anchor="middle"' : ''}>${s ? length(s) : wc.now}</text>`).join('') +
  `</svg><span class="sr">${wc.drawn}</span>`;

/** Solid as long as it holds surely, thin as long as it may. */
function run(s: Service): string {
  const least = at(s.least_s),
    most = at(s.most_s);
  return (
    `<svg class="run" height="14" aria-hidden="true"><rect y="4" height="6" width="${pc(least)}"/>` +
    (most > least ? `<line x1="${pc(least)}" x2="${pc(most)}" y1="7" y2="7"/>` : '') +
    (s.most_s < 0 ? '' : `<svg x="${pc(most)}" overflow="visible"><path d="M-4 3l8 8m0-8l-8 8"/></svg>`) +
    '</svg>'
  );
}

function line(s: Service): Line {
  const kind = wc.kinds[s.kind] ?? visible(s.kind),
    because = s.kind ? wc.because(kind, s.verdict) : s.verdict === 'unknown' ? wc.nothingKnown : wc.allInside;
  const now = s.least_s === 0 && s.most_s === 0,
    text = holds(s.least_s, s.most_s);
  return {
    k: s.id,
    cells: [
      `<span title="${esc(visible(s.owner))}">${visible(s.name)}</span>`,
      run(s),
      `<span class="mut" title="${esc(visible(s.what))}">${because}</span>`,
      now ? mark('over', text) : `<b>${text}</b>`
    ]
  };
}

const SHOWN = 10;
export function breaksCell(s: Services | null, missing: string): string {
  if (!s) return section('c-br', wc.breaks, `<p class="empty">${missing}</p>`, '', 'wide2');
  const cols: Column[] = [{h: wc.col.service}, {h: scale(), cls: 'c-run'}, {h: wc.col.because}, {h: wc.col.breaks, right: true}];
  const {shown, button} = some('services', s.list, SHOWN);
  const home = s.home.map(visible).join(', ') + (s.home_rules > s.home.length ? ' …' : '');
  return section(
    'c-br',
    wc.breaks,
    table(wc.breaks, cols, shown.map(line), wc.noServices, 'gantt') + button + more(s.list.length, s.services) + note(wc.breaksNote(stamp(s.at), home)),
    wc.scale,
    'wide2'
  );
}

// ---- what to move home

const STEPS = 12,
  W = 400,
  H = 156,
  LEFT = 34;
const moved = (m: Step['what'][number]): string => {
  const text = `${wc.kinds[m.kind] ?? visible(m.kind)} <span class="mut">${visible(m.what)}</span>`;
  return m.unknown ? wc.toFind(text) : text;
};
const whatOf = (t: Step): string => t.what.map(moved).join(', ') + (t.moves > t.what.length ? ' …' : '');

function curve(p: Services['plan'], steps: Step[]): string {
  const x = (i: number): string => (LEFT + (i * (W - LEFT - 10)) / Math.max(1, steps.length)).toFixed(1),
    y = (n: number): string => (H - 22 - (p.services ? n / p.services : 0) * (H - 34)).toFixed(1);
  // The middle line is at a whole number of services, which of one there is none.
  const grid = [...new Set([0, Math.floor(p.services / 2), p.services])].map(n => `<path class="gr" d="M${LEFT} ${y(n)}H${W - 8}"/><text x="${LEFT - 6}" y="${Number(y(n)) + 4}" text-anchor="end">${num(n)}</text>`).join('');
  const dots = steps.map((t, i) => `<circle cx="${x(i + 1)}" cy="${y(t.services_so_far)}" r="3"/><text x="${x(i + 1)}" y="${H - 4}" text-anchor="middle">${i + 1}</text>`).join('');
  const d = `M${x(0)} ${y(p.already)}` + steps.map((t, i) => `H${x(i + 1)}V${y(t.services_so_far)}`).join('');
  const last = steps.at(-1);
  const label = wc.curveLabel(num(p.already), num(p.services), num(steps.length), num(last?.services_so_far ?? p.already));
  return `<svg class="curve" viewBox="0 0 ${W} ${H}" role="img" aria-label="${esc(label)}">${grid}<path class="ln" d="${d}"/>${dots}</svg>`;
}

function stepsTable(p: Services['plan']): string {
  const cols: Column[] = [
    {h: wc.col.step, right: true},
    {h: wc.col.move},
    {h: wc.col.gained, right: true},
    {h: wc.col.soFar, right: true},
    {h: wc.col.cost, right: true},
    {h: wc.col.lead, right: true}
  ];
  const rows = p.steps.map((t, i): Line => ({k: String(i), cells: [num(i + 1), whatOf(t), '+' + num(t.gain), num(t.services_so_far), num(t.cost_so_far / 100), num(t.lead_days)]}));
  return table(wc.moves, cols, rows, wc.noSteps, 'wide mv-t') + more(p.steps.length, p.step_count);
}

export function movesCell(s: Services | null, missing: string, asTable: boolean): string {
  if (!s) return section('c-mv', wc.moves, `<p class="empty">${missing}</p>`, '', 'wide3');
  const p = s.plan,
    steps = p.steps.slice(0, STEPS);
  const list = steps.map(t => `<li><span>${whatOf(t)}</span><b>+${num(t.gain)}</b></li>`).join('');
  const body = asTable
    ? stepsTable(p)
    : steps.length
      ? `<div class="mv">${curve(p, steps)}<ol class="steps">${list}</ol></div>${more(steps.length, p.step_count)}`
      : `<p class="empty">${wc.noSteps}</p>`;
  return section('c-mv', wc.movesOf(num(p.services)), body + note(wc.movesNote(num(p.already), num(p.services), p.days ? length(p.days * DAY) : '')), '', 'wide3');
}
