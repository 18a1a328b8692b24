// Verifies an event proof over the bytes of its file, step by step, without asking anybody.
import {canonical, text, utf8} from './canon';
import {cat, hex, leafHash, rootOf, sha, unhex} from './merkle';
import {check, NoEd25519, tlogProof, vkey, type Key, type TlogProof} from './note';
import {blockLeaf, fields, privatePart, publicPart, targetPart, type Private, type Proof, type Public, type Target} from './parts';
import {Why, type WhyName} from './why';

export type StepName = 'file' | 'parts' | 'inner' | 'event' | 'path' | 'leaf' | 'tree' | 'head' | 'cosign';
export const STEPS: StepName[] = ['file', 'parts', 'inner', 'event', 'path', 'leaf', 'tree', 'head', 'cosign'];
/** ok: undefined where this browser cannot tell. detail: a hash, a number, names; why: of a step that failed. */
export type Step = {name: StepName; ok: boolean | undefined; detail: string; why?: Why};
export type Cosigner = {name: string; time: number};
export type Facts = {public: Public; private?: Private; target?: Target; raw?: Uint8Array; index: number; block: number};
export type Result = {ok: boolean | undefined; steps: Step[]; facts?: Facts; cosigners: Cosigner[]; unknown: number};

const MIB = 1 << 20;
const fail = (why: WhyName, of = ''): never => {
  throw new Why(why, of);
};

/** The file as an object, for looking at; verification begins anew from the bytes. */
export function open(bytes: Uint8Array): {proof: Proof; log: TlogProof} {
  const proof = fields(canonical(text(bytes).replace(/\n$/, '')));
  return {proof, log: tlogProof(proof.tlog_proof)};
}

class Run {
  steps: Step[] = [];
  cosigners: Cosigner[] = [];
  unknown = 0;
  facts?: Facts;
  private p!: Proof;
  private log!: TlogProof;
  private commitment!: Uint8Array;
  private root!: Uint8Array;
  private leaf!: ReturnType<typeof blockLeaf>;

  constructor(
    private bytes: Uint8Array,
    private keys: {log: string; others: string[]}
  ) {}

  private async step(name: StepName, f: () => Promise<string> | string): Promise<boolean> {
    try {
      this.steps.push({name, ok: true, detail: await f()});
      return true;
    } catch (e) {
      const lacks = e instanceof NoEd25519;
      this.steps.push({
        name,
        ok: lacks ? undefined : false,
        detail: lacks || e instanceof Why ? '' : e instanceof Error ? e.message : String(e),
        why: e instanceof Why ? e : undefined
      });
      return lacks;
    }
  }

  async all(): Promise<Result> {
    const work: [StepName, () => Promise<string> | string][] = [
      ['file', () => this.file()],
      ['parts', () => this.parts()],
      ['inner', () => this.inner()],
      ['event', () => this.event()],
      ['path', () => this.path()],
      ['leaf', () => this.block()],
      ['tree', () => this.tree()],
      ['head', () => this.head()],
      ['cosign', () => this.cosign()]
    ];
    for (const [name, f] of work) if (!(await this.step(name, f))) break;
    const ok = this.steps.some(s => s.ok === false)
      ? false
      : this.steps.every(s => s.ok) && this.steps.length === STEPS.length
        ? true
        : undefined;
    return {ok, steps: this.steps, facts: ok === false ? undefined : this.facts, cosigners: this.cosigners, unknown: this.unknown};
  }

  private file(): string {
    if (this.bytes.length > MIB) fail('large');
    const s = text(this.bytes);
    if (!s.endsWith('\n')) fail('newline');
    this.p = fields(canonical(s.slice(0, -1)));
    this.log = tlogProof(this.p.tlog_proof);
    return String(this.bytes.length);
  }

  private parts(): string {
    const p = this.p;
    const prv = p.private === undefined ? undefined : privatePart(p.private),
      raw = p.raw === undefined ? undefined : unhex(p.raw);
    this.facts = {
      public: publicPart(p.public),
      private: prv,
      target: p.target === undefined ? undefined : targetPart(p.target),
      raw,
      index: p.index,
      block: -1
    };
    return ['public', prv && 'private', p.target && 'target', raw && 'raw'].filter(Boolean).join(', ');
  }

  private async inner(): Promise<string> {
    const p = this.p,
      prv = this.facts!.private,
      done: string[] = [];
    if (p.target !== undefined) {
      if (hex(await sha(unhex(p.salt_target!), utf8.encode(p.target))) !== prv![5]) fail('target');
      done.push('target');
    }
    if (p.raw !== undefined) {
      if (hex(await sha(unhex(p.salt_raw!), this.facts!.raw!)) !== prv![7]) fail('raw');
      done.push('raw');
    }
    return done.join(', ');
  }

  private async event(): Promise<string> {
    const p = this.p,
      pub = await sha(unhex(p.salt_public), utf8.encode(p.public));
    const prv = p.private === undefined ? unhex(p.private_hash!) : await sha(unhex(p.salt_private!), utf8.encode(p.private));
    this.commitment = await leafHash(cat(utf8.encode('detente/event/v1\n'), pub, prv));
    return hex(this.commitment);
  }

  private async path(): Promise<string> {
    this.root = await rootOf(this.commitment, this.p.index, this.p.events, this.p.path.map(unhex));
    // The root is compared here, so that a wrong byte fails at the path and not only at the leaf's form.
    const m = /"root":"([0-9a-f]{64})"/.exec(this.p.entry);
    if (!m || m[1] !== hex(this.root)) fail('root');
    return hex(this.root);
  }

  private block(): string {
    this.leaf = blockLeaf(this.p.entry);
    if (this.leaf.root !== hex(this.root)) fail('leafRoot');
    if (this.leaf.events !== this.p.events) fail('leafEvents');
    this.facts!.block = this.leaf.block;
    return `${this.leaf.block}`;
  }

  private async tree(): Promise<string> {
    const {index, hashes, checkpoint: c} = this.log,
      entry = utf8.encode(this.p.entry);
    if (hex(await rootOf(await leafHash(entry), index, c.size, hashes)) !== hex(c.root)) fail('root');
    return `${index} / ${c.size}`;
  }

  private async head(): Promise<string> {
    const c = this.log.checkpoint,
      k = await vkey(this.keys.log);
    if (k.alg !== 1) fail('keyRole');
    if (c.origin !== this.p.origin || c.origin !== k.name) fail('origin');
    const seen = new Set<string>(),
      others: Key[] = await Promise.all(this.keys.others.map(vkey));
    for (const s of c.signatures) {
      const id = `${s.name} ${s.id}`;
      if ([k, ...others].some(o => o.name === s.name && o.id === s.id) && seen.has(id)) fail('twice', s.name);
      seen.add(id);
    }
    const own = c.signatures.find(s => s.name === k.name && s.id === k.id) ?? fail('unsigned');
    await check(c, own as Exclude<typeof own, never>, k);
    return k.name;
  }

  private async cosign(): Promise<string> {
    const c = this.log.checkpoint,
      own = await vkey(this.keys.log),
      others = await Promise.all(this.keys.others.map(vkey));
    for (const s of c.signatures) {
      if (s.name === own.name && s.id === own.id) continue;
      const k = others.find(o => o.name === s.name && o.id === s.id);
      if (!k) {
        this.unknown++;
        continue;
      }
      this.cosigners.push({name: k.name, time: await check(c, s, k)});
    }
    return this.cosigners.map(x => x.name).join(', ');
  }
}

/** `log` is the log's verifier key, `others` those of cosigners the reader knows. */
export const verify = (bytes: Uint8Array, log: string, others: string[] = []): Promise<Result> => new Run(bytes, {log, others}).all();
