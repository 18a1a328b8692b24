// The streams. One live connection a browser: a seventh tab over HTTP/1.1 would wait for ever otherwise. The tab that holds the
// lock listens and passes the frames on; where locks are missing (no secure context) each tab listens for itself. What is past is
// the same stream under another address, for one tab alone.
import type {Delta, Snapshot} from './api';
import {getNow} from './api';

export type Frame = {kind: 'snapshot'; data: Snapshot} | {kind: 'delta'; data: Delta};
type Message = {kind: 'snapshot' | 'delta'; text: string};

/** After this silence the node is asked whether it is quiet or gone. */
const SILENCE = 8_000;
/** A stream that gave no frame for so long may be half open: it is opened anew. */
const REOPEN = 45_000;

export const LIVE = '/api/v1/live';

/** Listens to a stream: each message as it came; `fail` when the connection broke, with whether the browser gave up. */
export function open(path: string, take: (m: Message) => void, fail: (gone: boolean) => void, end?: (text: string) => void): EventSource {
  const es = new EventSource(path);
  for (const kind of ['snapshot', 'delta'] as const)
    es.addEventListener(kind, e => {
      take({kind, text: (e as MessageEvent<string>).data});
    });
  if (end)
    es.addEventListener('end', e => {
      end((e as MessageEvent<string>).data);
    });
  es.onerror = () => {
    fail(es.readyState === EventSource.CLOSED);
  };
  return es;
}

/** Null when it is none. */
export function parse(m: Message): Frame | null {
  try {
    return {kind: m.kind, data: JSON.parse(m.text)};
  } catch {
    return null;
  }
}

export class Stream {
  /** Time (performance.now) of the last word from the node. */
  heard = 0;
  failing = false;
  private source: EventSource | null = null;
  private channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel('detente-live-1') : null;
  private retry = 1_000;
  private frame = 0;
  private release: (() => void) | null = null;

  constructor(private onFrame: (f: Frame) => void) {}

  start(): void {
    if (this.channel) this.channel.onmessage = e => this.take(e.data as Message);
    if (this.channel && navigator.locks) {
      navigator.locks
        .request(
          'detente-live-1',
          () =>
            new Promise<void>(done => {
              this.release = done;
              this.listen();
            })
        )
        .catch(() => this.listen());
      // A tab that does not lead gets its first state by itself and then follows.
      void this.ask();
    } else this.listen();
    setInterval(() => {
      const now = performance.now();
      if (now - this.heard > SILENCE) void this.ask();
      if (this.source && now - this.frame > REOPEN) {
        this.source.close();
        this.listen();
      }
    }, 4_000);
    addEventListener('pagehide', () => {
      this.source?.close();
      this.source = null;
      this.release?.();
      this.release = null;
    });
    addEventListener('pageshow', e => {
      if (e.persisted) location.reload();
    });
  }

  /** Asks for the whole state at once: at the start, after silence, and when a paused page goes on. */
  async ask(): Promise<void> {
    let data;
    try {
      data = await getNow();
    } catch {
      this.failing = true;
      return;
    }
    this.alive();
    this.onFrame({kind: 'snapshot', data});
  }

  private alive(): void {
    this.heard = performance.now();
    this.failing = false;
  }

  private listen(): void {
    this.frame = performance.now();
    const es = (this.source = open(
      LIVE,
      m => {
        this.retry = 1_000;
        this.frame = performance.now();
        this.channel?.postMessage(m);
        this.take(m);
      },
      gone => {
        this.failing = true;
        if (!gone || this.source !== es) return;
        // The browser gives up after an answer that is no stream; a node that restarts gives such answers.
        setTimeout(() => {
          if (this.source === es) this.listen();
        }, this.retry);
        this.retry = Math.min(10_000, this.retry * 2);
      }
    ));
  }

  private take(m: Message): void {
    const f = parse(m);
    if (!f) {
      this.failing = true;
      return;
    }
    this.alive();
    this.onFrame(f);
  }
}
