// Starts the program before all tests, with a private Postgres, an identity provider, demo data, operators and a token.
// After all tests it stops the program and checks the exit status and the log.

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
import { OPERATORS, setRunning, TOKEN_NAME } from "./running.ts";

const START_MAX = 120_000;
const STOP_MAX = 60_000;

const binary = resolve(process.env.GROUPDESK_BIN ?? join(import.meta.dirname, "../../target/debug/groupdesk"));

/** Removes the caller's settings, so that the tests never write to the caller's database. */
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
    if (!existsSync(binary)) throw new Error(`${binary} does not exist; build it or set GROUPDESK_BIN`);
    const dataDir = await mkdtemp(join(tmpdir(), "groupdesk-e2e-"));
    // When root runs the tests, Postgres runs as another user, who has to enter the directory. The contents have
    // permissions of their own.
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
      if (this.hasEnded()) throw new Error(`the server exited before it was ready:\n${this.log.join("")}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await pause(100);
    }
    throw new Error(`the server was not ready within ${START_MAX / 1000} seconds:\n${this.log.join("")}`);
  }

  /** Runs a command of the program on the server's Postgres and returns its standard output. */
  async run(args: string[], input = ""): Promise<string> {
    const all = [...args, "--data-dir", this.dataDir, "--log", "warn"];
    const child = spawn(binary, all, { cwd: this.dataDir, env: cleanEnvironment(), stdio: "pipe" });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.stdin.end(input);
    const status = await new Promise((done, failed) => child.once("error", failed).once("close", done));
    if (status !== 0) throw new Error(`groupdesk ${args.slice(0, 2).join(" ")} exited with ${status}: ${err}`);
    return out.trim();
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Stops the server and returns the problems with its exit and its log. */
  async stop(): Promise<string[]> {
    const problems: string[] = [];
    if (!this.hasEnded()) {
      const ended = new Promise<true>((done) => this.child.once("exit", () => done(true)));
      this.child.kill("SIGTERM");
      if (!(await Promise.race([ended, pause(STOP_MAX, false)]))) {
        problems.push(`the server did not stop within ${STOP_MAX / 1000} seconds`);
        this.child.kill("SIGKILL");
        await ended;
      }
    }
    if (this.child.exitCode !== 0) {
      problems.push(`the server exited with ${this.child.exitCode ?? this.child.signalCode}, not 0`);
    }
    if (existsSync(join(this.dataDir, "postgres/postmaster.pid"))) {
      problems.push("the private Postgres was left running");
    }
    const lines = this.log.join("").split("\n");
    lines.forEach((line, number) => {
      // The message of a panic is on the following lines.
      if (/panicked/.test(line)) problems.push(`in the log: ${lines.slice(number, number + 4).join("\n")}`);
      else if (/"level":"ERROR"/.test(line)) problems.push(`in the log: ${line}`);
    });
    await rm(this.dataDir, { recursive: true, force: true });
    return problems;
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
      const account = ["--email", email, "--name", name, "--role", role];
      await program.run(["operator", "add", ...account, "--password-stdin"], `${password}\n`);
    }
    const token = await program.run(["token", "create", "--name", TOKEN_NAME, "--scope", "read,write", "--system"]);
    const invited = ["--email", "kim@example.com", "--name", "Kim Vega", "--role", "support"];
    const link = await program.run(["operator", "add", ...invited]);
    const invitation = new URL(link.split("\n")[0] ?? "").pathname;
    setRunning({ url: program.url, token, passwords, invitation, checker: checkerUrl, issuer: provider.issuer });
  } catch (error) {
    provider.stop();
    checker.stop();
    await program.stop();
    throw error;
  }
  return async () => {
    provider.stop();
    checker.stop();
    const problems = await program.stop();
    if (problems.length > 0) throw new Error(problems.join("\n"));
  };
}
