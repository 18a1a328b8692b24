// Saying something in an incident: an approver chooses, fills in, sees what would be sent and what follows, and sends it.
import {app} from '../app';
import {$, $$, fill, say as speak} from '../dom';
import {esc, num, visible} from '../format';
import {lang} from '../i18n';
import {wi, wt} from '../i18n/parts';
import {roleName} from '../people';
import {status} from '../trouble';
import {say, type No, type Rehearsal, type Whole} from './ask';
import {DUES, isOpen, left, party, stateWord, other} from './state';
import {body, fields, local, verbs, type Field} from './verbs';

const word = (name: string, v: string): string =>
  ({finding: wt.finding, action: wt.action, result: wi.result, cause: wt.cause, missing: wt.lacks})[name]?.[v] ?? v;

function control(f: Field): string {
  const id = `s-${f.name}`,
    need = f.needed ? ' required' : '',
    label = `<label for="${id}" id="l-${f.name}">${wt.field[f.kind === 'ids' ? 'ids' : f.name] ?? f.name}${f.needed ? '' : ` <span class="mut opt">${wt.optional}</span>`}</label>`;
  if (f.kind === 'choice')
    return (
      label +
      `<select id="${id}" name="${f.name}"${need}>` +
      (f.options!.length > 1 ? `<option value="">${wt.choose}</option>` : '') +
      f.options!.map(o => `<option value="${o}">${word(f.name, o)}</option>`).join('') +
      `</select>`
    );
  if (f.kind === 'many')
    return (
      `<fieldset id="${id}"><legend>${wt.field[f.name]}</legend>` +
      f.options!.map(o => `<label class="box"><input type="checkbox" name="${f.name}" value="${o}"> ${word(f.name, o)}</label>`).join('') +
      `</fieldset>`
    );
  if (f.kind === 'text' || f.kind === 'draft')
    return `${label}<textarea id="${id}" name="${f.name}" rows="3" maxlength="${f.kind === 'draft' ? 20000 : 2000}"${need}></textarea>`;
  const kind = {time: 'datetime-local" step="1', line: 'text" maxlength="200', ids: 'text" maxlength="2000', number: 'number" min="0', percent: 'number" min="0'}[f.kind];
  const more = f.kind === 'percent' ? ' max="100" step="0.0001"' : '';
  return `${label}<input id="${id}" name="${f.name}" type="${kind}"${more}${f.value ? ` value="${esc(local(f.value))}"` : ''}${need}>`;
}

export class Say {
  private one: Whole | null = null;
  private type = '';
  private list: Field[] = [];
  private ready: Record<string, unknown> | null = null;
  private began = '';
  private busy = false;

  constructor(
    private box: HTMLElement,
    private done: () => void
  ) {
    box.innerHTML = `<div id="s-verbs"></div><div id="s-form"></div><p id="s-told" role="status"></p>`;
    box.addEventListener('click', e => this.click(e.target as HTMLElement));
    box.addEventListener('input', () => this.changed());
    box.addEventListener('submit', e => {
      e.preventDefault();
      void this.preview();
    });
    // Esc leaves the form first, and with it what was typed; the drawer stays.
    box.addEventListener('keydown', e => {
      if (e.key !== 'Escape' || !this.type) return;
      e.stopPropagation();
      this.close();
    });
  }

  /** Called whenever the incident or who is signed in may be another; what is being typed stays. */
  show(i: Whole): void {
    this.one = i;
    const may = app.session?.role === 'approver',
      list = may ? verbs(i) : [];
    const why = may ? (list.length ? '' : wt.nothingToSay) : app.session ? wt.notYourRole(roleName(app.session.role)) : wt.signIn;
    fill(
      $('#s-verbs', this.box),
      why
        ? `<p class="mut">${why}</p>`
        : `<div class="row verbs" role="group" aria-label="${wt.partSay}">${list
            .map(v => `<button type="button" class="btn" data-k="${v}" data-verb="${v}" aria-expanded="${v === this.type}">${wt.verb[v]}</button>`)
            .join('')}</div>`
    );
    if (this.type && !may) this.close();
    else if (this.type && i.state !== this.began)
      fill($('#s-note', this.box), list.includes(this.type) ? wt.movedOn(stateWord(i)) : wt.noLonger(stateWord(i)));
  }

  private click(t: HTMLElement): void {
    const verb = t.closest<HTMLElement>('[data-verb]')?.dataset.verb;
    if (verb) this.open(verb === this.type ? '' : verb);
    else if (t.closest('[data-cancel]')) this.close();
    else if (t.closest('[data-send]')) void this.send();
    else if (t.closest('[data-change]')) {
      this.changed();
      this.focusFirst();
    }
  }

  private open(type: string): void {
    const i = this.one!,
      form = $('#s-form', this.box)!;
    this.type = type;
    this.began = i.state;
    this.ready = null;
    this.told('');
    this.list = type ? fields(i, type) : [];
    form.innerHTML = type
      ? `<form class="ask say" aria-label="${wt.verb[type]}"><p>${wt.hint[type] ?? ''}</p><p id="s-note" role="status"></p>${this.list.map(control).join('')}` +
        `<p id="s-no" role="alert"></p><p class="row" id="s-go"><button class="btn pri">${wt.preview}</button>` +
        `<button type="button" class="btn" data-cancel>${wt.cancel}</button></p><div id="s-then" tabindex="-1"></div></form>`
      : '';
    this.needReason();
    this.show(i);
    if (type) this.focusFirst();
  }
  private close(): void {
    const type = this.type;
    this.open('');
    $(`[data-verb="${type}"]`, this.box)?.focus();
  }
  private focusFirst(): void {
    $('#s-form input, #s-form select, #s-form textarea, #s-form .pri', this.box)?.focus();
  }
  private told(text: string): void {
    $('#s-told', this.box)!.textContent = text;
  }

  /** What was seen beforehand is no longer what would be sent. */
  private changed(): void {
    this.ready = null;
    this.no('');
    const then = $('#s-then', this.box),
      go = $('#s-go', this.box);
    if (then) then.innerHTML = '';
    if (go) go.hidden = false;
    this.needReason();
  }
  private needReason(): void {
    const text = $<HTMLTextAreaElement>('#s-reason', this.box),
      choice = $<HTMLSelectElement>('#s-finding, #s-action', this.box);
    if (!text || !choice) return;
    text.required = this.one!.reason_for?.includes(choice.value) ?? false;
    $('#l-reason .opt', this.box)!.textContent = text.required ? '' : wt.optional;
  }
  private no(text: string): void {
    const p = $('#s-no', this.box);
    if (p) p.innerHTML = text;
  }

  private read(): Record<string, unknown> {
    const of = (name: string): string[] =>
      $$<HTMLInputElement>(`#s-form [name="${name}"]`, this.box)
        .filter(e => e.type !== 'checkbox' || e.checked)
        .map(e => e.value.trim());
    return body(this.list, of);
  }

  private refuse(n: No): void {
    const e = wt.errors[n.error];
    if (e) return this.no(e);
    // The node's own sentence is English, and stands for an English reader alone.
    const why = n.code ? (wt.code[n.code] ?? wt.codeState(wi.state[n.code] ?? visible(n.code))) : (wt.refusedAs[n.status] ?? status(n.status));
    this.no(wt.refused(String(n.status), lang === 'en' ? `${why}. <span class="mut">${visible(n.text ?? n.error)}</span>` : `${why}.`));
  }

  /** Asks the node what would be sent and what would come of it: by the rules of the real thing. */
  private async preview(): Promise<void> {
    const many = this.list.find(f => f.kind === 'many'),
      what = this.read(),
      type = this.type;
    if (this.busy || this.ready || !type) return;
    if (many && !(what[many.name] as string[]).length) return this.no(wt.chooseOne);
    this.busy = true;
    this.no('');
    const a = await say(this.one!, type, what, true);
    this.busy = false;
    if (type !== this.type) return;
    if ('error' in a) return this.refuse(a);
    this.ready = what;
    $('#s-go', this.box)!.hidden = true;
    const then = $('#s-then', this.box)!;
    then.innerHTML = this.then(a);
    then.focus();
  }

  private then(a: Rehearsal): string {
    const value = (k: string, v: unknown): string =>
      !Array.isArray(v)
        ? visible(typeof v === 'string' ? word(k, v) : JSON.stringify(v))
        : v.every(x => typeof x === 'string')
          ? visible(v.map(x => word(k, x)).join(', '))
          : wt.said.evidence(num(v.length));
    const rows = Object.entries(a.message.body)
      .filter(([, v]) => v !== '' && !(Array.isArray(v) && !v.length))
      .map(([k, v]) => `<dt>${wt.field[k] ?? visible(k)}</dt><dd>${value(k, v)}</dd>`)
      .join('');
    const next = a.then,
      due = next && isOpen(next) ? DUES.filter(d => next.owed?.[d]).map(d => `${wi.dues[d]} ${left(next, d)}`) : [];
    return (
      `<div class="then"><p>${wt.wouldSend(party(a.message.to), wt.type[a.message.type] ?? visible(a.message.type), visible(a.message.tlp))}</p>` +
      `${rows ? `<dl class="kv">${rows}</dl>` : ''}` +
      (next ? `<p>${wt.wouldBe(stateWord(this.one!), stateWord(next))}${due.length ? ' ' + wt.wouldOwe(due.join(', ')) : ''}</p>` : '') +
      `<p class="mut">${wt.forEver}</p><p class="row"><button type="button" class="btn pri" data-send>${wt.send}</button>` +
      `<button type="button" class="btn" data-change>${wt.change}</button></p></div>`
    );
  }

  private async send(): Promise<void> {
    const what = this.ready,
      type = this.type;
    if (!what || this.busy) return;
    this.busy = true;
    const a = await say(this.one!, type, what, false);
    this.busy = false;
    if ('error' in a) {
      this.changed();
      return this.refuse(a);
    }
    const text = wt.sent(wt.type[type] ?? type, party(other(this.one!)));
    this.open('');
    this.told(text);
    speak(text);
    this.done();
  }
}
