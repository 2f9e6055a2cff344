// Writes a description of the components of a release. script/sbom runs this.
//   groupdesk.cdx.json         a bill of materials (CycloneDX 1.6)
//   third-party-licenses.txt   the licenses of all libraries, which must accompany the program
//
// cargo-cyclonedx describes one set of features for one platform, but a release has two: the server and the
// WebAssembly. Both lists come from "cargo tree", without dependencies that only tests and builds need.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PARTS = [
  { name: 'server', features: 'ssr', target: 'x86_64-unknown-linux-gnu' },
  { name: 'browser', features: 'hydrate', target: 'wasm32-unknown-unknown' },
];
const LICENSE_FILE = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;

const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const key = (crate) => `${crate.name}@${crate.version}`;

// Returns the crates that are linked into a part, as name@version.
function linked({ features, target }) {
  const tree = run('cargo', 'tree', '--locked', '--package', 'groupdesk', '--features', features, '--target', target,
    '--edges', 'normal,no-proc-macro', '--prefix', 'none', '--format', '{p}');
  return new Set([...tree.matchAll(/^(\S+) v(\S+)/gm)].map(([, name, version]) => `${name}@${version}`));
}

// Returns all crates of a release, each with its cargo metadata, the parts that contain it, and its dependencies.
function collect() {
  const crates = new Map();
  for (const part of PARTS) {
    const wanted = linked(part);
    const metadata = JSON.parse(run('cargo', 'metadata', '--locked', '--format-version', '1',
      '--features', part.features, '--filter-platform', part.target));
    const byId = new Map(metadata.packages.map((crate) => [crate.id, crate]));
    for (const node of metadata.resolve.nodes) {
      const crate = byId.get(node.id);
      if (!wanted.delete(key(crate))) continue;
      const entry = crates.get(key(crate)) ?? { ...crate, parts: [], needs: new Set() };
      entry.parts.push(part.name);
      for (const dep of node.deps) {
        if (dep.dep_kinds.some(({ kind }) => kind === null)) entry.needs.add(key(byId.get(dep.pkg)));
      }
      crates.set(key(crate), entry);
    }
    if (wanted.size) throw new Error(`"cargo metadata" does not describe ${[...wanted].join(', ')}`);
  }
  return [...crates.values()].sort((a, b) => compare(key(a), key(b)));
}

// Returns the SHA-256 of every crate from the registry.
function checksums() {
  const blocks = readFileSync('Cargo.lock', 'utf8').split('[[package]]');
  const value = (block, name) => block.match(new RegExp(`^${name} = "(.*)"`, 'm'))?.[1];
  return new Map(blocks.map((block) => [`${value(block, 'name')}@${value(block, 'version')}`, value(block, 'checksum')]));
}

const purl = (crate) => `pkg:cargo/${encodeURIComponent(crate.name)}@${encodeURIComponent(crate.version)}`;

function component(crate, sums) {
  const links = { vcs: crate.repository, website: crate.homepage, documentation: crate.documentation };
  return {
    type: 'library',
    'bom-ref': purl(crate),
    name: crate.name,
    version: crate.version,
    ...(crate.description && { description: crate.description.trim() }),
    scope: 'required',
    ...(sums.get(key(crate)) && { hashes: [{ alg: 'SHA-256', content: sums.get(key(crate)) }] }),
    // Before Cargo supported SPDX expressions, a slash meant "OR".
    ...(crate.license && { licenses: [{ expression: crate.license.replaceAll(/\s*\/\s*/g, ' OR ') }] }),
    purl: purl(crate),
    externalReferences: Object.entries(links).filter(([, url]) => url).map(([type, url]) => ({ type, url })),
    properties: crate.parts.map((value) => ({ name: 'groupdesk:part', value })),
  };
}

function billOfMaterials(crates, time) {
  const sums = checksums();
  const root = crates.find(({ name }) => name === 'groupdesk');
  const shipped = new Set(crates.map(key));
  const rust = run('rustc', '--version').split(' ')[1];
  const library = {
    type: 'library', 'bom-ref': `pkg:generic/rust-std@${rust}`, name: 'rust-std', version: rust,
    description: "Rust's standard library", scope: 'required', licenses: [{ expression: 'MIT OR Apache-2.0' }],
    purl: `pkg:generic/rust-std@${rust}`,
  };
  const { scope, properties, ...application } = component(root, sums);
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: time,
      lifecycles: [{ phase: 'build' }],
      tools: { components: [{ type: 'application', name: 'cargo', version: run('cargo', '--version').split(' ')[1] }] },
      component: { ...application, type: 'application' },
    },
    components: [...crates.filter((crate) => crate !== root).map((crate) => component(crate, sums)), library],
    dependencies: [
      ...crates.map((crate) => ({
        ref: purl(crate),
        dependsOn: [
          ...crates.filter((other) => shipped.has(key(other)) && crate.needs.has(key(other))).map(purl),
          ...(crate === root ? [library['bom-ref']] : []),
        ],
      })),
      { ref: library['bom-ref'] },
    ],
  };
  // The serial number is a hash of the content, so that two builds of a commit have the same one.
  const hex = createHash('sha256').update(JSON.stringify(bom)).digest('hex');
  bom.serialNumber = `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return bom;
}

// Returns each license text once, with the crates that it applies to.
function licenses(crates) {
  const texts = new Map();
  const without = [];
  for (const crate of crates.filter(({ name }) => name !== 'groupdesk')) {
    const folder = dirname(crate.manifest_path);
    const files = readdirSync(folder, { withFileTypes: true })
      .filter((file) => file.isFile() && LICENSE_FILE.test(file.name)).map((file) => file.name).sort();
    if (!files.length) without.push(`${crate.name} ${crate.version}: ${[crate.license, ...crate.authors].join(', ')}`);
    for (const file of files) {
      const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
      if (!texts.has(text)) texts.set(text, new Set());
      texts.get(text).add(`${crate.name} ${crate.version}`);
    }
  }
  const rule = '-'.repeat(78);
  const sections = [...texts].map(([text, names]) => `${rule}\n${[...names].join(', ')}\n${rule}\n\n${text}\n`);
  return [
    'groupdesk contains the libraries below, each under its own license.\n',
    ...sections,
    `${rule}\nLibraries that name a license but do not contain its text\n${rule}\n\n${without.join('\n')}\n`,
  ].join('\n');
}

const folder = process.argv[2];
const epoch = process.env.SOURCE_DATE_EPOCH;
const time = new Date(epoch ? epoch * 1000 : Date.now()).toISOString().replace(/\.\d+Z$/, 'Z');
const crates = collect();
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'groupdesk.cdx.json'), `${JSON.stringify(billOfMaterials(crates, time), null, 2)}\n`);
writeFileSync(join(folder, 'third-party-licenses.txt'), licenses(crates));
