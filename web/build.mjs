// Builds the page: node web/build.mjs [directory]. Writes index.html, assets/ with names by content, .gz beside each, assets.c.
import {createHash} from 'node:crypto';
import {execFileSync} from 'node:child_process';
import {createRequire} from 'node:module';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import * as fs from 'node:fs';
import {assetsC} from './assets-c.mjs';
import {landDots} from './land.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, 'dist'));
const TYPES = {js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', html: 'text/html; charset=utf-8'};

async function loadEsbuild() {
  const require = createRequire(import.meta.url);
  const run = () =>
    import('esbuild').then(async m => {
      await m.transform('0');
      return m;
    });
  try {
    return await run();
  } catch {
    // Where npm holds back install scripts, esbuild lacks its last step; it is done here.
    execFileSync(process.execPath, [join(dirname(require.resolve('esbuild/package.json')), 'install.js')], {stdio: 'ignore'});
    return run();
  }
}

/** The dots come in as a virtual module: nothing generated lies in the source tree. */
const land = {
  name: 'land',
  setup(build) {
    build.onResolve({filter: /^virtual:land$/}, () => ({path: 'land', namespace: 'virtual'}));
    build.onLoad({filter: /.*/, namespace: 'virtual'}, () => ({contents: JSON.stringify(landDots()), loader: 'json'}));
  }
};

async function bundle() {
  const esbuild = await loadEsbuild();
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: {app: 'src/main.ts', style: 'src/style/index.css', views: 'src/style/views.css'},
    outdir: join(out, 'assets'),
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    entryNames: '[name].[hash]',
    chunkNames: '[name].[hash]',
    plugins: [land],
    logLevel: 'warning'
  });
  await esbuild.stop?.();
  return result;
}

const etag = data => `\\"${createHash('sha256').update(data).digest('hex').slice(0, 16)}\\"`;
const asset = (path, data, immutable) => ({
  path,
  type: TYPES[path.split('.').pop()] ?? TYPES.html,
  etag: etag(data),
  immutable,
  raw: data,
  gz: gzipSync(data, {level: 9})
});

function write(assets) {
  // Only what a build makes is removed, never the directory itself: it may be somebody's build directory.
  fs.rmSync(join(out, 'assets'), {recursive: true, force: true});
  fs.mkdirSync(join(out, 'assets'), {recursive: true});
  for (const a of assets) {
    const file = join(out, a.path === '/' ? 'index.html' : a.path);
    fs.writeFileSync(file, a.raw);
    fs.writeFileSync(file + '.gz', a.gz);
  }
  fs.writeFileSync(join(out, 'assets.c'), assetsC(assets));
}

function firstLoad(meta) {
  const outputs = Object.entries(meta.outputs),
    first = new Set();
  const add = name => {
    if (first.has(name)) return;
    first.add(name);
    for (const i of meta.outputs[name].imports) if (i.kind === 'import-statement') add(i.path);
  };
  for (const [name, o] of outputs) if (/src\/(main\.ts|style\/index\.css)$/.test(o.entryPoint ?? '')) add(name);
  return new Set([...first].map(n => n.split('/').pop()));
}

const built = await bundle();
const files = built.outputFiles.map(f => asset('/assets/' + f.path.split(/[\\/]/).pop(), Buffer.from(f.contents), true));
const named = kind => files.find(f => f.path.startsWith(`/assets/${kind}`)).path;
const first = firstLoad(built.metafile);
// What the entry imports at once is named in the page, or it would be asked for one round trip later.
const preload = files
  .filter(f => f.path.includes('/chunk.') && first.has(f.path.split('/').pop()))
  .map(f => `<link rel="modulepreload" href="${f.path}">`)
  .join('\n');
const html = fs
  .readFileSync(join(here, 'src/index.html'), 'utf8')
  .replace('{{style}}', named('style.'))
  .replace('{{views}}', named('views.'))
  .replace('{{app}}', named('app.'))
  .replace('{{preload}}', preload);
const assets = [asset('/', Buffer.from(html), false), ...files];
write(assets);

let sum = 0;
for (const a of assets) {
  const now = a.path === '/' || first.has(a.path.split('/').pop());
  if (now) sum += a.gz.length;
  console.log(a.path.padEnd(32), String(a.gz.length).padStart(7), 'B gzip', now ? 'first load' : 'on demand');
}
console.log('first load'.padEnd(32), String(sum).padStart(7), 'B gzip');
