// A headless Chromium for the tests, with a profile of its own that is removed afterwards.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {chromium} from 'playwright-core';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
];

export async function startBrowser(options = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'detente-page-'));
  const context = await chromium.launchPersistentContext(dir, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ARGS,
    viewport: {width: 1440, height: 900},
    colorScheme: 'dark',
    ...options
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(dir, {recursive: true, force: true});
    }
  };
}

/** What no page may do is noted: hosts that are asked, errors, and what the policy refuses. */
export async function watch(page, hosts, faults) {
  page.on('request', q => hosts.add(new URL(q.url()).host));
  page.on('pageerror', e => faults.push(e.message));
  page.on('console', m => {
    if (['error', 'warning'].includes(m.type()) && !/status of [45]\d\d/.test(m.text())) faults.push(m.text());
  });
  await page.addInitScript(() => addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective}`)));
}
