// The sensor's own record. It is foreign text: shown as text only, with everything invisible made visible.
import {getBytes, HttpError, rawPath, type Event} from '../api';
import {$} from '../dom';
import {decode, num, visible} from '../format';
import {we} from '../i18n/parts';
import {whyNot} from '../trouble';

const FIRST = 4_096;

const isBinary = (e: Event): boolean => e.raw_kind === 'packet' || e.raw_kind === 'datagram';

function dump(b: Uint8Array): string {
  const out: string[] = [];
  for (let i = 0; i < b.length; i += 16) {
    const row = [...b.subarray(i, i + 16)],
      hex = row.map(x => x.toString(16).padStart(2, '0')).join(' ');
    out.push(
      `${i.toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${visible(row.map(x => (x >= 32 && x < 127 ? String.fromCharCode(x) : '.')).join(''))}`
    );
  }
  return out.join('\n');
}

/** Shows the record; the bytes shown, or null when there are none. */
export async function loadRaw(e: Event, box: HTMLElement): Promise<Uint8Array | null> {
  if (e.raw_kind === 'none' || !e.raw_bytes) {
    box.innerHTML = `<p class="mut">${we.rw.none}</p>`;
    return null;
  }
  try {
    const bytes = await getBytes(rawPath(e.id));
    const draw = (n: number) => {
      const cut = bytes.subarray(0, n),
        more = bytes.length > n;
      box.innerHTML =
        `<p class="mut">${we.rw.bytes(num(bytes.length), visible(e.raw_kind))}</p>` +
        `<pre class="raw" dir="ltr" tabindex="0" role="region" aria-label="${we.rw.label}">${isBinary(e) ? dump(cut) : decode(cut)}</pre>` +
        (more
          ? `<p class="row"><span class="mut">${we.rw.cut(num(n), num(bytes.length))}</span><button type="button" class="btn" id="raw-all">${we.rw.more}</button></p>`
          : '');
      $('#raw-all', box)?.addEventListener('click', () => draw(bytes.length));
    };
    draw(FIRST);
    return bytes;
  } catch (x) {
    const gone = x instanceof HttpError && x.status === 410;
    box.innerHTML = `<p class="mut">${gone ? we.rw.erased : we.rw.failed(whyNot(x))}</p>`;
    return null;
  }
}
