// Before all tests: the program as its users get it, in a process of its own, with a private
// Postgres, an identity provider, demo data, two operators and a token. After all tests: it stops as it should.

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Checker } from "./checker.ts";
import { IdentityProvider } from "./identity.ts";
import { OPERATORS, TOKEN_NAME, tell } from "./running.ts";

const START_MAX = 120_000;
const STOP_MAX = 60_000;

const binary = resolve(process.env.GROUPDESK_BIN ?? join(import.meta.dirname, "../../target/debug/groupdesk"));

/** Nothing of the caller's own settings, so that no database of theirs is ever written to. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = (name: string) => /^(DATABASE_URL$|GROUPDESK_|PG|LEPTOS_)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign(name)));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

class Program {
  private readonly log: string[] = [];

  private constructor(
    readonly dataDir: string,
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(settings: NodeJS.ProcessEnv): Promise<Program> {
    if (!existsSync(binary)) throw new Error(`${binary} is not there: build it, or name another in GROUPDESK_BIN`);
    const dataDir = await mkdtemp(join(tmpdir(), "groupdesk-e2e-"));
    // As root, Postgres runs as another user, who has to enter. What is inside is protected itself.
    await chmod(dataDir, 0o755);
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      binary,
      ["serve", "--listen", address, "--data-dir", dataDir, "--log-format", "json"],
      { cwd: dataDir, env: { ...cleanEnvironment(), ...settings }, stdio: ["ignore", "ignore", "pipe"] },
    );
    const program = new Program(dataDir, `http://${address}`, child);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => program.log.push(text));
    return program;
  }

  async ready(): Promise<void> {
    const end = Date.now() + START_MAX;
    while (Date.now() < end) {
      if (this.hasEnded()) throw new Error(`the desk ended at once:\n${this.log.join("")}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await pause(100);
    }
    throw new Error(`the desk was not ready in time:\n${this.log.join("")}`);
  }

  /** Runs a command beside the server, on its Postgres, and returns what it prints. */
  async run(args: string[], input = ""): Promise<string> {
    const all = [...args, "--data-dir", this.dataDir, "--log", "warn"];
    const child = spawn(binary, all, { cwd: this.dataDir, env: cleanEnvironment(), stdio: "pipe" });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.stdin.end(input);
    const status = await new Promise((done, failed) => child.once("error", failed).once("close", done));
    if (status !== 0) throw new Error(`groupdesk ${args.slice(0, 2).join(" ")} ended with ${status}: ${err}`);
    return out.trim();
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Asks it to end, and tells what was wrong with how it did and with its log. */
  async stop(): Promise<string[]> {
    const wrong: string[] = [];
    if (!this.hasEnded()) {
      const ended = new Promise<true>((done) => this.child.once("exit", () => done(true)));
      this.child.kill("SIGTERM");
      if (!(await Promise.race([ended, pause(STOP_MAX, false)]))) {
        wrong.push(`the desk did not stop within ${STOP_MAX / 1000} seconds`);
        this.child.kill("SIGKILL");
        await ended;
      }
    }
    if (this.child.exitCode !== 0) {
      wrong.push(`the desk ended with ${this.child.exitCode ?? this.child.signalCode}, not 0`);
    }
    if (existsSync(join(this.dataDir, "postgres/postmaster.pid"))) {
      wrong.push("the private Postgres was left running");
    }
    const lines = this.log.join("").split("\n");
    lines.forEach((line, number) => {
      // A panic says why on the lines that follow.
      if (/panicked/.test(line)) wrong.push(`in the log: ${lines.slice(number, number + 4).join("\n")}`);
      else if (/"level":"ERROR"/.test(line)) wrong.push(`in the log: ${line}`);
    });
    await rm(this.dataDir, { recursive: true, force: true });
    return wrong;
  }
}

export default async function start(): Promise<() => Promise<void>> {
  const provider = await IdentityProvider.start();
  const program = await Program.start(provider.settings);
  const { checker, url: checkerUrl } = await Checker.start(await freePort());
  try {
    await program.ready();
    const now = new Date().toISOString();
    const size = ["--groups", "30", "--workspaces", "400", "--people", "20", "--enrollments", "1500"];
    await program.run(["seed", ...size, "--until", now]);
    const passwords: Record<string, string> = {};
    for (const { email, name, role } of Object.values(OPERATORS)) {
      const password = randomBytes(18).toString("base64url");
      passwords[email] = password;
      const who = ["--email", email, "--name", name, "--role", role];
      await program.run(["operator", "add", ...who, "--password-stdin"], `${password}\n`);
    }
    const token = await program.run(["token", "create", "--name", TOKEN_NAME, "--scope", "read,write", "--system"]);
    const invited = ["--email", "kim@example.com", "--name", "Kim Vega", "--role", "support"];
    const link = await program.run(["operator", "add", ...invited]);
    const invitation = new URL(link.split("\n")[0] ?? "").pathname;
    tell({ url: program.url, token, passwords, invitation, checker: checkerUrl, issuer: provider.issuer });
  } catch (error) {
    provider.stop();
    checker.stop();
    await program.stop();
    throw error;
  }
  return async () => {
    provider.stop();
    checker.stop();
    const wrong = await program.stop();
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  };
}
