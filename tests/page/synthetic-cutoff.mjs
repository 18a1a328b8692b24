// A made-up world of networks, and what the program itself reckons of it: the page is tested with what it will get.
// Networks of private use and user-assigned economies, as in all made-up data here; a stream of numbers decides, the same each time.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const PROGRAM = process.env.DETENTE ?? fileURLToPath(new URL('../../build/detente', import.meta.url));
/** How many networks each has, and how many of a hundred buy at home. */
const COUNTRIES = {XN: [60, 45], XS: [90, 92], XE: [40, 45], XW: [30, 60], XL: [24, 80], XA: [14, 20], XB: [12, 100]};
const TOP = [64496, 64497, 64498];
/** Abroad for everybody: they sell to many in each country, so what stays of them decides. */
const ABROAD = [64499, 64500];

export function world() {
  let seed = 204;
  const random = n => ((seed = Number((BigInt(seed) * 1103515245n + 12345n) % 2147483648n)) >> 12) % n;
  const rel = [`# input clique: ${TOP.join(' ')}`, '64496|64497|0', '64496|64498|0', '64497|64498|0'],
    cc = [...TOP, ...ABROAD].map(a => `${a} XT`),
    v4 = [...TOP, ...ABROAD].map(a => `${a} 65536`),
    carriers = {};
  let asn = 64512;
  for (const c in COUNTRIES) {
    carriers[c] = [asn, asn + 1, asn + 2];
    for (const a of carriers[c]) {
      for (const t of TOP.slice(0, 1 + (a % 3))) rel.push(`${t}|${a}|-1`);
      cc.push(`${a} ${c}`);
      v4.push(`${a} ${16384 << (a % 4)}`);
    }
    asn += 3;
  }
  for (const a of ABROAD) rel.push(`64496|${a}|-1`, `64497|${a}|-1`);
  const all = Object.values(carriers).flat();
  for (const c in COUNTRIES) {
    const [n, home] = COUNTRIES[c];
    for (let i = 3; i < n; i++, asn++) {
      const own = carriers[c][random(3) && random(3)];
      const at = random(100) < home,
        far = random(4) ? ABROAD[random(5) && 1] : all[random(all.length)];
      rel.push(`${at ? own : far}|${asn}|-1`);
      if (at && random(6) === 0) rel.push(`${asn - 1}|${asn}|0`);
      cc.push(`${asn} ${c}`);
      v4.push(`${asn} ${256 << random(6)}`);
    }
  }
  // carriers of one country do not all know each other: that is what a plan is for
  for (const c in COUNTRIES) rel.push(`64500|${carriers[c][0]}|-1`);
  for (const c in COUNTRIES) if (c !== 'XE') rel.push(`${carriers[c][0]}|${carriers[c][1]}|0`);
  return {rel: rel.join('\n') + '\n', cc: cc.join('\n') + '\n', v4: v4.join('\n') + '\n'};
}

export const SERVICES = `id,name,owner,criticality,domain,a/aaaa,login_idp,time_source,ca_issuer,cost,lead_days
sso,Ministry single sign-on,Ministry,5,,,idp.abroad.example,,,100,30
pay,"Payments <b>gateway</b>",Bank,5,,203.0.113.7,,,,50,60
tax,Tax portal,Tax,3,,192.0.2.11,,,Foreign CA,20,5
grid,Grid operator VPN,Grid,4,,192.0.2.10,,ntp.abroad.example,,20,5
duty,"Duty desk, CERT",CERT,4,,192.0.2.9,,,,,
`;
const HOME = '192.0.2.0/24 our exchange\n!203.0.113.0/24 abroad\n!name:abroad.example abroad\n';

/** Files of DIR/cutoff by name without their end: world, services, and each country. */
export function kept() {
  const dir = mkdtempSync(join(tmpdir(), 'detente-cutoff-')),
    at = (name, text) => (writeFileSync(join(dir, name), text), join(dir, name)),
    run = (...args) => execFileSync(PROGRAM, ['--dir', dir, ...args], {stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000});
  try {
    const f = world();
    at('detente.yaml', 'party: northland\ncountry: XN\n');
    run('topology', 'import', '--as-rel', at('20260101.rel', f.rel), '--as-cc', at('cc', f.cc), '--as-ipv4', at('v4', f.v4));
    run('cutoff', 'keep', '--services', at('services.csv', SERVICES), '--home-file', at('home', HOME), '--at', '2026-11-01');
    const files = readdirSync(join(dir, 'cutoff'));
    return Object.fromEntries(files.map(n => [n.replace('.json', ''), JSON.parse(readFileSync(join(dir, 'cutoff', n), 'utf8'))]));
  } finally {
    rmSync(dir, {recursive: true, force: true});
  }
}
