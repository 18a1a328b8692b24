// The list of shortcuts; single keys can be turned off there (WCAG 2.1.4).
import {$, store} from '../dom';
import {wh} from '../i18n/parts';

export function openHelp(): void {
  const d = $<HTMLDialogElement>('#help')!,
    h = wh;
  if (d.open) return;
  const label = () => (store('keys') === 'off' ? h.on : h.off);
  d.innerHTML =
    `<form method="dialog"><h2 id="help-h">${h.title}</h2><dl class="keys">${h.keys.map(([k, t]) => `<dt><kbd>${k}</kbd></dt><dd>${t}</dd>`).join('')}</dl>` +
    `<p class="row"><button class="btn" type="button" id="single"></button><button class="btn pri">${h.close}</button></p></form>`;
  const b = $('#single')!;
  b.textContent = label();
  b.onclick = () => {
    store('keys', store('keys') === 'off' ? 'on' : 'off');
    b.textContent = label();
  };
  d.showModal();
}
