// The development server: builds, serves, and rebuilds when a file changes. Open pages connect to a WebSocket by the
// script of Leptos, which reloads the page, or replaces only the style.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { setTimeout as pause } from "node:timers/promises";

// The packages are installed with the other tools and not below this file.
const require = createRequire(`${process.env.NPM_TOOLS}/package.json`);
const chokidar = require("chokidar");
const { WebSocketServer } = require("ws");

const SERVER = "target/debug/groupdesk";
const LISTEN = process.env.GROUPDESK_LISTEN ?? "127.0.0.1:3000";
const RELOAD_PORT = 3001;

const say = (text) => process.stderr.write(`\x1b[1m==> ${text}\x1b[0m\n`);

const HOST = new URL(`http://${LISTEN}`).hostname.replace(/^\[|\]$/g, "");
const pages = new WebSocketServer({ host: HOST, port: RELOAD_PORT });
const notifyPages = (message) => pages.clients.forEach((page) => page.send(JSON.stringify(message)));

let child;

/** Runs a command and resolves to true if it succeeds. */
function run(command, args) {
  child = spawn(command, args, { stdio: "inherit" });
  return new Promise((done) => {
    child.once("error", (error) => (say(`${command}: ${error.message}`), done(false)));
    child.once("close", (status) => done(status === 0));
  });
}

let server;

async function stopServer() {
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((done) => server.once("exit", done));
  server.kill("SIGTERM");
  await ended;
}

async function startServer() {
  await stopServer();
  const env = { ...process.env, LEPTOS_SITE_ROOT: "target/site", LEPTOS_WATCH: "1" };
  server = spawn(SERVER, ["serve"], { stdio: "inherit", env });
  while (server.exitCode === null && server.signalCode === null) {
    const answer = await fetch(`http://${LISTEN}/readyz`).catch(() => undefined);
    if (answer?.ok) return true;
    await pause(50);
  }
  return false;
}

async function rebuildServer() {
  const start = Date.now();
  if (!(await run("cargo", ["build", "--features", "ssr", "--bin", "groupdesk"]))) return;
  if (!(await startServer())) return say("the server exited; it starts again after the next change");
  notifyPages({ all: true });
  say(`http://${LISTEN} shows the change after ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

async function rebuildStyle() {
  if (await run("script/site", ["style"])) notifyPages({ css: "pkg/groupdesk.css" });
}

/** Restarts the server, because it reads the list of these files only when it starts. */
async function rebuildPublic() {
  if ((await run("script/site", ["style"])) && (await startServer())) notifyPages({ all: true });
}

/** Rebuilds the WebAssembly. Cargo returns at once if the change does not affect it. */
async function rebuildScript() {
  const before = await scriptVersion();
  if ((await run("script/site", ["script"])) && (await scriptVersion()) !== before) notifyPages({ all: true });
}

async function scriptVersion() {
  const answer = await fetch(`http://${LISTEN}/pkg/groupdesk.wasm`, { method: "HEAD" }).catch(() => undefined);
  return answer?.ok ? answer.headers.get("etag") : undefined;
}

// The pending builds, in order. They run one after the other, because each of them uses every core.
const pending = { style: false, public: false, server: false, script: false };
let working = false;
let ending = false;

async function work() {
  if (working) return;
  working = true;
  while (!ending) {
    if (pending.style) {
      pending.style = false;
      await rebuildStyle();
    } else if (pending.public) {
      pending.public = false;
      await rebuildPublic();
    } else if (pending.server) {
      pending.server = false;
      await rebuildServer();
    } else if (pending.script) {
      pending.script = false;
      await rebuildScript();
    } else {
      break;
    }
  }
  working = false;
}

function changed(path) {
  if (path.startsWith("style/")) pending.style = true;
  else if (path.startsWith("public/")) pending.public = true;
  else pending.server = pending.script = true;
  // Editors write several files at once.
  setTimeout(work, 50);
}

process.once("SIGINT", end);
process.once("SIGTERM", end);

async function end() {
  ending = true;
  child?.kill("SIGTERM");
  await stopServer();
  process.exit(0);
}

const watched = ["src", "style", "public", "migrations", ".sqlx", "Cargo.toml", "Cargo.lock"];
chokidar.watch(watched, { ignoreInitial: true }).on("all", (_event, path) => changed(path));
Object.assign(pending, { style: true, server: true, script: true });
await work();
