// The proofs of an incident: each piece of its evidence, how it stands with its proof, and the proof that was chosen, checked in this
// browser: by our log's key for what we saw, by the counterpart's for what it gave.
import {getEvent, type Event} from '../api';
import {app} from '../app';
import {$, fill} from '../dom';
import {ProofView, type Source} from '../event/proofview';
import {esc, num, visible} from '../format';
import {we, wt} from '../i18n/parts';
import {vkey} from '../proof/note';
import {whyNot} from '../trouble';
import {getWitnesses, givenPath, type Reference, type Whole} from './ask';
import {whose} from './ground';
import {party} from './state';

type Piece = {id: string; leaf: number; commitment: string; file: string; state: string};

/** Those that messages name, and of what nobody was told yet the events themselves. */
function pieces(i: Whole): Piece[] {
  const all = new Map<string, Piece>();
  for (const m of i.conversation ?? [])
    if (Array.isArray(m.body?.evidence) && m.from === i.notifier)
      (m.body.evidence as Reference[]).forEach((r, n) => {
        const id = `${r.block}-${r.index}`,
          state = m.proofs?.[n] ?? '';
        // A later message may give what an earlier one promised.
        if (!all.has(id) || state === 'holds' || state === 'given') all.set(id, {id, leaf: r.leaf, commitment: r.commitment, file: r.proof, state});
      });
  if (i.evidence?.by === 'events') for (const [, , id] of i.evidence.line) if (id && !all.has(id)) all.set(id, {id, leaf: -1, commitment: '', file: '', state: ''});
  return [...all.values()];
}

const own = (i: Whole): boolean => i.role === 'notifier';
const canCheck = (i: Whole, p: Piece): boolean => own(i) || p.state === 'holds';

/** Keys that are none here would refuse every proof. */
async function good(keys: string[]): Promise<string[]> {
  const known = await Promise.all(keys.map(k => vkey(k).then(() => true, () => false)));
  return [...new Set(keys.filter((_, n) => known[n]))];
}
const others = async (i: Whole): Promise<string[]> =>
  good([...(i.evidence?.keys ?? []).filter(k => k[0] !== 'log').map(k => k[2]), ...(await getWitnesses().catch(() => []))]);
const logs = (i: Whole): string[] => [...new Set([...(own(i) && app.node ? [app.node.vkey] : []), ...(i.evidence?.keys ?? []).filter(k => k[0] === 'log').map(k => k[2])])];

function source(i: Whole, p: Piece): Source {
  const file = own(i) ? `${p.id}.detente-proof` : `${i.evidence?.whose ?? i.notifier}-${p.id}.detente-proof`,
    shown = new Set(i.evidence?.origins.map(o => o.origin.address));
  return {
    id: p.id,
    path: own(i) ? `/api/v1/events/${encodeURIComponent(p.id)}/proof` : givenPath(i.pact, p.file),
    file,
    command: `detente log verify ${file}` + (own(i) ? '' : ` --key '${logs(i)[0] ?? ''}'`),
    logs: logs(i),
    others: () => others(i),
    pairs: (f, commitment) => [
      [we.pf.fields.id, `${f.block}-${f.index}`, p.id],
      [we.pf.commitment, commitment, p.commitment],
      ...(f.private && shown.size && !shown.has(f.private[1]) ? ([[we.pf.fields.address, f.private[1], [...shown][0]]] as [string, string, string][]) : [])
    ]
  };
}

export class Proofs {
  private i: Whole | null = null;
  private chosen = '';

  constructor(private box: HTMLElement) {
    box.innerHTML = `<div id="pr-facts"></div><div id="pr-list"></div><div id="pf"></div>`;
    box.addEventListener('click', e => {
      const id = (e.target as HTMLElement).closest<HTMLElement>('[data-piece]')?.dataset.piece;
      if (id) this.choose(id);
    });
  }

  /** Called again whenever the incident may be another; what was checked stays. */
  show(i: Whole): void {
    this.i = i;
    const all = pieces(i);
    fill($('#pr-facts', this.box), this.facts(i));
    fill($('#pr-list', this.box), all.length ? this.list(i, all) : `<p class="mut">${wt.pr.none}</p>`);
    if (this.chosen) return;
    const first = all.find(p => canCheck(i, p));
    if (first) this.choose(first.id);
    else if (all.length) fill($('#pf', this.box), `<p class="mut">${wt.pr.notHere(party(i.notifier))}</p>`);
  }

  private facts(i: Whole): string {
    const notice = i.conversation?.find(m => m.type === 'notice'),
      found = notice?.body?.detected as {leaf?: unknown} | undefined,
      c = wt.pr;
    const row = (k: string, v: string): string => (v ? `<dt>${k}</dt><dd>${v}</dd>` : '');
    return (
      `<dl class="kv">${row(c.whose, i.evidence ? whose(i.evidence) : '')}` +
      row(c.notice, notice ? c.leaf(num(notice.leaf), own(i)) : '') +
      row(c.found, typeof found?.leaf === 'number' ? c.leafOf(num(found.leaf), party(i.notifier)) : '') +
      '</dl>'
    );
  }

  private list(i: Whole, all: Piece[]): string {
    const c = wt.pr,
      rows = all.map(p => {
        const name = `<span class="asn">${visible(p.id)}</span>`,
          look = canCheck(i, p)
            ? `<button type="button" class="btn" data-k="${esc(p.id)}" data-piece="${esc(p.id)}" aria-pressed="${p.id === this.chosen}" aria-label="${c.showOne(esc(p.id))}">${c.show}</button>`
            : '';
        return (
          `<tr data-k="${esc(p.id)}"><th scope="row">${own(i) ? `<button type="button" class="lnk" data-act="sel=event:${esc(p.id)}">${name}</button>` : name}` +
          `${p.commitment ? ` <code title="${esc(p.commitment)}">${visible(p.commitment.slice(0, 12))}</code>` : ''}</th>` +
          `<td class="r">${p.leaf < 0 ? '–' : num(p.leaf)}</td><td>${c.state[p.state] ?? visible(p.state)}</td><td class="r">${look}</td></tr>`
        );
      });
    return (
      `<details><summary>${wt.references(num(all.length), all.length === 1)}</summary><table class="dues tgts"><caption class="sr">${c.list}</caption><thead><tr><th scope="col">${c.event}</th>` +
      `<th scope="col" class="r">${we.pf.leaf}</th><th scope="col">${c.proof}</th><th scope="col"><span class="sr">${c.show}</span></th></tr></thead><tbody>${rows.join('')}</tbody></table></details>`
    );
  }

  private choose(id: string): void {
    const i = this.i!,
      p = pieces(i).find(x => x.id === id),
      box = $('#pf', this.box)!;
    if (!p || !canCheck(i, p)) return;
    this.chosen = id;
    this.show(i);
    box.innerHTML = `<p><b>${wt.pr.proofOf(visible(id))}</b></p><div></div>`;
    const to = box.lastElementChild as HTMLElement;
    const draw = (e: Event | null): void => {
      if (this.chosen === id && to.isConnected) void new ProofView(e, to, Promise.resolve(null), source(i, p)).load();
    };
    if (!own(i)) return draw(null);
    getEvent(id).then(draw, (x: unknown) => {
      to.innerHTML = `<p class="mut">${we.pf.failed(whyNot(x))}</p>`;
    });
  }
}
