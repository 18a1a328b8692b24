// The proof of one event, and its verification in this browser: over the file's bytes, with the log's key from /api/v1/node.
import {getBytes, getEvent, proofPath, type Event} from '../api';
import {app} from '../app';
import {$} from '../dom';
import {hms, num, plain, timeTag, visible} from '../format';
import {we} from '../i18n/parts';
import {open, STEPS, verify, type Facts, type Result, type StepName} from '../proof/verify';
import {hex} from '../proof/merkle';
import {Why} from '../proof/why';
import type {Proof} from '../proof/parts';
import type {TlogProof} from '../proof/note';
import {whyNot} from '../trouble';

const SHAPES = {
  ok: '<path d="M3 8.6l3.3 3.2L13 4.6"/>',
  over: '<path d="M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4"/>',
  unk: '<path d="M5.2 5.9a2.8 2.8 0 1 1 4.2 2.4C8.4 8.9 8 9.3 8 10.4"/><circle class="f" cx="8" cy="13.2" r="1.1"/>'
};
type Mark = keyof typeof SHAPES;
const mark = (m: Mark, text: string): string =>
  `<span class="v v-${m}"><svg class="sh" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[m]}</svg><span>${text}</span></span>`;
const markOf = (ok: boolean | undefined): Mark => (ok ? 'ok' : ok === false ? 'over' : 'unk');
const short = (h: string): string => `<code title="${h}">${h.slice(0, 12)}…${h.slice(-6)}</code>`;
const list = (hashes: string[]): string => `<ol class="path">${hashes.map(h => `<li><code>${h}</code></li>`).join('')}</ol>`;

/** In the catalogue's words. */
function reason(x: unknown): string {
  if (!(x instanceof Why)) return whyNot(x);
  const say = we.pf.why[x.why];
  return visible(typeof say === 'string' ? say : say(x.of));
}

/** Where a proof comes from, and what it is to prove. */
export type Source = {
  id: string;
  path: string;
  /** Name of the file, for saving and for the command. */
  file: string;
  command: string;
  /** Verifier keys: of the log, one of which must have signed, and of those who may cosign. */
  logs: string[];
  others: () => Promise<string[]>;
  /** What the proof says and what was told, where there is no event to compare with. */
  pairs: (f: Facts, commitment: string) => [label: string, proven: string, told: string][];
};
const ofEvent = (id: string): Source => ({
  id,
  path: proofPath(id),
  file: `${id}.detente-proof`,
  command: we.pf.command(id),
  logs: [app.node?.vkey ?? ''],
  others: () => Promise.resolve([]),
  pairs: () => []
});

/** A block closes within seconds. */
const AGAIN = 3_000;

export class ProofView {
  private bytes: Uint8Array | null = null;
  private turn = 0;

  constructor(
    /** Null: not one of this node's. */
    private e: Event | null,
    private box: HTMLElement,
    /** The bytes shown as raw, once they are there. */
    private raw: Promise<Uint8Array | null>,
    private s: Source = ofEvent(e!.id)
  ) {}

  async load(): Promise<void> {
    // Before its block is closed an event has no proof; asked again until it has, or until the drawer is closed.
    if (this.e && !this.e.log) {
      this.box.innerHTML = `<p class="mut">${we.pf.open}</p>`;
      setTimeout(() => {
        if (this.box.isConnected) void this.again();
      }, AGAIN);
      return;
    }
    this.box.innerHTML = `<p class="mut">${we.pf.loading}</p>`;
    try {
      this.bytes = await getBytes(this.s.path);
      this.draw(open(this.bytes));
    } catch (x) {
      this.box.innerHTML = this.bytes
        ? this.buttons()
        : `<p class="mut">${we.pf.failed(reason(x))}</p>`;
      // A file that cannot be opened is still verified step by step: that says what is wrong with it.
      if (this.bytes) this.bind();
    }
  }

  private async again(): Promise<void> {
    try {
      this.e = await getEvent(this.s.id);
    } catch {
      /* asked again in a while */
    }
    if (this.box.isConnected) await this.load();
  }

  private draw(o: {proof: Proof; log: TlogProof}): void {
    const {proof: p, log} = o,
      c = log.checkpoint,
      head = /"block":(\d+)/.exec(p.entry)?.[1] ?? '?';
    const signed = this.e?.log?.signed,
      t = signed ? Date.parse(signed) : NaN;
    this.box.innerHTML =
      `<dl class="kv"><dt>${we.pf.leaf}</dt><dd>${we.pf.leafAt(num(log.index), num(c.size))}, ${we.pf.blockAt(head, num(p.index), num(p.events))}</dd>` +
      (this.e?.log ? `<dt>${we.pf.commitment}</dt><dd>${short(visible(this.e.log.commitment))}</dd>` : '') +
      `<dt>${we.pf.head}</dt><dd>${num(c.size)}, ${we.pf.root} ${short(hex(c.root))}</dd>` +
      `<dt>${we.pf.signature}</dt><dd>${c.signatures.map(s => visible(s.name)).join('<br>')}` +
      `${Number.isNaN(t) ? '' : ` <span class="mut">${timeTag(signed!, hms(t) + ' UTC')}</span>`}</dd></dl>` +
      `<details><summary>${we.pf.blockPath(p.path.length)}</summary>${list(p.path)}</details>` +
      `<details><summary>${we.pf.logPath(log.hashes.length)}</summary>${list(log.hashes.map(hex))}</details>` +
      this.buttons();
    this.bind();
  }

  private buttons(): string {
    return (
      `<div class="row"><button type="button" class="btn pri" id="verify">${we.pf.verify}</button>` +
      `<button type="button" class="btn" id="verify-bad">${we.pf.change}</button>` +
      `<a class="btn" id="proof-file" href="${plain(this.s.path)}" download="${plain(this.s.file)}">${we.pf.download}</a></div>` +
      `<p class="mut">${we.pf.inBrowser}</p><div id="vres" role="status"></div><ol class="steps" id="vsteps"></ol>` +
      `<div class="copy"><code>${visible(this.s.command)}</code><button type="button" class="btn" id="copy">${we.pf.copy}</button></div>`
    );
  }

  private bind(): void {
    $('#verify', this.box)!.onclick = () => this.run(this.bytes!, '');
    $('#verify-bad', this.box)!.onclick = () => {
      const [bytes, says] = this.changed();
      void this.run(bytes, says);
    };
    $('#copy', this.box)!.onclick = ev => {
      const b = ev.currentTarget as HTMLElement;
      navigator.clipboard?.writeText(this.s.command).then(
        () => {
          b.textContent = we.pf.copied;
        },
        () => undefined
      );
    };
  }

  /** A copy with one byte changed, each time in another field; always a byte that the log's own signature covers. */
  private changed(): [Uint8Array, string] {
    const names = ['public', 'raw', 'path', 'private', 'entry', 'target', 'tlog_proof'],
      copy = this.bytes!.slice();
    const text = new TextDecoder('latin1').decode(copy);
    for (let n = 0; n < names.length; n++) {
      const name = names[this.turn++ % names.length],
        at = text.indexOf(`"${name}":`);
      if (at < 0) continue;
      // The first digit well inside the value: the file stays readable, only its meaning changes.
      let i = at + name.length + (name === 'tlog_proof' ? 60 : 24);
      while (i < copy.length && !/[1-8]/.test(text[i])) i++;
      if (i >= copy.length) continue;
      copy[i] ^= 1;
      return [copy, we.pf.changed(num(i), name, `“${text[i]}”`, `“${String.fromCharCode(copy[i])}”`)];
    }
    copy[0] ^= 1;
    return [copy, we.pf.changed('0', '{', '', '')];
  }

  private async run(bytes: Uint8Array, says: string): Promise<void> {
    const out = $('#vres', this.box)!,
      steps = $('#vsteps', this.box)!;
    if (!globalThis.crypto?.subtle) {
      out.innerHTML = mark('unk', we.pf.noCrypto);
      return;
    }
    const begun = performance.now(),
      r = await this.verified(bytes),
      ms = (performance.now() - begun).toFixed(0);
    const shown = r.facts ? await this.differs(r.facts, r.steps.find(s => s.name === 'event')?.detail ?? '') : '',
      ok = shown ? false : r.ok;
    const word = ok ? we.pf.ok(ms) : ok === false ? we.pf.bad : we.pf.unable;
    out.innerHTML = (says ? `<p>${says}</p>` : '') + mark(markOf(ok), word);
    steps.innerHTML =
      STEPS.map(n => this.step(n, r)).join('') +
      (r.facts ? this.line('shown', shown ? 'over' : 'ok', shown) : this.line('shown', 'unk', we.pf.notReached));
  }

  /** By the key whose name the file gives, when the log had several. */
  private async verified(bytes: Uint8Array): Promise<Result> {
    const others = await this.s.others().catch(() => []);
    let r: Result | null = null;
    for (const log of this.s.logs) {
      r = await verify(bytes, log, others);
      if (r.ok !== false) break;
    }
    return r ?? verify(bytes, '', others);
  }

  private step(n: StepName, r: Result): string {
    const s = r.steps.find(x => x.name === n);
    if (!s) return this.line(n, 'unk', we.pf.notReached);
    if (s.ok === undefined) return this.line(n, 'unk', we.pf.noEd25519);
    if (n === 'cosign' && s.ok && !s.detail) return this.line(n, 'unk', we.pf.e1 + (r.unknown ? `; ${we.pf.unknownLines(r.unknown)}` : ''));
    if (s.why) return this.line(n, 'over', reason(s.why));
    if (n === 'cosign' && s.ok) return this.line(n, 'ok', r.cosigners.map(c => visible(c.name) + (c.time ? ' ' + timeTag(new Date(c.time * 1000).toISOString(), hms(c.time * 1000) + ' UTC') : '')).join('<br>'));
    if (n === 'file' && s.ok) return this.line(n, 'ok', we.pf.size(num(Number(s.detail))));
    if (n === 'inner' && s.ok && !s.detail) return this.line(n, 'ok', we.pf.closed);
    return this.line(n, s.ok ? 'ok' : 'over', s.detail.length === 64 && /^[0-9a-f]+$/.test(s.detail) ? short(s.detail) : visible(s.detail));
  }

  private line(n: string, m: Mark, detail: string): string {
    const word = m === 'ok' ? '✓' : m === 'over' ? '✕' : '?';
    return `<li data-step="${n}" data-ok="${word}">${mark(m, we.pf.steps[n])} <span class="mut">${detail}</span></li>`;
  }

  /** A valid proof of another event would prove nothing about what is shown here. */
  private async differs(f: Facts, commitment: string): Promise<string> {
    const e = this.e;
    if (!e)
      return this.s
        .pairs(f, commitment)
        .filter(x => x[1] !== x[2])
        .map(x => we.pf.differs(x[0], visible(x[1]), visible(x[2])))
        .join('; ');
    const p = f.public,
      q = f.private,
      t = f.target;
    const pairs: [keyof typeof we.pf.fields, unknown, unknown][] = [
      ['id', `${f.block}-${f.index}`, e.id],
      ['time', p[1], e.time],
      ['kind', p[3], e.kind],
      ['class', p[4], e.class],
      ['severity', p[5], e.severity],
      ['count', p[6], e.count],
      ['asn', p[7], e.origin.asn],
      ['country', p[8], e.origin.country],
      ['grade', p[9], e.grade],
      ['flags', p[10].join(), e.flags.join()]
    ];
    if (q)
      pairs.push(
        ['address', q[1], e.origin.address],
        ['port', q[2], e.origin.port],
        ['protocol', q[3], e.protocol],
        ['rule', q[4], e.rule]
      );
    if (t) pairs.push(['target', t[1], e.target.address], ['targetPort', t[2], e.target.port], ['sensor', t[5], e.sensor]);
    const raw = f.raw && (await this.raw);
    if (raw && hex(f.raw!) !== hex(raw)) pairs.push(['raw', we.pf.rawSize(num(f.raw!.length)), we.pf.otherBytes(num(raw.length))]);
    return pairs
      .filter(x => x[1] !== x[2])
      .map(x => we.pf.differs(we.pf.fields[x[0]], visible(String(x[1])), visible(String(x[2]))))
      .join('; ');
  }
}
