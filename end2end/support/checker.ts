// Runs the Nu HTML checker as a service, because starting a process for each page would take longer than the test.

import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { setTimeout as pause } from "node:timers/promises";

const START_MAX = 60_000;

interface Message {
  type: string;
  message: string;
  extract?: string;
}

export class Checker {
  private constructor(private readonly child: ChildProcess) {}

  static async start(port: number): Promise<{ checker: Checker; url: string }> {
    const jar = createRequire(import.meta.url).resolve("vnu-jar/build/dist/vnu.jar");
    const bound = "-Dnu.validator.servlet.bind-address=127.0.0.1";
    const args = ["-Xmx512m", bound, "-cp", jar, "nu.validator.servlet.Main", String(port)];
    const child = spawn("java", args, { stdio: "ignore" });
    const url = `http://127.0.0.1:${port}/?out=json`;
    const end = Date.now() + START_MAX;
    while (Date.now() < end && child.exitCode === null) {
      // Without a document the checker returns an error, and any response means that it is running.
      if (await fetch(url).then(() => true, () => false)) return { checker: new Checker(child), url };
      await pause(200);
    }
    child.kill();
    throw new Error("the HTML checker did not start; is Java installed?");
  }

  stop(): void {
    this.child.kill();
  }
}

/** Returns the errors and warnings for this HTML document. */
export async function htmlErrors(checker: string, html: string): Promise<string[]> {
  const headers = { "content-type": "text/html; charset=utf-8" };
  const answer = await fetch(checker, { method: "POST", headers, body: html });
  const { messages } = (await answer.json()) as { messages: Message[] };
  const errors = messages.filter(({ type, message }) => type !== "info" || message.includes("warning"));
  return errors.map(({ message, extract }) => `${message} ${extract ?? ""}`);
}
